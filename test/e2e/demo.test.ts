import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the demo runs to its end and every claim it makes about itself holds", {
  timeout: 180_000,
}, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["mcp-server/demo.ts"]);

  expect(stdout).not.toContain("✗");
  expect(stdout).toMatch(/\d{2,} checks held, 0 did not/);
});
