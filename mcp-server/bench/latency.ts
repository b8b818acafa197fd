/** The latency benchmark: from another program's committed edit of a customer to the value in HubSpot, with nothing else going on. */
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { measuredSync, range, type SyncRig, withSyncRig } from "./sync-rig.ts";

const CUSTOMERS = 20;
const POLL_MS = 2;
const IDLE_MS = 300;

interface Latencies {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly max_ms: number;
}

/** Edits one by one, each awaited. `real_time`: a field that jumps the queue; `others`: one that waits for further edits of its record. */
export async function benchLatency(options: {
  readonly edits: number;
}): Promise<Record<string, unknown>> {
  return withSyncRig({ burstLimit: 1_000 }, async (rig) => {
    const database = new Database(rig.databasePath, { timeout: 10_000 });
    try {
      const insert = database.prepare("insert into customers (ban, company_name) values (?, ?)");
      for (const n of range(CUSTOMERS)) insert.run(`B-${n}`, `Company ${n}`);
      await measuredSync(rig);
      const served = rig.app.serveHttp();
      served.catch(() => undefined);
      return {
        edits: options.edits,
        real_time: await measure(rig, database, { column: "current_balance", ...options }),
        others: await measure(rig, database, {
          column: "company_name",
          edits: Math.ceil(options.edits / 5),
        }),
      };
    } finally {
      database.close();
    }
  });
}

interface Edits {
  readonly column: "current_balance" | "company_name";
  readonly edits: number;
}

const properties = { current_balance: "warp_current_balance", company_name: "name" } as const;
const statements = {
  current_balance: "update customers set current_balance = ? where ban = ?",
  company_name: "update customers set company_name = ? where ban = ?",
} as const;

async function measure(
  { simulator }: SyncRig,
  database: Database.Database,
  { column, edits }: Edits,
): Promise<Latencies> {
  const update = database.prepare(statements[column]);
  const times: number[] = [];
  for (const n of range(edits)) {
    const ban = `B-${n % CUSTOMERS}`;
    const value = String(n + 1_000);
    // Anywhere between two looks at the queue, after the last edit has come to rest.
    await sleep(IDLE_MS + ((n * 37) % IDLE_MS));
    const started = performance.now();
    update.run(value, ban);
    while (
      simulator.hubspot.find("companies", `warp_ban=${ban}`)?.properties[properties[column]] !==
      value
    )
      await sleep(POLL_MS);
    times.push(performance.now() - started);
  }
  return percentiles(times);
}

function percentiles(times: readonly number[]): Latencies {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}
