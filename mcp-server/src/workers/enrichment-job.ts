/** What all steps of an enrichment job share: the ports, the run's settings, and its sums so far. */
import {
  type EnrichmentArgs,
  type EnrichmentCheckpoint,
  type EnrichmentTally,
  readCheckpoint,
  remarked,
  tallyOf,
} from "../core/enrichment-run.ts";
import type { AppError } from "../core/errors.ts";
import type { CompanyData, Intelligence } from "../ports/enrichment.ts";
import type { JobPatch } from "../ports/job-store.ts";
import type { JobContext } from "../ports/jobs.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";

export interface EnrichmentServices {
  readonly store: Store;
  /** null: there is no key, and no company is looked up. */
  readonly companyData: CompanyData | null;
  /** null: there is no key, and nothing is written. */
  readonly intelligence: Intelligence | null;
  readonly clock: Clock;
  readonly log: Log;
}

export interface EnrichmentSettings {
  /** Contacts taken on at once. */
  readonly chunkSize: number;
  /** How long answers are good for. */
  readonly cacheMs: number;
  /** When a failed contact is tried again. */
  readonly retryAfterMs: number;
}

/** A job in work. The sums and the reasons to stop asking change as it goes. */
export class EnrichmentJob {
  readonly services: EnrichmentServices;
  readonly settings: EnrichmentSettings;
  readonly args: EnrichmentArgs;
  readonly context: JobContext;
  checkpoint: EnrichmentCheckpoint;
  tally: EnrichmentTally;
  done: number;
  total: number | null = null;
  /** Why no further company is looked up in this run. */
  companiesStopped: AppError | null = null;
  /** Why nothing more is written in this run. */
  textsStopped: AppError | null = null;

  constructor(
    services: EnrichmentServices,
    settings: EnrichmentSettings,
    run: { readonly args: EnrichmentArgs; readonly context: JobContext },
  ) {
    this.services = services;
    this.settings = settings;
    this.args = run.args;
    this.context = run.context;
    this.checkpoint = readCheckpoint(run.context.job.checkpoint);
    this.tally = tallyOf(run.context.job);
    this.done = run.context.job.progress.done;
  }

  get now(): string {
    return this.later(0);
  }

  /** ISO-8601 UTC, `ms` from now. */
  later(ms: number): string {
    return new Date(this.services.clock.now() + ms).toISOString();
  }

  remark(note: string): void {
    this.tally = remarked(this.tally, note);
  }

  /**
   * True when a cached answer may be used. With `force` only answers of this very job count, so that going on after a crash
   * does not pay twice.
   */
  isUsable(entry: { readonly cached_at: string }): boolean {
    return !this.args.force || entry.cached_at >= this.context.job.created_at;
  }

  /** Everything that is to be saved of the job, as it stands. */
  patch(phase: string): JobPatch {
    const { counts, errors, notes, costUsd } = this.tally;
    const total = this.total === null ? null : Math.max(this.total, this.done);
    return {
      progress: { done: this.done, total, phase },
      counts,
      errors,
      notes,
      checkpoint: JSON.stringify(this.checkpoint),
      result: { cost_usd: costUsd },
    };
  }
}
