/** Batches: all or nothing without a trace id on every input, row by row with one. */
import { type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, type BatchError, batchNotFound, conflict, invalid } from "./errors.ts";
import { isoTime } from "./history.ts";
import type { Pending, Plan } from "./plans.ts";
import { refused } from "./validation.ts";

/** One input of a batch with the check that turns it into a plan. */
export type Row = {
  readonly input: Record<string, unknown>;
  readonly plan: (pending: Pending) => Plan;
};

type Outcome = { results: unknown[]; errors: BatchError[] };

/** The envelope of every batch answer; 207 as soon as it carries an error. */
export function batchReply(call: Call, outcome: Outcome, success: number): Reply {
  const { account } = call;
  const at = isoTime(account.now());
  const results = account.settings.shuffleResults
    ? account.random.shuffled(outcome.results)
    : outcome.results;
  const base = { completedAt: at, status: "COMPLETE", startedAt: at, results };
  if (outcome.errors.length === 0) return { status: success, body: base };
  const { errors } = outcome;
  return { status: 207, body: { ...base, errors, numErrors: errors.length } };
}

/** A body without `inputs`: HubSpot answers success and does nothing. */
export function emptyBatch(call: Call): Reply {
  return batchReply(call, { results: [], errors: [] }, 200);
}

/** The trace id of an input, if it is one. */
export function traceOf(row: Record<string, unknown>): string | null {
  return idText(row["objectWriteTraceId"]) || null;
}

function rowError(failure: ApiFailure, trace: string): BatchError {
  const { fault, existingId } = failure;
  return {
    status: "error",
    ...fault,
    context: {
      ...fault.context,
      objectWriteTraceId: [trace],
      ...(existingId === null ? {} : { existingId: [existingId] }),
    },
  };
}

function attempt(run: () => unknown): unknown | ApiFailure {
  try {
    return run();
  } catch (failure) {
    // A body that does not parse has no category and fails the request whatever the trace ids say.
    if (failure instanceof ApiFailure && failure.fault.category !== undefined) return failure;
    throw failure;
  }
}

function rowByRow(rows: readonly Row[]): Outcome {
  const outcome: Outcome = { results: [], errors: [] };
  // A row that does not parse must fail the request before another one is written.
  for (const row of rows) attempt(() => row.plan(new Set()));
  for (const row of rows) {
    const result = attempt(() => row.plan(new Set()).commit());
    if (result instanceof ApiFailure)
      outcome.errors.push(rowError(result, traceOf(row.input) ?? ""));
    else outcome.results.push(result);
  }
  return outcome;
}

/** One failure for the whole batch: all refused values first, then conflicts, then the first. */
function together(call: Call, failures: readonly ApiFailure[]): ApiFailure {
  const refusals = failures.flatMap((failure) => failure.refusals);
  if (refusals.length > 0) return refused(call.account, refusals);
  const other = failures.find((failure) => failure.status !== 409);
  if (other !== undefined) return other;
  const existing = failures.length === 1 ? (failures[0]?.existingId ?? null) : null;
  return conflict(call.type, existing);
}

function allOrNothing(call: Call, rows: readonly Row[]): Outcome {
  const pending: Pending = new Set();
  const plans: Plan[] = [];
  const failures: ApiFailure[] = [];
  for (const row of rows) {
    try {
      plans.push(row.plan(pending));
    } catch (failure) {
      if (!(failure instanceof ApiFailure) || failure.fault.category === undefined) throw failure;
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw together(call, failures);
  return { results: plans.map((plan) => plan.commit()), errors: [] };
}

/** Whether every input carries a trace id, which is what switches multi-status on. */
export function isTraced(inputs: readonly Record<string, unknown>[]): boolean {
  return inputs.length > 0 && inputs.every((input) => traceOf(input) !== null);
}

/** An input whose id names no record. */
export type Missing = { readonly input: Record<string, unknown>; readonly id: string };

/** One error for all missing ids, as recorded without trace ids; one each for traced inputs. */
export function missingErrors(
  call: Call,
  missing: readonly Missing[],
  traced: boolean,
): BatchError[] {
  if (missing.length === 0) return [];
  const ids = missing.map(({ id }) => id);
  const all = batchNotFound(call.type, ids);
  if (!traced) return [all];
  return missing.map(({ input, id }) => ({
    ...all,
    context: { ids: [id], objectWriteTraceId: [traceOf(input) ?? ""] },
  }));
}

/** Runs the rows one by one where every input is traced, else all or nothing. */
export function runRows(call: Call, rows: readonly Row[], traced: boolean): Outcome {
  return traced ? rowByRow(rows) : allOrNothing(call, rows);
}

/** 400 for the whole request when two inputs mean one record. */
export function refuseDuplicates(ids: readonly string[]): void {
  const seen = new Set<string>();
  const doubled = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) doubled.add(id);
    seen.add(id);
  }
  if (doubled.size === 0) return;
  const list = [...doubled];
  throw invalid(`Duplicate IDs found in batch input: [${list.join(", ")}]. IDs must be unique`, {
    context: { ids: list },
  });
}
