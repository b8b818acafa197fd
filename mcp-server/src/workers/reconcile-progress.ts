/** How far a reconciliation is, as its job's checkpoint keeps it: an interrupted one goes on and reports as if nothing had happened. */
import { z } from "zod";
import type { MappedObject } from "../core/field-map.ts";
import { emptyTally, tallySchema } from "../core/reconcile-tally.ts";
import { noChanges } from "../core/sync-caps.ts";

const pairSchema = z.object({ local_id: z.number(), hubspot_id: z.string() });

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  count: z.number(),
  examples: z.array(z.string()).readonly(),
});

const kindSchema = z.object({
  started_at: z.string(),
  finished_at: z.string().nullable(),
  /** `list`: walking HubSpot's list; `here`: counting what only this side has; `done`. */
  stage: z.enum(["list", "here", "done"]),
  /** Where HubSpot's next page starts; null at the start. */
  after: z.string().nullable(),
  /** The last HubSpot id that was compared; null at the start. */
  last: z.string().nullable(),
  here_after: z.number(),
  /** Records that are still to be repaired. */
  pending: z.array(z.number()),
  /** Of these, the ones that HubSpot's list did not have. */
  gone: z.array(pairSchema),
  findings: tallySchema,
  /** What could not be repaired. */
  errors: z.array(errorSchema).readonly(),
});
/** How far one kind is. */
export type KindProgress = z.infer<typeof kindSchema>;

const schema = z.object({
  reconcile: z.object({ contacts: kindSchema.optional(), customers: kindSchema.optional() }),
  changes: z.object({ creates: z.number(), updates: z.number(), clears: z.number() }),
});

/** The whole run. `changes` counts against the caps. */
export interface ReconcileProgress {
  readonly kinds: Map<MappedObject, KindProgress>;
  changes: z.infer<typeof schema>["changes"];
}

/** Where the job is; a fresh one has no checkpoint. */
export function reconcileProgress(checkpoint: string | null): ReconcileProgress {
  if (checkpoint === null) return { kinds: new Map(), changes: noChanges };
  const { reconcile, changes } = schema.parse(JSON.parse(checkpoint));
  const kinds = new Map<MappedObject, KindProgress>();
  if (reconcile.contacts) kinds.set("contacts", reconcile.contacts);
  if (reconcile.customers) kinds.set("customers", reconcile.customers);
  return { kinds, changes };
}

/** The checkpoint that says so. */
export function reconcileCheckpoint({ kinds, changes }: ReconcileProgress): string {
  return JSON.stringify({ reconcile: Object.fromEntries(kinds), changes });
}

/** A kind that was not begun. */
export function freshKind(started_at: string): KindProgress {
  return {
    started_at,
    finished_at: null,
    stage: "list",
    after: null,
    last: null,
    here_after: 0,
    pending: [],
    gone: [],
    findings: emptyTally,
    errors: [],
  };
}
