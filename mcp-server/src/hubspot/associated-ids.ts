/** Reads what is associated with records, and how. */
import { z } from "zod";
import { cut } from "../core/batching.ts";
import type { Association, CrmCall } from "../ports/crm.ts";
import type { Ends } from "./associate.ts";
import { unreadable } from "./failure.ts";
import { associationBatch } from "./paths.ts";
import type { Fault } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { batchErrorsSchema, idSchema, readAnswer, recordIdSchema } from "./wire.ts";

// HubSpot docs, associations: 1,000 inputs to read (read 2026-04).
const MAX_READ = 1_000;

const readSchema = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: recordIdSchema }),
      to: z.array(
        z.object({
          toObjectId: recordIdSchema,
          associationTypes: z
            .array(z.object({ category: z.string(), typeId: z.number() }))
            .catch([]),
        }),
      ),
      paging: z.object({ next: z.object({ after: idSchema }).optional() }).optional(),
    }),
  ),
  ...batchErrorsSchema,
});

type Target = z.infer<typeof readSchema>["results"][number]["to"][number];
type Found = Map<string, Map<string, Association>>;

/** The associated ids alone; otherwise as `associations`. */
export async function associatedIds(
  send: Send,
  ends: Ends,
  fromIds: readonly string[],
  call?: CrmCall,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await associations(send, ends, fromIds, call);
  return new Map([...found].map(([id, list]) => [id, list.map((association) => association.id)]));
}

/**
 * Associations per id, each list without repeats; [] only where HubSpot says that nothing is associated. An id that HubSpot refuses
 * for another reason (the record is gone) is absent from the map. Throws AppError when an id stays unanswered.
 */
export async function associations(
  send: Send,
  ends: Ends,
  fromIds: readonly string[],
  call?: CrmCall,
): Promise<ReadonlyMap<string, readonly Association[]>> {
  const found: Found = new Map();
  await sideBySide(cut([...new Set(fromIds)], MAX_READ), async (batch) => {
    let asks: readonly Ask[] = batch.map((id) => ({ id }));
    let silentRounds = 0;
    while (asks.length > 0) {
      const before = countOf(found);
      const open = await readAssociations(send, ends, { asks, found }, call);
      const isSilent = open.length >= asks.length && countOf(found) === before;
      silentRounds = isSilent ? silentRounds + 1 : 0;
      if (silentRounds > 1) throw unreadable(`${asks.length} ids without an answer`);
      asks = open;
    }
  });
  return new Map([...found].map(([id, byId]) => [id, [...byId.values()]]));
}

interface Ask {
  readonly id: string;
  readonly after?: string;
}

/** Ids and associations known so far: a round that adds none and leaves as much to ask brought nothing. */
function countOf(found: Found): number {
  return [...found.values()].reduce((sum, byId) => sum + 1 + byId.size, 0);
}

/** @returns what is still to be asked: further pages, and ids without an answer */
async function readAssociations(
  send: Send,
  ends: Ends,
  ask: { readonly asks: readonly Ask[]; readonly found: Found },
  call?: CrmCall,
): Promise<readonly Ask[]> {
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
    return pages;
  }
  return [...pages, ...silent];
}

function addTo(found: Found, id: string, targets: readonly Target[]): void {
  const byId = found.get(id) ?? new Map<string, Association>();
  for (const { toObjectId, associationTypes } of targets) {
    const own = associationTypes.filter(({ category }) => category === "HUBSPOT_DEFINED");
    byId.set(toObjectId, {
      id: toObjectId,
      typeIds: own.map(({ typeId }) => typeId),
      isLabelled: own.length < associationTypes.length,
    });
  }
  found.set(id, byId);
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
