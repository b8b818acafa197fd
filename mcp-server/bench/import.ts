/** The `import` benchmark: a long CSV through the whole import, against the barest loop that could do it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeCsv } from "./csv-file.ts";
import type { ImportFigures } from "./import-run.ts";

const SEED = 20_261_121;
// As npm scripts start the program: V8 otherwise lets its young generation grow to 130 MB of garbage.
// As the server runs: npm start gives it the one, main.ts sets the other.
const FLAGS = ["--max-semi-space-size=16", "--heap-growing-percent=50"];
const run = promisify(execFile);

/** Figures of one benchmark run; rates in rows per second, memory in MB, delays in milliseconds. */
export interface ImportBench {
  readonly rows: number;
  readonly rows_per_s: number;
  readonly bare_rows_per_s: number;
  /** Ours divided by the bare loop's; 1 = as fast. */
  readonly ratio: number;
  readonly peak_rss_mb: number;
  readonly bare_peak_rss_mb: number;
  readonly event_loop_p99_ms: number;
  readonly event_loop_max_ms: number;
  readonly counts: Readonly<Record<string, number>>;
  /** The same file once more: nothing may change. */
  readonly repeat: {
    readonly rows_per_s: number;
    readonly counts: Readonly<Record<string, number>>;
  };
}

/** Measures each side in a fresh process, one after the other, on the same file; leaves nothing behind. */
export async function benchImport({ rows }: { readonly rows: number }): Promise<ImportBench> {
  const folder = await mkdtemp(join(tmpdir(), "hubspot-sync-bench-"));
  try {
    const csv = join(folder, "contacts.csv");
    await writeCsv(csv, rows, SEED);
    const bare = await measure("bare", csv, join(folder, "bare.db"));
    const ours = await measure("ours", csv, join(folder, "ours.db"));
    const repeat = await measure("ours", csv, join(folder, "ours.db"));
    return report(ours, bare, repeat);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  mode: "bare" | "ours",
  csv: string,
  database: string,
): Promise<ImportFigures> {
  const script = join(import.meta.dirname, "import-run.ts");
  const { stdout } = await run(process.execPath, [...FLAGS, script, mode, csv, database]);
  return JSON.parse(stdout);
}

function report(ours: ImportFigures, bare: ImportFigures, repeat: ImportFigures): ImportBench {
  return {
    rows: ours.rows,
    rows_per_s: rate(ours),
    bare_rows_per_s: rate(bare),
    ratio: rounded(rate(ours) / rate(bare)),
    peak_rss_mb: rounded(ours.peakRssMb),
    bare_peak_rss_mb: rounded(bare.peakRssMb),
    event_loop_p99_ms: rounded(ours.eventLoopP99Ms),
    event_loop_max_ms: rounded(ours.eventLoopMaxMs),
    counts: ours.counts,
    repeat: { rows_per_s: rate(repeat), counts: repeat.counts },
  };
}

function rate({ rows, seconds }: ImportFigures): number {
  return Math.round(rows / seconds);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
