/** Writes associations, pair by pair accounted for. */
import { z } from "zod";
import { cut, halve } from "../core/batching.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { unreadable } from "./failure.ts";
import { associationBatch } from "./paths.ts";
import { type Refusal, refusalError, refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { batchErrorsSchema, idSchema } from "./wire.ts";

// HubSpot docs, associations: 2,000 inputs to write (read 2026-04).
const MAX_WRITE = 2_000;
// Singling out one bad pair of 2,000 takes 22 requests; a request that is wrong for every pair must not take thousands.
const MAX_EXTRA = 60;

export interface Pair {
  readonly ref: string;
  readonly fromId: string;
  readonly toId: string;
  readonly typeId: number;
}

export interface PairOutcome {
  readonly ref: string;
  readonly error: AppError | null;
}

/** Both object types of an association path. */
export interface Ends {
  readonly from: CrmObject;
  readonly to: CrmObject;
}

const writtenSchema = z.object({
  results: z.array(z.object({ fromObjectId: idSchema, toObjectId: idSchema })),
  ...batchErrorsSchema,
});

/** Writes all pairs; one outcome per pair, in no order. Throws only `auth`. */
export async function associate(
  send: Send,
  ends: Ends,
  pairs: readonly Pair[],
  call?: CrmCall,
): Promise<readonly PairOutcome[]> {
  const writing = { send, ends, call };
  const batches = await sideBySide(cut(pairs, MAX_WRITE), (batch) =>
    associateBatch({ ...writing, extra: { left: MAX_EXTRA } }, batch),
  );
  return batches.flat();
}

interface Batch {
  readonly send: Send;
  readonly ends: Ends;
  readonly call: CrmCall | undefined;
  /** Requests that taking it apart may still cost. */
  readonly extra: { left: number };
}

async function associateBatch(
  batch: Batch,
  pairs: readonly Pair[],
): Promise<readonly PairOutcome[]> {
  const { send, ends } = batch;
  const reply = await send(
    {
      method: "POST",
      route: associationBatch(ends.from, ends.to, "create"),
      body: { inputs: pairs.map(pairInput) },
      lane: "associations",
      effect: "repeatable",
    },
    batch.call,
  );
  if (reply.kind === "answered") return pairOutcomes(pairs, reply.body);
  if (reply.kind !== "refused") return pairs.map(({ ref }) => ({ ref, error: reply.error }));
  batch.extra.left -= 2;
  if (pairs.length === 1 || batch.extra.left < 0) {
    return pairs.map(({ ref }) => ({ ref, error: refusalError(reply.refusal) }));
  }
  // One wrong type or id refuses all: find it, and write the others.
  const [left, right] = halve(pairs);
  return [...(await associateBatch(batch, left)), ...(await associateBatch(batch, right))];
}

function pairInput(pair: Pair) {
  return {
    from: { id: pair.fromId },
    to: { id: pair.toId },
    types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: pair.typeId }],
  };
}

function pairOutcomes(pairs: readonly Pair[], body: unknown): readonly PairOutcome[] {
  const answer = writtenSchema.safeParse(body);
  if (!answer.success) {
    const error = unreadable(answer.error);
    return pairs.map(({ ref }) => ({ ref, error }));
  }
  const done = new Set(
    answer.data.results.map(({ fromObjectId, toObjectId }) => `${fromObjectId}>${toObjectId}`),
  );
  const refusals = answer.data.errors.map((fault) => refusalOf(0, fault));
  return pairs.map((pair) => {
    if (done.has(`${pair.fromId}>${pair.toId}`)) return { ref: pair.ref, error: null };
    const refusal = refusals.find((one) => namesPair(one, pair)) ?? onlyOne(refusals);
    return { ref: pair.ref, error: notAssociated(refusal) };
  });
}

function namesPair(refusal: Refusal, pair: Pair): boolean {
  return refusal.ids.includes(pair.fromId) || refusal.ids.includes(pair.toId);
}

function onlyOne(refusals: readonly Refusal[]): Refusal | null {
  return refusals.length === 1 ? (refusals[0] ?? null) : null;
}

function notAssociated(refusal: Refusal | null): AppError {
  if (refusal === null) {
    return new AppError(
      "unknown-outcome",
      "HubSpot does not say whether it associated these records.",
      {
        code: "HUBSPOT_SILENT",
      },
    );
  }
  return new AppError("not-found", "HubSpot no longer has one of the records to associate.", {
    code: refusal.subCategory === "" ? refusal.code : refusal.subCategory,
    cause: refusal.cause,
  });
}
