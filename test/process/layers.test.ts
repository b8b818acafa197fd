import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// One forbidden import per layer: [the file that imports, what it must not import].
const planted = [
  ["mcp-server/src/core/planted.ts", "../store/open.ts"],
  ["mcp-server/src/core/planted-node.ts", "node:fs"],
  ["mcp-server/src/core/planted-vendor.ts", "kysely"],
  ["mcp-server/src/ports/planted.ts", "../hubspot/crm.ts"],
  ["mcp-server/src/events.ts", "./ports/store.ts"],
  ["mcp-server/src/config.ts", "./app.ts"],
  ["mcp-server/src/tools/planted.ts", "../store/open.ts"],
  ["mcp-server/src/workers/planted.ts", "../hubspot/crm.ts"],
  ["mcp-server/src/store/planted.ts", "../hubspot/crm.ts"],
  ["mcp-server/src/hubspot/planted.ts", "../store/open.ts"],
  ["mcp-server/src/sources/planted.ts", "../hubspot/crm.ts"],
  ["mcp-server/src/enrichment/planted.ts", "../sources/csv.ts"],
  ["mcp-server/src/metrics/planted.ts", "../store/open.ts"],
  ["mcp-server/src/mcp/planted.ts", "../workers/job-runner.ts"],
  ["mcp-server/src/http/planted.ts", "../store/open.ts"],
  ["mcp-server/src/http/planted-sdk.ts", "@modelcontextprotocol/sdk/server/mcp.js"],
  ["mcp-server/src/scheduler.ts", "./store/open.ts"],
  ["mcp-server/src/chain.ts", "./workers/job-runner.ts"],
  ["mcp-server/src/main.ts", "./store/open.ts"],
  ["mcp-server/src/app.ts", "../simulator/simulator.ts"],
  ["mcp-server/simulator/planted.ts", "../src/core/errors.ts"],
] as const;

// What each layer needs must pass.
const allowed = [
  ["mcp-server/src/core/allowed.ts", "./errors.ts"],
  ["mcp-server/src/ports/allowed.ts", "../core/errors.ts"],
  ["mcp-server/src/tools/allowed.ts", "../ports/store.ts"],
  ["mcp-server/src/store/allowed.ts", "kysely"],
  ["mcp-server/src/enrichment/allowed.ts", "@anthropic-ai/sdk"],
  ["mcp-server/src/hubspot/allowed.ts", "@hubspot/api-client"],
  ["mcp-server/src/metrics/allowed.ts", "prom-client"],
  ["mcp-server/src/http/allowed.ts", "@hono/node-server"],
  ["mcp-server/src/mcp/allowed.ts", "@modelcontextprotocol/sdk/server/mcp.js"],
  ["mcp-server/simulator/allowed.ts", "hono"],
] as const;

let folder = "";
let flagged: ReadonlySet<string> = new Set();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "layers-"));
  cpSync("biome.json", join(folder, "biome.json"));
  for (const [file, target] of [...planted, ...allowed]) plant(file, target);
  flagged = await restrictedImports();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function plant(file: string, target: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(
    join(folder, file),
    `import * as planted from "${target}";\nexport const seen = planted;\n`,
  );
}

/** The files that the linter refuses for an import it forbids. */
function restrictedImports(): Promise<ReadonlySet<string>> {
  const biome = resolve("node_modules/@biomejs/biome/bin/biome");
  const args = [
    biome,
    "lint",
    "--reporter=json",
    "--max-diagnostics=none",
    "--only=style/noRestrictedImports",
    ".",
  ];
  const { promise, resolve: done } = Promise.withResolvers<ReadonlySet<string>>();
  execFile(
    process.execPath,
    args,
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
    (_exit, stdout) => {
      const report = JSON.parse(stdout.slice(stdout.indexOf("{")));
      const files = report.diagnostics
        .filter(
          (found: { category: string }) => found.category === "lint/style/noRestrictedImports",
        )
        .map((found: { location: { path: string | { file: string } } }) =>
          typeof found.location.path === "string" ? found.location.path : found.location.path.file,
        );
      done(new Set(files.map((file: string) => file.replaceAll("\\", "/").replace(/^\.\//, ""))));
    },
  );
  return promise;
}

test.each(planted)("refuses that %s imports %s", (file) => {
  expect(flagged).toContain(file);
});

test.each(allowed)("lets %s import %s", (file) => {
  expect(flagged).not.toContain(file);
});
