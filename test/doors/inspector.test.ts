/** The Inspector's command line finds nothing to object to in the list of tools. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Doors, openDoors, openServices, type Services } from "./stack.ts";

const packageFile = createRequire(import.meta.url).resolve(
  "@modelcontextprotocol/inspector/package.json",
);
const listSchema = z.object({
  result: z.object({ tools: z.array(z.looseObject({ name: z.string() })) }),
});

let services: Services;
let doors: Doors;
let program: string;
beforeAll(async () => {
  services = await openServices();
  doors = await openDoors(services, { apiToken: "inspected" });
  const { default: manifest } = await import(packageFile, { with: { type: "json" } });
  const { bin } = z.object({ bin: z.record(z.string(), z.string()) }).parse(manifest);
  program = join(dirname(packageFile), bin["mcp-inspector"] ?? "");
});
afterAll(async () => {
  await doors.close();
  await services.close();
});

function inspect(...args: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>();
  const all = [program, "--cli", "--server-url", `${doors.http.url}/mcp`, "--transport", "http"];
  const header = ["--header", "Authorization: Bearer inspected"];
  execFile(
    process.execPath,
    [...all, ...header, ...args, "--format", "json"],
    { timeout: 60_000 },
    (error, out, err) => resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
  );
  return promise;
}

test("lists the tools strictly without an error", async () => {
  const { code, out, err } = await inspect("--method", "tools/list", "--strict");

  expect(err).not.toMatch(/^Error/m);
  expect(code, err).toBe(0);
  expect(listSchema.parse(JSON.parse(out)).result.tools).toHaveLength(10);
}, 90_000);

test("calls a tool with plain command-line arguments", async () => {
  const args = ["--method", "tools/call", "--tool-name", "query-contacts", "--tool-arg", "limit=5"];
  const { code, out, err } = await inspect(...args);

  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ result: { structuredContent: { total: 0 } } });
}, 90_000);
