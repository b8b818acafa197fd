import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);

test("the built package serves MCP and imports a file, from plain JavaScript", {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hubspot-sync-package-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  await run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", join(folder, "dist")]);
  await cp("package.json", join(folder, "package.json"));
  await cp("data", join(folder, "data"), { recursive: true });
  await symlink(resolve("node_modules"), join(folder, "node_modules"));

  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(folder, "dist", "main.js"), "stdio"],
      env: {
        DATABASE_URL: join(folder, "test.db"),
        IMPORT_ROOTS: join(folder, "data", "samples"),
        AUTO_ENRICH_ON_IMPORT: "false",
        HTTP_PORT: "0",
        LOG_LEVEL: "error",
      },
    }),
  );
  const path = join(folder, "data", "samples", "contacts.csv");
  const imported = await client.callTool({
    name: "import",
    arguments: { source: "csv", path, wait_seconds: 20 },
  });
  await client.close();

  expect(imported.structuredContent).toMatchObject({
    status: "completed",
    progress: { done: 652 },
  });
});
