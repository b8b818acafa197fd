/** What can happen in the model's world, in any order. Numbers are taken modulo what there is, so that shrinking them always means something. */
import fc from "fast-check";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import type { ModelObject, Side } from "./world.ts";

export interface Edit {
  readonly kind: "edit";
  readonly record: number;
  readonly field: number;
  readonly side: Side;
  readonly value: number;
  /** Whether an edit in HubSpot is heard of; of one that is not, only a look at the record tells. */
  readonly heard: boolean;
}

/** Both sides get a value of one field, one after the other. */
export interface Contest {
  readonly kind: "contest";
  readonly first: Edit;
  readonly second: Pick<Edit, "value" | "heard">;
}

export interface SyncCommand {
  readonly kind: "sync";
  readonly direction: "both" | "push" | "pull";
  readonly object: "all" | ModelObject;
  /** Looks at all records instead of those that are due. */
  readonly everything: boolean;
  /** What the next request to such a path meets, and how often. */
  readonly fault: Pick<FaultOrder, "name" | "path" | "times"> | null;
  /** While a request waits to be tried again, a local edit is made, or somebody cancels the job. */
  readonly meanwhile: Edit | { readonly kind: "cancel" } | null;
}

export type Command =
  | Edit
  | Contest
  | SyncCommand
  /** The server's own look at the queue, alone or while a sync is at work. */
  | { readonly kind: "live"; readonly beside: SyncCommand | null }
  | {
      readonly kind: "preview";
      readonly everything: boolean;
      readonly direction: "both" | "push" | "pull";
      readonly between: Edit | null;
      readonly apply: boolean;
    }
  | {
      readonly kind: "resolve";
      readonly conflict: number;
      readonly resolution: "keep_local" | "keep_hubspot" | "set";
      readonly value: number;
    }
  /** `known`: HubSpot has the person or the company already. */
  | {
      readonly kind: "add";
      readonly object: ModelObject;
      readonly values: readonly number[];
      readonly known: boolean;
    }
  /** Another program fills a JSON column with something else, or mends it. */
  | { readonly kind: "break"; readonly record: number; readonly column: number };

const n = fc.nat(60);
const side = fc.constantFrom("local" as const, "hubspot" as const);
const direction = fc.constantFrom(
  "both" as const,
  "both" as const,
  "push" as const,
  "pull" as const,
);
const object = fc.constantFrom("contacts" as const, "customers" as const);

const edits: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constant("edit"),
  record: n,
  field: n,
  side,
  value: n,
  heard: fc.boolean(),
});

const contests: fc.Arbitrary<Contest> = fc.record({
  kind: fc.constant("contest"),
  first: edits,
  second: fc.record({ value: n, heard: fc.boolean() }),
});

const faults = fc.record({
  name: fc.constantFrom(
    "http-500" as const,
    "http-503" as const,
    "reset-before-commit" as const,
    "reset-after-commit" as const,
    "reset-after-commit" as const,
    "timeout-after-commit" as const,
    "empty-2xx" as const,
    "drop-mid-body" as const,
  ),
  path: fc.constantFrom("batch/read", "batch/update", "batch/upsert", "/associations/", "/crm/"),
  // A request is given up after three tries.
  times: fc.constantFrom(1, 1, 2, 4, 4),
});

const syncs: fc.Arbitrary<SyncCommand> = fc.record({
  kind: fc.constant("sync"),
  direction,
  object: fc.constantFrom(
    "all" as const,
    "all" as const,
    "contacts" as const,
    "customers" as const,
  ),
  everything: fc.boolean(),
  fault: fc.option(faults, { nil: null, freq: 1 }),
  meanwhile: fc.option(
    fc.oneof(
      { weight: 3, arbitrary: edits.map((edit) => ({ ...edit, side: "local" as const })) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const) }) },
    ),
    { nil: null, freq: 4 },
  ),
});

const others = fc.oneof(
  fc.record({ kind: fc.constant("live" as const), beside: fc.option(syncs, { nil: null }) }),
  fc.record({
    kind: fc.constant("preview" as const),
    everything: fc.boolean(),
    direction,
    between: fc.option(edits, { nil: null }),
    apply: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("break" as const), record: n, column: n }),
);

const additions = fc.record({
  kind: fc.constant("add" as const),
  object,
  values: fc.array(n, { minLength: 12, maxLength: 12 }),
  known: fc.boolean(),
});

const resolutions = fc.record({
  kind: fc.constant("resolve" as const),
  conflict: n,
  resolution: fc.constantFrom("keep_local" as const, "keep_hubspot" as const, "set" as const),
  value: n,
});

const plainSync: SyncCommand = {
  ...{ kind: "sync", direction: "both", object: "all" },
  ...{ everything: false, fault: null, meanwhile: null },
};

/** A first customer and a first contact, and then mostly edits and syncs. */
export const histories: fc.Arbitrary<readonly Command[]> = fc
  .tuple(
    additions.map((addition) => ({ ...addition, object: "customers" as const })),
    additions.map((addition) => ({ ...addition, object: "contacts" as const })),
    fc.array(
      fc.oneof(
        { weight: 9, arbitrary: edits },
        { weight: 7, arbitrary: contests },
        { weight: 7, arbitrary: syncs },
        { weight: 2, arbitrary: resolutions },
        { weight: 2, arbitrary: others },
        { weight: 1, arbitrary: additions },
      ),
      { minLength: 8, maxLength: 32, size: "max" },
    ),
    fc.boolean(),
  )
  .map(([customer, contact, rest, isLinked]) => [
    ...[customer, contact],
    ...(isLinked ? [plainSync] : []),
    ...rest,
  ]);
