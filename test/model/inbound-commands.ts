/** What can happen while HubSpot speaks, in any order. Numbers are taken modulo what there is, so that shrinking them always means something. */
import fc from "fast-check";
import type { ModelObject, Side } from "./world.ts";

/** `by`: a local edit comes from another program's SQL or through the store. */
export interface InboundEdit {
  readonly kind: "edit";
  readonly object: ModelObject;
  readonly record: number;
  readonly field: number;
  readonly side: Side;
  readonly value: number;
  readonly by: "sql" | "store";
  /** A text of its own instead of one that is often written. */
  readonly text?: string;
}

/** What becomes of notifications that wait. `all`: every one; `some`: half of them; `lost`: half of them, never to be seen again. */
export interface Delivery {
  readonly kind: "deliver";
  readonly which: "all" | "some" | "lost";
  readonly order: "oldest" | "newest" | "shuffled";
  readonly isDoubled: boolean;
  /** Also some that were delivered before, or lost. */
  readonly isReplayed: boolean;
  readonly dice: number;
}

/** What people do in HubSpot to records as wholes. `other`: the second one of a merge, or the company of a contact. */
export interface Life {
  readonly kind: "life";
  readonly what: "merge" | "archive" | "restore" | "erase";
  readonly object: ModelObject;
  readonly record: number;
  readonly other: number;
}

/** Whose company a contact is, changed on either side. */
export interface Association {
  readonly kind: "associate";
  readonly side: Side;
  /** `gone`, `merged`: HubSpot's company itself. */
  readonly how: "primary" | "beside" | "part" | "gone" | "merged";
  readonly record: number;
  readonly company: number;
}

export type Work =
  | { readonly kind: "live"; readonly isBeside: boolean }
  | { readonly kind: "poll" }
  | { readonly kind: "sync"; readonly direction: "both" | "push" | "pull" }
  | { readonly kind: "reconcile" }
  | { readonly kind: "enrich" };

export type InboundCommand =
  | InboundEdit
  | Delivery
  | Life
  | Association
  | Work
  /** A person of whom `here`, `hubspot` or both know; or a customer. */
  | {
      readonly kind: "add";
      readonly who: "customer" | "here" | "hubspot" | "both";
      readonly value: number;
    }
  /** What enrichment works out. */
  | { readonly kind: "score"; readonly record: number; readonly value: number }
  | {
      readonly kind: "decide";
      readonly conflict: number;
      readonly resolution: "keep_local" | "keep_hubspot" | "set";
      readonly value: number;
    }
  | { readonly kind: "wait"; readonly ms: number }
  /** The process dies, or another one dies holding what is due. */
  | { readonly kind: "crash"; readonly isHolding: boolean };

const n = fc.nat(60);
const object = fc.constantFrom<ModelObject[]>("contacts", "contacts", "customers");
const side = fc.constantFrom<Side[]>("local", "hubspot");

/** One edit. */
export const edits: fc.Arbitrary<InboundEdit> = fc.record({
  ...{ kind: fc.constant("edit" as const), object, side },
  ...{ record: n, field: n, value: n, by: fc.constantFrom("sql" as const, "store" as const) },
});

/** One delivery. */
export const deliveries: fc.Arbitrary<Delivery> = fc.record({
  kind: fc.constant("deliver" as const),
  which: fc.constantFrom("all" as const, "all" as const, "some" as const, "lost" as const),
  order: fc.constantFrom("oldest" as const, "newest" as const, "shuffled" as const),
  isDoubled: fc.boolean(),
  isReplayed: fc.boolean(),
  dice: fc.nat(1_000_000),
});

const lives: fc.Arbitrary<Life> = fc.record({
  kind: fc.constant("life" as const),
  what: fc.constantFrom("merge" as const, "archive" as const, "restore" as const, "erase" as const),
  ...{ object, record: n, other: n },
});

const associations: fc.Arbitrary<Association> = fc.record({
  ...{ kind: fc.constant("associate" as const), side, record: n, company: n },
  how: fc.constantFrom(
    ...(["primary", "primary", "beside", "part", "part", "gone", "merged"] as const),
  ),
});

const looks: fc.Arbitrary<Work> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: "live" as const, isBeside: false }) },
  { weight: 1, arbitrary: fc.constant({ kind: "live" as const, isBeside: true }) },
  { weight: 3, arbitrary: fc.constant({ kind: "poll" as const }) },
);

const jobs: fc.Arbitrary<Work> = fc.oneof(
  fc.record({
    kind: fc.constant("sync" as const),
    direction: fc.constantFrom("both" as const, "both" as const, "push" as const, "pull" as const),
  }),
  fc.constant({ kind: "reconcile" as const }),
  fc.constant({ kind: "enrich" as const }),
);

const additions = fc.record({
  kind: fc.constant("add" as const),
  who: fc.constantFrom(
    "customer" as const,
    "here" as const,
    "hubspot" as const,
    "hubspot" as const,
    "both" as const,
  ),
  value: n,
});

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const waits = fc.record({
  kind: fc.constant("wait" as const),
  ms: fc.constantFrom(3 * SECOND, 61 * SECOND, 6 * MINUTE, 16 * MINUTE, 180 * MINUTE),
});

const others = fc.oneof(
  fc.record({ kind: fc.constant("score" as const), record: n, value: n }),
  fc.record({ kind: fc.constant("crash" as const), isHolding: fc.boolean() }),
  fc.record({
    ...{ kind: fc.constant("decide" as const), conflict: n, value: n },
    resolution: fc.constantFrom("keep_local" as const, "keep_hubspot" as const, "set" as const),
  }),
  fc.record({
    ...{ kind: fc.constant("decide" as const), conflict: n, value: n },
    resolution: fc.constantFrom("keep_local" as const, "keep_hubspot" as const),
  }),
);

/** How a world is set: what the program does about deletions, and what HubSpot's documentation leaves open. */
export interface InboundSettings {
  readonly onDeleted: "keep" | "unlink" | "delete";
  readonly isGeneric: boolean;
  readonly tellsNewValues: boolean;
  readonly restoreBumps: boolean;
  /** How long search knows nothing of a change. */
  readonly searchLagMs: number;
}

/** Any setting. */
export const settings: fc.Arbitrary<InboundSettings> = fc.record({
  onDeleted: fc.constantFrom("keep" as const, "unlink" as const, "delete" as const),
  ...{ isGeneric: fc.boolean(), tellsNewValues: fc.boolean(), restoreBumps: fc.boolean() },
  searchLagMs: fc.constantFrom(0, 0, 30_000),
});

/** Everything. */
export const anything: fc.Arbitrary<readonly InboundCommand[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: edits },
    { weight: 7, arbitrary: deliveries },
    { weight: 8, arbitrary: looks },
    { weight: 4, arbitrary: lives },
    { weight: 2, arbitrary: associations },
    { weight: 2, arbitrary: jobs },
    { weight: 2, arbitrary: additions },
    { weight: 2, arbitrary: waits },
    { weight: 3, arbitrary: others },
  ),
  { minLength: 6, maxLength: 30, size: "max" },
);

/** What a poll alone hears of: HubSpot's modified dates tell nothing of associations, and its recycle bin nothing of erasures. */
export const pollable: fc.Arbitrary<readonly InboundCommand[]> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: edits },
    { weight: 6, arbitrary: looks },
    { weight: 2, arbitrary: lives.filter(({ what }) => what !== "erase") },
    { weight: 2, arbitrary: additions },
    { weight: 2, arbitrary: waits },
    { weight: 1, arbitrary: jobs.filter(({ kind }) => kind !== "reconcile") },
    { weight: 1, arbitrary: others },
  ),
  { minLength: 6, maxLength: 24, size: "max" },
);

/** What ends the same whenever it is heard of, as long as the latest value of a field wins: records that both sides have, and then edits. */
export const commutative: fc.Arbitrary<readonly InboundCommand[]> = fc
  .tuple(
    fc.array(
      additions.filter(({ who }) => who !== "hubspot"),
      { maxLength: 3 },
    ),
    fc.array(fc.oneof({ weight: 8, arbitrary: edits }, { weight: 1, arbitrary: waits }), {
      minLength: 6,
      maxLength: 24,
      size: "max",
    }),
  )
  // Who writes what is there already edits nothing, and what is there depends on what was heard of.
  .map(([made, rest]) => [
    ...made,
    { kind: "sync", direction: "both" },
    ...rest.map((one, index) => (one.kind === "edit" ? { ...one, text: `T${index}` } : one)),
  ]);

/** Deliveries and looks for between the commands: one list for each gap. */
export const chaos: fc.Arbitrary<readonly (readonly InboundCommand[])[]> = fc.array(
  fc.array(fc.oneof({ weight: 2, arbitrary: deliveries }, { weight: 1, arbitrary: looks }), {
    maxLength: 3,
  }),
  { minLength: 28, maxLength: 28 },
);
