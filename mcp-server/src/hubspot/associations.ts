/** Associations: writing pairs, and reading what is associated. */
import { z } from "zod";
import { cut, halve } from "../core/batching.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { unreadable } from "./failure.ts";
import { associationBatch } from "./paths.ts";
import { type Fault, type Refusal, refusalError, refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { batchErrorsSchema, idSchema, readAnswer } from "./wire.ts";

// HubSpot docs, associations: 2,000 inputs to write and 1,000 to read (read 2026-04).
const MAX_WRITE = 2_000;
const MAX_READ = 1_000;

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

const readSchema = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: idSchema }),
      to: z.array(z.object({ toObjectId: idSchema })),
      paging: z.object({ next: z.object({ after: idSchema }).optional() }).optional(),
    }),
  ),
  ...batchErrorsSchema,
});

/** Writes all pairs; one outcome per pair, in no order. Throws only `auth`. */
export async function associate(
  send: Send,
  ends: Ends,
  pairs: readonly Pair[],
  call?: CrmCall,
): Promise<readonly PairOutcome[]> {
  const batches = await sideBySide(cut(pairs, MAX_WRITE), (batch) =>
    associateBatch(send, ends, batch, call),
  );
  return batches.flat();
}

async function associateBatch(
  send: Send,
  ends: Ends,
  pairs: readonly Pair[],
  call?: CrmCall,
): Promise<readonly PairOutcome[]> {
  const reply = await send(
    {
      method: "POST",
      route: associationBatch(ends.from, ends.to, "create"),
      body: { inputs: pairs.map(pairInput) },
      lane: "associations",
      effect: "repeatable",
    },
    call,
  );
  if (reply.kind === "answered") return pairOutcomes(pairs, reply.body);
  if (reply.kind !== "refused") return pairs.map(({ ref }) => ({ ref, error: reply.error }));
  if (pairs.length === 1) {
    return pairs.map(({ ref }) => ({ ref, error: refusalError(reply.refusal) }));
  }
  // One wrong type or id refuses all: find it, and write the others.
  const [left, right] = halve(pairs);
  return [
    ...(await associateBatch(send, ends, left, call)),
    ...(await associateBatch(send, ends, right, call)),
  ];
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

/**
 * Associated ids per id, each list without repeats; [] only where HubSpot says that nothing is associated. An id that HubSpot refuses
 * for another reason (the record is gone) is absent from the map. Throws AppError when an id stays unanswered.
 */
export async function associatedIds(
  send: Send,
  ends: Ends,
  fromIds: readonly string[],
  call?: CrmCall,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  await sideBySide(cut([...new Set(fromIds)], MAX_READ), async (batch) => {
    let asks: readonly Ask[] = batch.map((id) => ({ id }));
    let silentRounds = 0;
    while (asks.length > 0) {
      const round = await readAssociations(send, ends, { asks, found }, call);
      silentRounds = round.isSilent ? silentRounds + 1 : 0;
      if (silentRounds > 1) throw unreadable(`${asks.length} ids without an answer`);
      asks = round.open;
    }
  });
  return new Map([...found].map(([id, ids]) => [id, [...ids]]));
}

interface Ask {
  readonly id: string;
  readonly after?: string;
}

interface Round {
  /** Still to be asked: further pages, and ids without an answer. */
  readonly open: readonly Ask[];
  readonly isSilent: boolean;
}

async function readAssociations(
  send: Send,
  ends: Ends,
  ask: { readonly asks: readonly Ask[]; readonly found: Map<string, Set<string>> },
  call?: CrmCall,
): Promise<Round> {
  const answer = await readAnswer(
    send,
    {
      method: "POST",
      route: associationBatch(ends.from, ends.to, "read"),
      body: { inputs: ask.asks },
      lane: "associations",
      effect: "read",
    },
    readSchema,
    call,
  );
  const answered = new Set<string>();
  const pages: Ask[] = [];
  for (const { from, to, paging } of answer.results) {
    answered.add(from.id);
    addTo(ask.found, from.id, to);
    if (paging?.next !== undefined) pages.push({ id: from.id, after: paging.next.after });
  }
  for (const fault of answer.errors) {
    for (const id of fromIdsOf(fault)) {
      answered.add(id);
      if (isEmpty(fault)) addTo(ask.found, id, []);
    }
  }
  const silent = ask.asks.filter(({ id }) => !answered.has(id));
  if (coversAll(answer, ask.asks.length)) {
    for (const { id } of silent) addTo(ask.found, id, []);
    return { open: pages, isSilent: false };
  }
  return { open: [...pages, ...silent], isSilent: answered.size === 0 };
}

function addTo(
  found: Map<string, Set<string>>,
  id: string,
  targets: readonly { readonly toObjectId: string }[],
): void {
  const ids = found.get(id) ?? new Set();
  for (const { toObjectId } of targets) ids.add(toObjectId);
  found.set(id, ids);
}

// The list of errors can be shorter than their number (recorded response, 2026-02): then those not listed are like those that are.
function coversAll(answer: z.infer<typeof readSchema>, asked: number): boolean {
  const { results, errors, numErrors } = answer;
  if (numErrors === undefined || numErrors <= errors.length) return false;
  return errors.every(isEmpty) && results.length + numErrors >= asked;
}

// A record without associations is reported as an error (recorded response, 2026-02).
function isEmpty(fault: Fault): boolean {
  return fault.subCategory === "crm.associations.NO_ASSOCIATIONS_FOUND";
}

function fromIdsOf(fault: Fault): readonly string[] {
  return z.array(z.coerce.string()).catch([]).parse(fault.context?.["fromObjectId"]);
}
