/** The report of a reconciliation, as programs read it. */
import { z } from "zod";
import type { JobErrorGroup } from "./job.ts";
import { emptyTally, type ReconcileTally, tallySchema } from "./reconcile-tally.ts";

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  count: z.number(),
  examples: z.array(z.string()).readonly(),
});

const partSchema = z.object({
  object: z.enum(["contacts", "customers"]),
  started_at: z.string(),
  /** null: it was cut off, or is still at work. */
  finished_at: z.string().nullable(),
  /** Only compared: nothing was repaired. */
  dry_run: z.boolean(),
  counts: z.record(z.string(), z.number()),
  findings: tallySchema,
  errors: z.array(errorSchema).readonly(),
});
/** What was found of one kind of record. */
export type ReportPart = z.infer<typeof partSchema>;

export const reportSchema = z.object({ run_id: z.string(), parts: z.array(partSchema) });
/** A whole report: one part per kind of record. */
export type ReconcileReport = z.infer<typeof reportSchema>;

/** One kind's part. */
export function reportPart(
  about: Pick<ReportPart, "object" | "started_at" | "finished_at" | "dry_run">,
  findings: ReconcileTally,
  errors: readonly JobErrorGroup[],
): ReportPart {
  return partSchema.parse({ ...about, counts: reportCounts(findings), findings, errors });
}

/** A part as it is stored; `report` null while it is not finished. */
export interface StoredPart {
  readonly object: ReportPart["object"];
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly report: unknown;
}

/** The report that the stored parts of a run make. Of an unfinished part only the numbers are known. */
export function storedReport(run_id: string, rows: readonly StoredPart[]): ReconcileReport {
  const parts = rows.map(({ object, started_at, finished_at, counts, report }) => {
    if (report !== null) return partSchema.parse(report);
    const { hubspot_records = 0, compared = 0, different = 0, waiting = 0 } = counts;
    const findings = { ...emptyTally, hubspot_records, compared, different, waiting };
    return { object, started_at, finished_at, dry_run: false, counts, findings, errors: [] };
  });
  return { run_id, parts };
}

const changed = ["created", "updated", "pulled", "linked"] as const;

/** The numbers that matter, by name. `repaired`: records that were changed on either side or joined. */
export function reportCounts(found: ReconcileTally): Readonly<Record<string, number>> {
  const { repairs } = found;
  return {
    hubspot_records: found.hubspot_records,
    compared: found.compared,
    equal: found.equal + found.agreed,
    different: found.different,
    waiting: found.waiting,
    repaired: changed.reduce((sum, outcome) => sum + (repairs[outcome] ?? 0), 0),
    conflicts: repairs["conflicts"] ?? 0,
    blocked: repairs["blocked"] ?? 0,
    failed: repairs["failed"] ?? 0,
    gone_in_hubspot: found.gone.count,
    only_in_hubspot: found.only_in_hubspot.count,
    only_here: found.only_here.count,
    removed_here: found.removed_here.count,
    list_requests: found.pages,
  };
}

/** The numbers of all parts together. */
export function totalCounts(
  parts: readonly { readonly counts: Readonly<Record<string, number>> }[],
): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const { counts } of parts)
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  return total;
}

/** What to do with it, in a sentence or two. */
export function reconcileNext(
  runId: string,
  counts: Readonly<Record<string, number>>,
  isDryRun: boolean,
): string {
  const read = `The report is the result; as a readable page it is the resource reconciliation://${runId} and GET /api/reconciliations/${runId}.md.`;
  if (isDryRun)
    return `${read} Nothing was repaired: call sync with mode reconcile without dry_run.`;
  if ((counts["failed"] ?? 0) > 0)
    return `${read} Look at errors; what a retry can cure is tried again in 15 minutes.`;
  if ((counts["conflicts"] ?? 0) > 0)
    return `${read} Fields that a person decides wait in list-conflicts; resolve-conflict settles them.`;
  return read;
}
