/** Batch writes of any size: cut, sent side by side, and taken apart when one row spoils the rest. */

import { cutIntoWaves, halve } from "../core/batching.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject, WriteOutcome } from "../ports/crm.ts";
import { unclear } from "./failure.ts";
import { objectBatch } from "./paths.ts";
import { narrowed, type Refusal } from "./refusal.ts";
import type { Send } from "./requester.ts";
import {
  names,
  refusedOutcome,
  settleBatch,
  type WriteAction,
  type WriteInput,
} from "./settle-batch.ts";
import { sideBySide } from "./side-by-side.ts";
import { recordBatchSchema, type WireRecord } from "./wire.ts";

// HubSpot docs, using object APIs: 100 inputs per batch (read 2026-04).
const MAX_INPUTS = 100;

// True of the property whatever the value: every row that carries it is refused.
const PROPERTY_FAULTS = new Set(["PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"]);

/** How one kind of write is sent and understood. */
export interface Writing {
  readonly send: Send;
  readonly object: CrmObject;
  readonly action: WriteAction;
  readonly keysOf: (result: WireRecord) => readonly string[];
}

/** One batch on its way, with the extra requests that taking it apart may still cost. */
interface Batch extends Writing {
  readonly call: CrmCall | undefined;
  readonly extra: { left: number };
}

type Parts = readonly (readonly WriteInput[])[];

// Singling out one bad row of a hundred takes 14 requests. A request that is wrong for every row would take 199: stop well before.
const MAX_EXTRA = 60;

/**
 * Writes all inputs and answers for each, in no order. Twins (same record or unique value) go one after the other, so that the last
 * wins. Throws only `auth`.
 */
export async function writeRecords(
  writing: Writing,
  inputs: readonly WriteInput[],
  twinKey: (input: WriteInput) => string | null,
  call?: CrmCall,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  for (const wave of cutIntoWaves(inputs, MAX_INPUTS, twinKey)) {
    const batches = await sideBySide(wave, (batch) =>
      writeBatch({ ...writing, call, extra: { left: MAX_EXTRA } }, batch),
    );
    outcomes.push(...batches.flat());
  }
  return outcomes;
}

async function writeBatch(
  batch: Batch,
  inputs: readonly WriteInput[],
): Promise<readonly WriteOutcome[]> {
  if (inputs.length === 0) return [];
  const reply = await batch.send(
    {
      method: "POST",
      route: objectBatch(batch.object, batch.action),
      body: { inputs: inputs.map(({ wire }) => wire) },
      lane: "objects",
      effect: "once",
    },
    batch.call,
  );
  switch (reply.kind) {
    case "failed":
    case "unknown":
      return inputs.map(({ ref }) => ({ kind: reply.kind, ref, error: reply.error }));
    case "refused":
      return takeApart(batch, inputs, reply.refusal);
    case "answered":
      return readOutcomes(batch, inputs, reply.body);
  }
}

async function readOutcomes(
  batch: Batch,
  inputs: readonly WriteInput[],
  body: unknown,
): Promise<readonly WriteOutcome[]> {
  const answer = recordBatchSchema.safeParse(body);
  if (!answer.success) {
    const error = unclear(answer.error);
    return inputs.map(({ ref }) => ({ kind: "unknown", ref, error }));
  }
  const settled = settleBatch(batch.action, inputs, answer.data, batch.keysOf);
  if (settled.refusal === null) return settled.outcomes;
  // As many errors as rows without a result: none of them was written, so asking again harms nothing.
  const errorCount = answer.data.numErrors ?? answer.data.errors.length;
  const isCertain = errorCount >= inputs.length - answer.data.results.length;
  const rest = isCertain
    ? await takeApart(batch, settled.unnamed, settled.refusal)
    : settled.unnamed.map(({ ref }) => ambiguous(ref));
  return [...settled.outcomes, ...rest];
}

function ambiguous(ref: string): WriteOutcome {
  const error = new AppError(
    "unknown-outcome",
    "HubSpot refused rows of this batch without naming them, so this one may have been written. It is read back before it is written again.",
    { code: "HUBSPOT_UNNAMED_REFUSAL" },
  );
  return { kind: "unknown", ref, error };
}

/** HubSpot refused these inputs together and wrote none: finds out which of them are to blame and writes the others. */
async function takeApart(
  batch: Batch,
  inputs: readonly WriteInput[],
  refusal: Refusal,
): Promise<readonly WriteOutcome[]> {
  if (refusal.status === 404 && refusal.category === "") return inputs.map(noSuchPath(refusal));
  const doomed = carriersOf(inputs, refusal, PROPERTY_FAULTS);
  const alone = inputs.length === 1 ? inputs : doomed;
  const reason = inputs.length === 1 ? refusal : narrowed(refusal, PROPERTY_FAULTS);
  const outcomes = alone.map(({ ref }) => refusedOutcome(batch.action, ref, reason));
  const rest = inputs.filter((input) => !alone.includes(input));
  const parts: Parts = alone.length > 0 ? [rest] : partsOf(inputs, refusal);
  batch.extra.left -= parts.length;
  if (batch.extra.left < 0) return [...outcomes, ...rest.map(tooManyBad(refusal))];
  for (const part of parts) {
    // One after the other: parts of one batch may be about the same record under two names.
    outcomes.push(...(await writeBatch(batch, part)));
  }
  return outcomes;
}

/** The likely culprits apart from the others when the refusal tells, else two halves. */
function partsOf(inputs: readonly WriteInput[], refusal: Refusal): Parts {
  const named = inputs.filter((input) => names(refusal, input));
  const suspects = named.length > 0 ? named : carriersOf(inputs, refusal, null);
  if (suspects.length === 0 || suspects.length === inputs.length) return halve(inputs);
  return [inputs.filter((input) => !suspects.includes(input)), suspects];
}

/** Inputs that carry a property the refusal complains of. @param codes only complaints with these codes; null for any */
function carriersOf(
  inputs: readonly WriteInput[],
  refusal: Refusal,
  codes: ReadonlySet<string> | null,
): readonly WriteInput[] {
  const properties = refusal.complaints.flatMap(({ code, property }) =>
    property !== null && (codes === null || (code !== null && codes.has(code))) ? [property] : [],
  );
  return inputs.filter((input) => properties.some((name) => name in input.properties));
}

function tooManyBad(refusal: Refusal): (input: WriteInput) => WriteOutcome {
  const error = new AppError(
    "input",
    "HubSpot refuses this batch in too many places to single them out; the log has its reason.",
    { code: "BATCH_REFUSED", cause: refusal.cause },
  );
  return ({ ref }) => ({ kind: "failed", ref, error });
}

function noSuchPath(refusal: Refusal): (input: WriteInput) => WriteOutcome {
  const error = new AppError(
    "unavailable",
    "HubSpot does not know this address. Check HUBSPOT_BASE_URL.",
    { code: "HUBSPOT_NO_SUCH_PATH", cause: refusal.cause },
  );
  return ({ ref }) => ({ kind: "failed", ref, error });
}
