/** `npm run bench`: runs the benchmarks and prints their figures as one JSON document. */
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchImport } from "./import.ts";
import { benchStart } from "./start.ts";
import { benchSync } from "./sync.ts";

const usage = `Usage: npm run bench -- [import] [sync] [start] [options]

  --rows N        rows of the CSV (import; default 1000000)
  --contacts N    contacts (sync; default 10000), of N/5 companies
  --burst N       HubSpot requests per 10 s (sync; default 100)
  --json FILE     also write the figures to a file`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "1000000" },
    contacts: { type: "string", default: "10000" },
    burst: { type: "string", default: "100" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const contacts = Number(values.contacts);
const benchmarks: Readonly<Record<string, () => Promise<unknown>>> = {
  import: () => benchImport({ rows: Number(values.rows) }),
  sync: () =>
    benchSync({
      contacts,
      companies: Math.ceil(contacts / 5),
      burstLimit: Number(values.burst),
      existing: 0.1,
    }),
  start: () => benchStart({ runs: 7 }),
};

async function run(): Promise<void> {
  const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0)
    throw new Error(`There is no benchmark ${unknown.join(", ")}.\n\n${usage}`);
  const figures: Record<string, unknown> = {
    node: process.version,
    cpus: cpus().length,
    memory_gb: memoryGb(),
  };
  for (const name of names) {
    console.error(`running ${name} …`);
    figures[name] = await benchmarks[name]?.();
  }
  const text = `${JSON.stringify(figures, null, 2)}\n`;
  if (values.json) writeFileSync(values.json, text);
  console.log(text);
}

function memoryGb(): number {
  return Math.round(totalmem() / 2 ** 30);
}

if (values.help) console.log(usage);
else await run();
