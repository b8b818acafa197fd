/** Brings contacts and customers in: reads batches from a source, merges each in one transaction, and reports every row's outcome. */
import { setTimeout as sleep } from "node:timers/promises";
import type { FieldMaps } from "../core/field-map.ts";
import { type ImportArgs, parseImportArgs } from "../core/import-args.ts";
import type { RowCounts } from "../core/import-batch.ts";
import type { Said } from "../core/import-merge.ts";
import {
  addBatch,
  customerNotes,
  emptyTally,
  type ImportTally,
  importNotes,
  jobCounts,
  resumeImport,
  toImportCheckpoint,
} from "../core/import-report.ts";
import type { ImportBatch, SourceDescription } from "../core/import-row.ts";
import type { Events } from "../events.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext, JobHandler } from "../ports/jobs.ts";
import type { OpenedSource, OpenSource } from "../ports/sources.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";
import { previewCustomers, writeCustomers } from "./customer-import.ts";
import { refuseErased } from "./import-erased.ts";
import { toImportRequest } from "./import-request.ts";
import { previewRecords, type RemoteRow, recordsOf, writeRecords } from "./import-writes.ts";

export interface ImportWorkerOptions {
  readonly store: Store;
  readonly openSource: OpenSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  /** What further names and allowed values customers have; without it those that are built in. */
  readonly maps?: Pick<FieldMaps, "customers">;
  /** Called in a batch's transaction, with its store, for rows that came from HubSpot: links them. */
  readonly onRemoteRow?: (store: Store, rows: readonly RemoteRow[]) => Promise<void>;
}

/**
 * The import job. Per group of batches one transaction: find the records, merge, write, keep rejected rows, save counts and the
 * checkpoint; a crash resumes after the last one. Emits `contacts-imported` when any contact was created or updated.
 */
export function createImportWorker(options: ImportWorkerOptions): { readonly run: JobHandler } {
  return { run: (context) => runImport(options, context) };
}

async function runImport(options: ImportWorkerOptions, context: JobContext): Promise<JobPatch> {
  const args = parseImportArgs(context.job.args);
  const before = resumeImport(context.job);
  const rules = (options.maps?.customers.rules ?? []).map(({ field, path, enumValues }) => ({
    field,
    path,
    enumValues,
  }));
  const source = await options.openSource(toImportRequest(args, rules), {
    checkpoint: before?.source ?? null,
    signal: context.signal,
  });
  try {
    const { description } = source;
    const start = before !== null && description.resumed ? before.tally : emptyTally;
    const run = new ImportRun(options, { context, args, description });
    return run.finish(await run.readAll(source, start));
  } finally {
    await source.close();
  }
}

// A commit writes the touched pages of every index: with fewer rows the same pages are written again and again, with more a crash
// costs more reading.
const ROWS_PER_TRANSACTION = 1_000;

interface Task {
  readonly context: JobContext;
  readonly args: ImportArgs;
  readonly description: SourceDescription;
}

/** One run over one opened source. */
class ImportRun {
  readonly #options: ImportWorkerOptions;
  readonly #task: Task;
  #expectsNew = true;

  constructor(options: ImportWorkerOptions, task: Task) {
    this.#options = options;
    this.#task = task;
  }

  /** Takes every batch; returns the tally over the whole input. */
  async readAll(source: OpenedSource, start: ImportTally): Promise<ImportTally> {
    let tally = start;
    for await (const batches of gathered(source.batches())) {
      this.#task.context.signal.throwIfAborted();
      tally = await this.#take(batches, tally);
    }
    return tally;
  }

  finish(tally: ImportTally): JobPatch {
    const { context, args, description } = this.#task;
    const { created, updated, unchanged } = tally.rows;
    const done = created + updated + unchanged + tally.rejected;
    const changed = args.dry_run ? 0 : created + updated;
    const jobId = context.job.job_id;
    const { source, object = "contacts" } = args;
    this.#options.log.info({ job: jobId, source, object, ...jobCounts(tally) }, "import read");
    if (changed > 0 && object === "contacts")
      this.#options.events.emit({ kind: "contacts-imported", jobId, count: changed });
    return {
      progress: { done, total: done, phase: "done" },
      counts: jobCounts(tally),
      errors: tally.errors,
      notes:
        object === "contacts" ? importNotes(tally, description) : customerNotes(tally, description),
      next: nextStep(tally, args),
    };
  }

  async #take(batches: readonly ImportBatch[], tally: ImportTally): Promise<ImportTally> {
    if (this.#task.args.dry_run) {
      let next = tally;
      for (const batch of batches) next = await this.#preview(batch, next);
      await this.#save(batches, next);
      await othersFirst();
      return next;
    }
    let next = tally;
    for (let taken = 0; taken < batches.length; ) {
      const some = await this.#takeSome(batches.slice(taken), next);
      next = some.tally;
      taken += some.count;
      if (some.isAwaited) await sleep(REST_MS);
      await othersFirst();
    }
    return next;
  }

  /** One transaction: all of the batches, or fewer when somebody waits for its end. */
  async #takeSome(
    batches: readonly ImportBatch[],
    tally: ImportTally,
  ): Promise<{ readonly count: number; readonly isAwaited: boolean; readonly tally: ImportTally }> {
    return this.#options.store.transaction(async (unnamed) => {
      const within = unnamed.by("import");
      let count = 0;
      let isAwaited = false;
      let next = tally;
      for (const batch of batches) {
        next = await this.#write(within, batch, next);
        count += 1;
        await othersFirst(within.isAwaited);
        isAwaited = within.isAwaited();
        if (isAwaited) break;
      }
      await this.#save(batches.slice(0, count), next, within);
      return { count, isAwaited, tally: next };
    });
  }

  async #preview(given: ImportBatch, tally: ImportTally): Promise<ImportTally> {
    const { store } = this.#options;
    const batch = { ...given, rows: await refuseErased(store, given.rows) };
    const counts =
      this.#task.args.object === "customers"
        ? await previewCustomers(store, batch.rows)
        : await previewRecords(store, recordsOf(batch.rows), this.#said());
    return addBatch(tally, batch.rows, counts);
  }

  async #write(within: Store, given: ImportBatch, tally: ImportTally): Promise<ImportTally> {
    const now = this.#now();
    const batch = { ...given, rows: await refuseErased(within, given.rows) };
    const counts =
      this.#task.args.object === "customers"
        ? await writeCustomers(within, batch.rows, now)
        : await this.#writeContacts(within, batch, now);
    await this.#keepRejected(within, batch, now);
    return addBatch(tally, batch.rows, counts);
  }

  async #writeContacts(within: Store, batch: ImportBatch, now: string): Promise<RowCounts> {
    const records = recordsOf(batch.rows);
    const writing = { ...this.#said(), now, expectsNew: this.#expectsNew };
    const written = await writeRecords(within, records, writing);
    this.#expectsNew = written.counts.created * 2 > records.length;
    if (written.remote.length > 0) await this.#options.onRemoteRow?.(within, written.remote);
    return written.counts;
  }

  async #keepRejected(within: Store, batch: ImportBatch, now: string): Promise<void> {
    const rejected = batch.rows.filter((row) => row.kind === "rejected");
    if (rejected.length > 0) await within.rejects.add(this.#task.context.job.job_id, rejected, now);
  }

  /** Where the last of the batches left off. */
  async #save(batches: readonly ImportBatch[], tally: ImportTally, within?: Store): Promise<void> {
    const { context, args } = this.#task;
    const last = batches.at(-1);
    if (!last) return;
    const phase = args.dry_run ? "reading rows" : "importing rows";
    await context.save(
      {
        progress: { done: last.done, total: last.total, phase },
        counts: jobCounts(tally),
        errors: tally.errors,
        checkpoint: toImportCheckpoint(last.checkpoint, tally),
      },
      within,
    );
  }

  #said(): Said {
    const { args, description } = this.#task;
    return { source: args.source, at: description.saidAt ?? this.#now() };
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** Batches in groups that are worth a transaction, the last one smaller. */
async function* gathered(
  batches: AsyncIterable<ImportBatch>,
): AsyncGenerator<readonly ImportBatch[]> {
  let group: ImportBatch[] = [];
  let rows = 0;
  for await (const batch of batches) {
    group.push(batch);
    rows += batch.rows.length;
    if (rows < ROWS_PER_TRANSACTION) continue;
    yield group;
    group = [];
    rows = 0;
  }
  if (group.length > 0) yield group;
}

// Where somebody waited others are likely to come, and what answers them needs the processor as well.
const REST_MS = 8;
// A round of the event loop in which nobody had anything to do.
const IDLE_ROUND_MS = 0.1;
// Under a flood somebody always has; the import goes on all the same.
const POLITE_MS = 50;

/**
 * SQLite answers without waiting, so a full queue of batches would keep everything else from running. A request takes several rounds of the event
 * loop: they are let pass until nobody needs one, so that no batch comes between a request's beginning and its answer.
 */
async function othersFirst(isEnough: () => boolean = () => false): Promise<void> {
  const until = performance.now() + POLITE_MS;
  for (;;) {
    const before = performance.now();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    const now = performance.now();
    if (now - before < IDLE_ROUND_MS || now > until || isEnough()) return;
  }
}

function nextStep({ rows, rejected }: ImportTally, { object, dry_run }: ImportArgs): string | null {
  if (dry_run) return "Nothing was stored. Run it again without dry_run to import.";
  const steps = [
    rejected > 0
      ? `${rejected} row(s) were rejected and are kept with their reasons; correct them and import them again.`
      : null,
    object === "customers" && rows.created + rows.updated > 0
      ? 'To send the customers to HubSpot call sync with object "customers", with dry_run first for a preview.'
      : null,
  ];
  return steps.filter((step) => step !== null).join(" ") || null;
}
