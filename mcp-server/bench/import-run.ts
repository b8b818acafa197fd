/** One measured import in a process of its own: `bare` or `ours`, printed as JSON. */
import { dirname } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { newId, systemClock } from "../src/clock.ts";
import { AppError } from "../src/core/errors.ts";
import { Events } from "../src/events.ts";
import { createLog } from "../src/log.ts";
import { readFieldMap } from "../src/package-files.ts";
import { createCsvSource } from "../src/sources/csv.ts";
import { createOpenSource } from "../src/sources/open-source.ts";
import { openRecords } from "../src/sources/records.ts";
import { openStore } from "../src/store/open.ts";
import { createImportWorker } from "../src/workers/import-worker.ts";
import { createJobRunner } from "../src/workers/job-runner.ts";
import { runBareLoop } from "./bare-loop.ts";

const RESOLUTION_MS = 5;
const NANOSECONDS_PER_MS = 1e6;
const LONGEST_MS = 30 * 60_000;

/** What a run is judged by. Delays include the probe's own interval of 5 ms. */
export interface ImportFigures {
  readonly rows: number;
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
  readonly counts: Readonly<Record<string, number>>;
}

async function measured(
  work: () => Promise<{ rows: number; counts: Readonly<Record<string, number>> }>,
): Promise<ImportFigures> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const startedAt = performance.now();
  const { rows, counts } = await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  delay.disable();
  return {
    rows,
    seconds,
    counts,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    eventLoopP99Ms: delay.percentile(99) / NANOSECONDS_PER_MS,
    eventLoopMaxMs: delay.max / NANOSECONDS_PER_MS,
  };
}

/** The whole way: a job in the real store, run by the real runner with the real worker. */
async function importOurs(
  csvPath: string,
  databasePath: string,
): Promise<{ rows: number; counts: Readonly<Record<string, number>> }> {
  const log = createLog("error");
  const store = await openStore(databasePath, { log });
  await store.changes.capture(readFieldMap(undefined));
  const events = new Events((error) => log.error({ err: error }, "a listener failed"));
  const openSource = createOpenSource({
    csv: createCsvSource({ roots: [dirname(csvPath)] }),
    records: openRecords,
    lemlist: null,
    hubspot: null,
  });
  const worker = createImportWorker({ store, openSource, clock: systemClock, log, events });
  const refuse = (): Promise<never> =>
    Promise.reject(new AppError("bug", "This benchmark only imports."));
  const jobs = createJobRunner({
    store,
    handlers: { import: worker.run, enrich: refuse, sync: refuse },
    clock: systemClock,
    newId,
    log,
    events,
    owner: "bench",
  });
  const { job } = await jobs.start("import", { source: "csv", path: csvPath });
  const ended = await jobs.wait(job.job_id, LONGEST_MS);
  await jobs.stop();
  await store.close();
  if (ended.status !== "completed") throw new Error(`the import ${ended.status}: ${ended.next}`);
  return { rows: ended.progress.done, counts: ended.counts };
}

async function main([mode, csvPath = "", databasePath = ""]: readonly string[]): Promise<void> {
  const figures = await measured(async () => {
    if (mode === "ours") return importOurs(csvPath, databasePath);
    return { rows: await runBareLoop(csvPath, databasePath), counts: {} };
  });
  console.log(JSON.stringify(figures));
}

await main(process.argv.slice(2));
