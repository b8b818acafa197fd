/** What a reconciliation has found of one kind of record so far: numbers and a few examples, however many records there are. */
import { z } from "zod";
import { causes, type Discrepancy } from "./reconcile.ts";

// Enough to look something up; the numbers are complete.
const EXAMPLES = 5;

const groupSchema = z.object({ count: z.number(), examples: z.array(z.string()) });
/** How many there are, and the first few: a local id, a HubSpot id, or both as "12 = 345". */
export type Group = z.infer<typeof groupSchema>;

const fieldSchema = groupSchema.extend({ field: z.string(), cause: z.enum(causes) });

export const tallySchema = z.object({
  /** Answers that HubSpot's list took. */
  pages: z.number(),
  hubspot_records: z.number(),
  /** Pairs of which both sides are there. */
  compared: z.number(),
  equal: z.number(),
  /** Equal pairs of which the base knew some field not yet. */
  agreed: z.number(),
  /** Pairs of which nothing differs but what a person or a correction is waited for. */
  waiting: z.number(),
  different: z.number(),
  fields: z.array(fieldSchema),
  /** Linked here, not in HubSpot's list: deleted or merged there. */
  gone: groupSchema,
  merged: z.number(),
  deleted: z.number(),
  /** As `gone`, and dealt with before. */
  ended: z.number(),
  /** Ended before, and in HubSpot's list again. */
  restored: groupSchema,
  only_in_hubspot: groupSchema,
  /** Of these, records that are looked at as new ones. */
  signalled: z.number(),
  /** No link, but a key that a record of the other side has. */
  joined: groupSchema,
  only_here: groupSchema,
  /** Linked, and the local row was deleted. */
  removed_here: groupSchema,
  /** What the pipeline did with what was to be repaired, one number per outcome. */
  repairs: z.record(z.string(), z.number()),
});
/** Findings of one kind. */
export type ReconcileTally = z.infer<typeof tallySchema>;

type GroupName = {
  readonly [K in keyof ReconcileTally]: ReconcileTally[K] extends Group ? K : never;
}[keyof ReconcileTally];

const none: Group = { count: 0, examples: [] };

/** Nothing found yet. */
export const emptyTally: ReconcileTally = {
  pages: 0,
  hubspot_records: 0,
  compared: 0,
  equal: 0,
  agreed: 0,
  waiting: 0,
  different: 0,
  fields: [],
  gone: none,
  merged: 0,
  deleted: 0,
  ended: 0,
  restored: none,
  only_in_hubspot: none,
  signalled: 0,
  joined: none,
  only_here: none,
  removed_here: none,
  repairs: {},
};

function grown(group: Group, examples: readonly string[]): Group {
  const room = Math.max(0, EXAMPLES - group.examples.length);
  return {
    count: group.count + examples.length,
    examples: [...group.examples, ...examples.slice(0, room)],
  };
}

/** The tally with more members of a group. */
export function addTo(
  tally: ReconcileTally,
  name: GroupName,
  members: readonly string[],
): ReconcileTally {
  return members.length === 0 ? tally : { ...tally, [name]: grown(tally[name], members) };
}

/** The tally with the differing fields of one record. */
export function addFields(
  tally: ReconcileTally,
  example: string,
  discrepancies: readonly Discrepancy[],
): ReconcileTally {
  const fields = [...tally.fields];
  for (const { field, cause } of discrepancies) {
    const index = fields.findIndex((one) => one.field === field && one.cause === cause);
    const known = fields[index] ?? { field, cause, ...none };
    const more = { ...known, ...grown(known, [example]) };
    if (index === -1) fields.push(more);
    else fields[index] = more;
  }
  return { ...tally, fields };
}
