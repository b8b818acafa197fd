/** What differs between the kinds of records that are synced; everything else is one pipeline. */
import type { AppError } from "../core/errors.ts";
import type { FieldMap, FieldRule } from "../core/field-map.ts";
import type { DeletionPolicies } from "../core/life.ts";
import type { Pull } from "../core/mapped-record.ts";
import type { RecordPlan, RunDirection } from "../core/plan.ts";
import type {
  LocalSide,
  PlannedRecord,
  RecordResult,
  Sides,
  SyncEnd,
} from "../core/sync-record.ts";
import type { CanonicalValue } from "../core/value-types.ts";
import type { Crm, CrmCall } from "../ports/crm.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { ReadBack } from "./read-back.ts";

/** What every step of a run stands on. */
export interface SyncRun {
  readonly store: Store;
  readonly crm: Crm;
  readonly kind: SyncKind;
  readonly runId: string;
  /** Holds the leases of queue entries. */
  readonly owner: string;
  readonly direction: RunDirection;
  /** A run that only takes over what HubSpot spoke of: what would have to be sent stays queued for one that sends. */
  readonly inboundOnly?: boolean;
  readonly call: CrmCall;
  readonly now: () => number;
  /** What this process remembers of HubSpot; left out: everything is read. */
  readonly readBack?: ReadBack;
  /** Records that are read in any case: HubSpot spoke of them, or their last try did not end well. */
  readonly unsure?: ReadonlySet<number>;
  /** How often records were tried since they were last settled, by local id; left out = never. */
  readonly tries?: ReadonlyMap<number, number>;
  /** Since when the claimed records waited, by local id, ISO-8601 UTC; left out = not known. */
  readonly since?: ReadonlyMap<number, string>;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
  /** What to do with records that people deleted in HubSpot; left out = keep and mark them. */
  readonly deletions?: DeletionPolicies;
  /** Flips that a field may make within an hour before a person is asked; left out or 0 = any number. */
  readonly maxFlipsPerHour?: number;
}

export type Results = ReadonlyMap<number, RecordResult>;

/** What a kind did around the writing of records: failures and further base entries by local id, and counts of side effects. */
export interface Surrounding {
  readonly results: Results;
  readonly failures: ReadonlyMap<number, AppError>;
  readonly bases: ReadonlyMap<number, Readonly<Record<string, CanonicalValue>>>;
  readonly effects: Readonly<Record<string, number>>;
}

/** A record whose pulls are allowed, as it is stored now. */
export interface PulledSide<L extends LocalSide> {
  readonly side: L;
  readonly pulls: readonly Pull[];
}

export interface SyncKind<L extends LocalSide = LocalSide> {
  readonly map: FieldMap;
  readonly crmObject: "contacts" | "companies";
  /** HubSpot's unique property that records are matched and upserted by. */
  readonly keyProperty: string;
  /** Properties to read beside the mapped ones. */
  readonly alsoRead: readonly string[];
  /** Local sides, in no order; records that are gone are left out. */
  load(store: Store, ids: readonly number[]): Promise<readonly L[]>;
  /** As load, of what a run has claimed; marks them as being synced. */
  takeOn(store: Store, ids: readonly number[], now: string): Promise<readonly L[]>;
  /** The records that no sync may carry into HubSpot. */
  suppressed(store: Store, sides: readonly L[]): Promise<ReadonlySet<number>>;
  /** Of records that a run has claimed those that it passes over, put back as they were. */
  passOver(store: Store, ids: readonly number[], now: string): Promise<ReadonlySet<number>>;
  /** The fields that are planned for a record. */
  rulesFor(sides: Sides<L>): readonly FieldRule[];
  /** A key in the form that compares: HubSpot may answer in another case than it was asked. */
  comparable(key: string): string;
  /** The values of the key that a HubSpot record answers to, in the form that compares. */
  keysOf(properties: Readonly<Record<string, string | null>>): readonly string[];
  /** Why HubSpot would not take a record of this plan; null when nothing speaks against creating it. */
  cannotCreate(plan: RecordPlan): AppError | null;
  /** Why single pulls can never be applied until a person helps. */
  refusals(
    store: Store,
    pulls: readonly { readonly id: number; readonly pull: Pull }[],
  ): Promise<(id: number, pull: Pull) => AppError | null>;
  /** Stores pulled values. */
  write(store: Store, pulled: readonly PulledSide<L>[], now: string): Promise<void>;
  /** Writes the records by `write`, and whatever belongs to them. */
  around(
    run: SyncRun,
    planned: readonly PlannedRecord<L>[],
    write: () => Promise<Results>,
  ): Promise<Surrounding>;
  /** Whether a record that was taken on is still as the run marked it, or somebody else moved it on. */
  isTaken(side: L): boolean;
  /** Whether a record that a run did its part for still waits for a later run. */
  isLeft(side: L, run: RunDirection): boolean;
  /** Puts taken records into the states that their ends mean. `rows`: the same records as they are now. */
  leave(
    store: Store,
    left: {
      readonly taken: readonly L[];
      readonly rows: readonly L[];
      readonly ends: ReadonlyMap<number, SyncEnd>;
    },
    now: string,
  ): Promise<void>;
  /** When a record that is left as it was comes due again, ISO-8601 UTC; null when nothing is to come. */
  leftDueAt(side: L, now: number): string | null;
}
