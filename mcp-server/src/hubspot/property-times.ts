/** When properties last changed, from HubSpot's property history. */
import { z } from "zod";
import { cut } from "../core/batching.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { unreadable } from "./failure.ts";
import { objectBatch } from "./paths.ts";
import { refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { batchErrorsSchema, idSchema, readAnswer } from "./wire.ts";

// HubSpot: "the maximum number of inputs supported in a batch request for property histories is 50".
const MAX_INPUTS = 50;

const historySchema = z.object({
  results: z.array(
    z.object({
      id: idSchema,
      propertiesWithHistory: z
        .record(z.string(), z.array(z.object({ timestamp: z.union([z.string(), z.number()]) })))
        .default({}),
    }),
  ),
  ...batchErrorsSchema,
});
type History = z.infer<typeof historySchema>;

type Times = Map<string, Readonly<Record<string, string>>>;

/** By id and property name, ISO-8601 UTC; what has no history and who is gone is left out. Throws AppError. */
export async function readPropertyTimes(
  send: Send,
  object: CrmObject,
  ask: { readonly ids: readonly string[]; readonly properties: readonly string[] },
  call?: CrmCall,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const times: Times = new Map();
  await sideBySide(cut([...new Set(ask.ids)], MAX_INPUTS), async (batch) => {
    let open: readonly string[] = batch;
    while (open.length > 0) {
      const answer = await readHistory(
        send,
        object,
        { ids: open, properties: ask.properties },
        call,
      );
      if (answer.results.length + answer.errors.length === 0) throw unreadable("no histories");
      const settled = note(answer, times);
      const rest = open.filter((id) => !settled.has(id));
      // Merged-away ids come back under another id; asking for them again brings nothing new.
      if (rest.length === open.length) return;
      open = rest;
    }
  });
  return times;
}

async function readHistory(
  send: Send,
  object: CrmObject,
  ask: { readonly ids: readonly string[]; readonly properties: readonly string[] },
  call?: CrmCall,
): Promise<History> {
  return readAnswer(
    send,
    {
      method: "POST",
      route: objectBatch(object, "read"),
      body: {
        inputs: ask.ids.map((id) => ({ id })),
        properties: [],
        propertiesWithHistory: ask.properties,
      },
      lane: "objects",
      effect: "read",
    },
    historySchema,
    call,
  );
}

/** @returns the ids that this answer settles */
function note(answer: History, times: Times): ReadonlySet<string> {
  const gone = answer.errors
    .filter(({ category }) => category === "OBJECT_NOT_FOUND")
    .flatMap((fault) => refusalOf(0, fault).ids);
  for (const { id, propertiesWithHistory } of answer.results) {
    const latest = Object.entries(propertiesWithHistory).flatMap(([name, entries]) => {
      const at = latestOf(entries.map(({ timestamp }) => new Date(timestamp).getTime()));
      return at === null ? [] : [[name, at] as const];
    });
    times.set(id, Object.fromEntries(latest));
  }
  return new Set([...gone, ...answer.results.map(({ id }) => id)]);
}

// Documented as newest first; the highest is the newest in any order.
function latestOf(times: readonly number[]): string | null {
  const known = times.filter((time) => !Number.isNaN(time));
  return known.length === 0 ? null : new Date(Math.max(...known)).toISOString();
}
