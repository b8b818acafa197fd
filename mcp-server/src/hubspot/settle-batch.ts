/** What became of each input of a batch write, as far as its answer tells. */
import type { WriteOutcome } from "../ports/crm.ts";
import { silent } from "./failure.ts";
import { type Matchable, matchResults } from "./match-results.ts";
import { type Refusal, refusalOf, refusalSentence } from "./refusal.ts";
import type { RecordBatch, WireRecord } from "./wire.ts";

export type WriteAction = "update" | "upsert" | "create";

/** One row to write, with its wire form and everything its outcome is found by. */
export interface WriteInput extends Matchable {
  readonly ref: string;
  readonly wire: Readonly<Record<string, unknown>>;
}

/** `unnamed`: inputs that HubSpot refused without saying which one why. */
export interface Settled {
  readonly outcomes: readonly WriteOutcome[];
  readonly unnamed: readonly WriteInput[];
  readonly refusal: Refusal | null;
}

/** Reads a 2xx answer. Every input is in `outcomes` or in `unnamed`, once. */
export function settleBatch(
  action: WriteAction,
  inputs: readonly WriteInput[],
  answer: RecordBatch,
  keysOf: (result: WireRecord) => readonly string[],
): Settled {
  const refusals = answer.errors.map((fault) => refusalOf(0, fault));
  const pairs = matchResults(inputs, answer.results, keysOf);
  const outcomes: WriteOutcome[] = [];
  const open: WriteInput[] = [];
  for (const input of inputs) {
    const result = pairs.get(input);
    const refusal = refusals.find((one) => names(one, input));
    if (result !== undefined) outcomes.push(written(action, input.ref, result));
    else if (refusal !== undefined) outcomes.push(refusedOutcome(action, input.ref, refusal));
    else open.push(input);
  }
  const nameless = refusals.filter((one) => !inputs.some((input) => names(one, input)));
  const refusal = nameless[0] ?? null;
  if (refusal !== null && open.length > 0) return { outcomes, unnamed: open, refusal };
  const dropped = open.map((input) => droppedOutcome(action, input.ref, answer));
  return { outcomes: [...outcomes, ...dropped], unnamed: [], refusal: null };
}

/** The outcome of a row that HubSpot refused by itself. */
export function refusedOutcome(action: WriteAction, ref: string, refusal: Refusal): WriteOutcome {
  if (action === "update" && refusal.category === "OBJECT_NOT_FOUND") {
    return { kind: "missing", ref };
  }
  return {
    kind: "rejected",
    ref,
    code: refusal.code,
    message: refusalSentence(refusal),
    existingId: refusal.existingId,
  };
}

/** Whether a refusal names this input, by trace id or by id. */
export function names(refusal: Refusal, input: WriteInput): boolean {
  if (refusal.traceIds.includes(input.traceId)) return true;
  return input.key !== null && refusal.ids.some((id) => id.trim().toLowerCase() === input.key);
}

function written(action: WriteAction, ref: string, result: WireRecord): WriteOutcome {
  const created = action === "create" || (action === "upsert" && result.isNew);
  return { kind: "written", ref, record: result.record, created };
}

/**
 * A row that is neither written nor refused. Updates of merged-away ids vanish like this beside rows that were written; an answer that
 * holds nothing at all, or is not complete, says nothing about anyone.
 */
function droppedOutcome(action: WriteAction, ref: string, answer: RecordBatch): WriteOutcome {
  const isWhole = answer.status === undefined || answer.status === "COMPLETE";
  const hasContent = answer.results.length > 0 || answer.errors.length > 0;
  if (action === "update" && isWhole && hasContent) return { kind: "missing", ref };
  return { kind: "unknown", ref, error: silent() };
}
