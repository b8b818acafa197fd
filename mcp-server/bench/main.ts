/** `npm run bench`: runs the benchmarks and prints their figures as one JSON document. */
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { benchImport } from "./import.ts";
import { benchLatency } from "./latency.ts";
import { benchPlan } from "./plan.ts";
import { benchReconcile } from "./reconcile.ts";
import { benchStart } from "./start.ts";
import { benchStorage } from "./storage.ts";
import { benchSync, type SyncBenchOptions } from "./sync.ts";
import { benchUpdate } from "./update.ts";
import { benchWebhook } from "./webhook.ts";

const usage = `Usage: npm run bench -- [import] [plan] [sync] [update] [latency] [storage] [start] [webhook] [reconcile] [options]

  import    a CSV through the whole import, against the barest loop that could do it
  plan      decisions per second of the planner, against a bare comparison of the texts
  sync      a first sync of enriched contacts, and a second one with nothing changed
  update    a sync after each contact changed here in one or two fields
  latency   from a customer's edit by SQL to the value in HubSpot, with nothing else going on
  storage   bytes on disk per synced contact with fifteen mapped fields
  start     from starting the process to an answered initialize
  webhook   200 requests of ten notifications a second while 100,000 rows are imported over and over: how soon they are answered
            and applied

  reconcile both sides of linked contacts compared whole, of which one in a hundred has drifted apart

  --rows N        rows of the CSV (import; default 1000000)
  --contacts N    contacts (plan, storage and reconcile: default 100000; sync and update: 10000, of N/5 companies; webhook: 2000)
  --burst N       HubSpot requests per 10 s (sync and update: default 100; webhook: 190; storage and reconcile: 1000)
  --json FILE     also write the figures to a file`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string", default: "1000000" },
    contacts: { type: "string" },
    burst: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const contactsOr = (usual: number): number => Number(values.contacts ?? usual);
const burstOr = (usual: number): number => Number(values.burst ?? usual);

function syncOptions(): SyncBenchOptions {
  const contacts = contactsOr(10_000);
  return {
    contacts,
    companies: Math.ceil(contacts / 5),
    burstLimit: burstOr(100),
    existing: 0.1,
  };
}

const benchmarks: Readonly<Record<string, () => Promise<unknown>>> = {
  import: () => benchImport({ rows: Number(values.rows) }),
  plan: () => benchPlan({ records: contactsOr(100_000) }),
  sync: () => benchSync(syncOptions()),
  update: () => benchUpdate(syncOptions()),
  latency: () => benchLatency({ edits: 100 }),
  storage: () => benchStorage({ contacts: contactsOr(100_000), burstLimit: burstOr(1_000) }),
  start: () => benchStart({ runs: 7 }),
  reconcile: () => benchReconcile({ contacts: contactsOr(100_000), burstLimit: burstOr(1_000) }),
  webhook: () =>
    benchWebhook({
      perSecond: 200,
      seconds: 30,
      contacts: contactsOr(2_000),
      importRows: 100_000,
      burstLimit: burstOr(190),
    }),
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
