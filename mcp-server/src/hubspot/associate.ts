/** Writes associations and takes them away, pair by pair accounted for. */
import { z } from "zod";
import { cut, halve } from "../core/batching.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { silent, unclear } from "./failure.ts";
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
export function associate(
  send: Send,
  ends: Ends,
  pairs: readonly Pair[],
  call?: CrmCall,
): Promise<readonly PairOutcome[]> {
  const work = { action: "create", outcomesOf: pairOutcomes, alone: refusalError } as const;
  return inBatches({ send, ends, call, work }, pairs);
}

/**
 * Takes the given types off pairs; one outcome per pair, in no order. Taking the unlabeled type ends the association as a whole (HubSpot docs,
 * associations, read 2026-04). What is not there, or whose records are gone, is as it was to be. Throws only `auth`.
 */
export function dissociate(
  send: Send,
  ends: Ends,
  pairs: readonly Pair[],
  call?: CrmCall,
): Promise<readonly PairOutcome[]> {
  const work = { action: "labels/archive", outcomesOf: partedOutcomes, alone: unlessGone } as const;
  return inBatches({ send, ends, call, work }, pairs);
}

/** What is done with pairs: how an answer is read, and what a refusal of one pair alone means for it. */
interface PairWork {
  readonly action: "create" | "labels/archive";
  readonly outcomesOf: (pairs: readonly Pair[], body: unknown) => readonly PairOutcome[];
  readonly alone: (refusal: Refusal) => AppError | null;
}

interface Working {
  readonly send: Send;
  readonly ends: Ends;
  readonly call: CrmCall | undefined;
  readonly work: PairWork;
}

interface Batch extends Working {
  /** Requests that taking it apart may still cost. */
  readonly extra: { left: number };
}

async function inBatches(
  working: Working,
  pairs: readonly Pair[],
): Promise<readonly PairOutcome[]> {
  const batches = await sideBySide(cut(pairs, MAX_WRITE), (batch) =>
    sendBatch({ ...working, extra: { left: MAX_EXTRA } }, batch),
  );
  return batches.flat();
}

async function sendBatch(batch: Batch, pairs: readonly Pair[]): Promise<readonly PairOutcome[]> {
  const { send, ends, work } = batch;
  const reply = await send(
    {
      method: "POST",
      route: associationBatch(ends.from, ends.to, work.action),
      body: { inputs: pairs.map(pairInput) },
      lane: "associations",
      effect: "once",
    },
    batch.call,
  );
  if (reply.kind === "answered") return work.outcomesOf(pairs, reply.body);
  if (reply.kind !== "refused") return pairs.map(({ ref }) => ({ ref, error: reply.error }));
  batch.extra.left -= 2;
  if (pairs.length === 1 || batch.extra.left < 0) {
    const refused = pairs.length === 1 ? work.alone : refusalError;
    return pairs.map(({ ref }) => ({ ref, error: refused(reply.refusal) }));
  }
  // One wrong type or id refuses all: find it, and write the others.
  const [left, right] = halve(pairs);
  return [...(await sendBatch(batch, left)), ...(await sendBatch(batch, right))];
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
    const error = unclear(answer.error);
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
  if (refusal === null) return silent();
  return new AppError("not-found", "HubSpot no longer has one of the records to associate.", {
    code: refusal.subCategory === "" ? refusal.code : refusal.subCategory,
    cause: refusal.cause,
  });
}

const partedSchema = z.object(batchErrorsSchema);

/** HubSpot answers 204 without a body, or names what it could not do; any other success says nothing. */
function partedOutcomes(pairs: readonly Pair[], body: unknown): readonly PairOutcome[] {
  if (body === null) return pairs.map(({ ref }) => ({ ref, error: null }));
  const answer = partedSchema.safeParse(body);
  if (!answer.success) {
    const error = unclear(answer.error);
    return pairs.map(({ ref }) => ({ ref, error }));
  }
  const refusals = answer.data.errors.map((fault) => refusalOf(0, fault));
  if (refusals.length === 0) return pairs.map(({ ref }) => ({ ref, error: silent() }));
  return pairs.map((pair) => {
    const refusal = refusals.find((one) => namesPair(one, pair)) ?? onlyOne(refusals);
    return { ref: pair.ref, error: refusal === null ? null : unlessGone(refusal) };
  });
}

function unlessGone(refusal: Refusal): AppError | null {
  const isGone = refusal.status === 404 || refusal.category === "OBJECT_NOT_FOUND";
  return isGone ? null : refusalError(refusal);
}
