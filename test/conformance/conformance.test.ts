/** The official MCP conformance suite, against our own wiring. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { openDoors, openServices } from "../doors/stack.ts";
import { addConformanceFixtures } from "./fixtures.ts";

const suite = join(
  dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json")),
  "dist/index.js",
);
const baseline = fileURLToPath(new URL("./conformance-baseline.yml", import.meta.url));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openServer(extend?: typeof addConformanceFixtures): Promise<string> {
  const services = await openServices();
  closing.push(() => services.close());
  const doors = await openDoors(services, extend ? { extend } : {});
  closing.push(() => doors.close());
  return `${doors.http.url}/mcp`;
}

async function runSuite(url: string, extra: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const { promise, resolve } = Promise.withResolvers<{ code: number; report: string }>();
  const args = [suite, "server", "--url", url, "-o", folder, "--suite", "active", ...extra];
  execFile(process.execPath, args, { cwd: folder, timeout: 90_000 }, (error, stdout, stderr) => {
    const code = error ? Number(error.code ?? 1) : 0;
    const report = `${stdout}${stderr}`;
    resolve({ code, report: report.slice(report.indexOf("=== SUMMARY")) });
  });
  return await promise;
}

test("passes every active scenario with the suite's fixtures added", async () => {
  const { code, report } = await runSuite(await openServer(addConformanceFixtures));

  expect(report).toMatch(/Total: \d+ passed, 0 failed/);
  expect(report.match(/^✓ /gm)).toHaveLength(30);
  expect(code, report).toBe(0);
}, 120_000);

test("fails only the scenarios that need fixtures when run as the product it is", async () => {
  const { code, report } = await runSuite(await openServer(), ["--expected-failures", baseline]);

  expect(report).toContain("Baseline check passed");
  expect(code, report).toBe(0);
}, 120_000);
