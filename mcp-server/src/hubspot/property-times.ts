/** When properties last changed and who changed them, from HubSpot's property history. */
import { z } from "zod";
import { cut } from "../core/batching.ts";
import type { Stated } from "../core/value-types.ts";
import type { CrmCall, CrmObject } from "../ports/crm.ts";
import { unreadable } from "./failure.ts";
import { entrySchema, newestOf } from "./history-entry.ts";
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
      propertiesWithHistory: z.record(z.string(), z.array(entrySchema)).default({}),
    }),
  ),
  ...batchErrorsSchema,
});
type History = z.infer<typeof historySchema>;

type Times = Map<string, Readonly<Record<string, Stated>>>;

/** The newest change by id and property name; what has no history and who is gone is left out. Throws AppError. */
export async function readPropertyTimes(
  send: Send,
  object: CrmObject,
  ask: { readonly ids: readonly string[]; readonly properties: readonly string[] },
  call?: CrmCall,
): Promise<ReadonlyMap<string, Readonly<Record<string, Stated>>>> {
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
      if (rest.length === open.length && answer.results.length > 0) return;
      if (rest.length === open.length) throw unreadable("no histories");
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
      const stated = newestOf(entries);
      return stated === null ? [] : [[name, stated] as const];
    });
    times.set(id, Object.fromEntries(latest));
  }
  return new Set([...gone, ...answer.results.map(({ id }) => id)]);
}
