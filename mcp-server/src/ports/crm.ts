/** What the program asks of HubSpot. */
import type { ExistingProperty, NeededProperty } from "../core/crm-setup.ts";
import type { AppError } from "../core/errors.ts";
import type { Stated } from "../core/value-types.ts";

export type CrmObject = "contacts" | "companies" | "notes";

/** A record as HubSpot returned it; a requested but empty property is null. */
export interface CrmRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
}

/**
 * What became of one input of a batch write, found by `ref` (the caller's own name for the input, unique in the call).
 * `rejected`: HubSpot refused this row; `existingId` when another record holds the unique value.
 * `missing`: the id is gone (deleted or merged away). `unknown`: the request may or may not have happened.
 * `failed`: it certainly did not happen, and may be tried again.
 */
export type WriteOutcome =
  | {
      readonly kind: "written";
      readonly ref: string;
      readonly record: CrmRecord;
      readonly created: boolean;
    }
  | {
      readonly kind: "rejected";
      readonly ref: string;
      readonly code: string;
      readonly message: string;
      readonly existingId: string | null;
    }
  | { readonly kind: "missing"; readonly ref: string }
  | { readonly kind: "unknown"; readonly ref: string; readonly error: AppError }
  | { readonly kind: "failed"; readonly ref: string; readonly error: AppError };

/** One call's lane: interactive work goes before backfill. */
export interface CrmCall {
  readonly signal?: AbortSignal;
  readonly lane?: "interactive" | "backfill";
}

/**
 * HubSpot. Batches may be of any size; the adapter cuts them to HubSpot's limits, runs pieces side by side within the
 * rate limits and retries what is safe. Reads throw AppError; writes answer per input and throw only `auth`.
 */
export interface Crm {
  /**
   * Throws what a request would meet now without leaving: `unavailable` HUBSPOT_CIRCUIT_OPEN while HubSpot does not answer, `auth` while it refuses the
   * token, both with the wait until the next try. Once that try is due it is made: one cheap request, so that nothing else fails with it. Costs nothing
   * otherwise.
   */
  reachable(call?: CrmCall): Promise<void>;
  /** Portal id and a check of the token. Throws `auth` with `details.missingScopes` when scopes are missing. */
  account(call?: CrmCall): Promise<{ readonly portalId: number; readonly timeZone: string }>;
  /**
   * Records by id, or by a unique property; each once, in no order. `missing` lists the asked values that HubSpot does not have.
   * `merged` maps asked ids that were merged away to the surviving records' ids, which are in `found`. A record asked by a secondary
   * e-mail is found with its primary one; `hs_additional_emails` then comes along.
   */
  read(
    object: CrmObject,
    ask: {
      readonly ids: readonly string[];
      readonly idProperty?: string;
      readonly properties: readonly string[];
      /** Asks for records in the recycle bin instead of live ones. */
      readonly archived?: boolean;
    },
    call?: CrmCall,
  ): Promise<{
    readonly found: readonly CrmRecord[];
    readonly missing: readonly string[];
    readonly merged: ReadonlyMap<string, string>;
  }>;
  /**
   * When each property of the records last changed and who changed it, by id and property name, from HubSpot's property history
   * (batches of 50), e.g. by "CRM_UI (user 17)". Properties without history, and records that are gone, are left out.
   */
  propertyTimes(
    object: CrmObject,
    ask: { readonly ids: readonly string[]; readonly properties: readonly string[] },
    call?: CrmCall,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, Stated>>>>;
  update(
    object: CrmObject,
    inputs: readonly {
      readonly ref: string;
      readonly id: string;
      readonly properties: Readonly<Record<string, string>>;
    }[],
    call?: CrmCall,
  ): Promise<readonly WriteOutcome[]>;
  upsert(
    object: CrmObject,
    idProperty: string,
    inputs: readonly {
      readonly ref: string;
      readonly id: string;
      readonly properties: Readonly<Record<string, string>>;
    }[],
    call?: CrmCall,
  ): Promise<readonly WriteOutcome[]>;
  /** Creates with inline associations. Not idempotent: an `unknown` must be read back by the caller before any retry. */
  create(
    object: CrmObject,
    inputs: readonly {
      readonly ref: string;
      readonly properties: Readonly<Record<string, string>>;
      readonly associations: readonly { readonly toId: string; readonly typeId: number }[];
    }[],
    call?: CrmCall,
  ): Promise<readonly WriteOutcome[]>;
  /** Associates pairs with HubSpot's type ids; writing one again changes nothing. Outcomes by `ref`. */
  associate(
    from: CrmObject,
    to: CrmObject,
    pairs: readonly {
      readonly ref: string;
      readonly fromId: string;
      readonly toId: string;
      readonly typeId: number;
    }[],
    call?: CrmCall,
  ): Promise<readonly { readonly ref: string; readonly error: AppError | null }[]>;
  /** Takes the given type ids off pairs; what is not there is no error. Outcomes by `ref`. */
  dissociate(
    from: CrmObject,
    to: CrmObject,
    pairs: readonly {
      readonly ref: string;
      readonly fromId: string;
      readonly toId: string;
      readonly typeId: number;
    }[],
    call?: CrmCall,
  ): Promise<readonly { readonly ref: string; readonly error: AppError | null }[]>;
  /** Associated ids per `from` id; ids without associations map to [], ids that HubSpot does not know are absent. */
  associated(
    from: CrmObject,
    to: CrmObject,
    fromIds: readonly string[],
    call?: CrmCall,
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** As `associated`, with what each association is. */
  associations(
    from: CrmObject,
    to: CrmObject,
    fromIds: readonly string[],
    call?: CrmCall,
  ): Promise<ReadonlyMap<string, readonly Association[]>>;
  /** Records whose property equals one of the values, by search: lags HubSpot's writes, so never the only proof of absence. */
  findByValues(
    object: CrmObject,
    property: string,
    ask: { readonly values: readonly string[]; readonly properties: readonly string[] },
    call?: CrmCall,
  ): Promise<readonly CrmRecord[]>;
  /** Every record (or every one in the recycle bin), by id ascending, in pages of 100, resumable after `after`. */
  list(
    object: CrmObject,
    ask: {
      readonly properties: readonly string[];
      readonly after?: string;
      readonly archived?: boolean;
    },
    call?: CrmCall,
  ): AsyncIterable<{ readonly records: readonly CrmRecord[]; readonly after: string | null }>;
  /** Records that match filters, by id ascending, beyond HubSpot's 10,000 limit (keyset on hs_object_id). */
  search(
    object: CrmObject,
    ask: {
      readonly filters: readonly CrmFilter[];
      readonly properties: readonly string[];
      readonly afterId?: string;
    },
    call?: CrmCall,
  ): AsyncIterable<{ readonly records: readonly CrmRecord[]; readonly total: number }>;
  properties(object: CrmObject, call?: CrmCall): Promise<readonly ExistingProperty[]>;
  createPropertyGroup(
    object: CrmObject,
    group: { readonly name: string; readonly label: string },
    call?: CrmCall,
  ): Promise<void>;
  createProperties(
    object: CrmObject,
    properties: readonly NeededProperty[],
    call?: CrmCall,
  ): Promise<void>;
}

/** A record that another one is associated with. */
export interface Association {
  readonly id: string;
  /** HubSpot's own type ids, e.g. 279 and 1 for a contact's primary company. */
  readonly typeIds: readonly number[];
  /** It carries labels of the account's own besides. */
  readonly isLabelled: boolean;
}

/** One condition of a HubSpot search, all of which must hold. HubSpot wants `values` of IN on text in lower case. */
export interface CrmFilter {
  readonly property: string;
  readonly operator:
    | "EQ"
    | "NEQ"
    | "LT"
    | "LTE"
    | "GT"
    | "GTE"
    | "IN"
    | "HAS_PROPERTY"
    | "NOT_HAS_PROPERTY"
    | "CONTAINS_TOKEN";
  readonly value?: string;
  readonly values?: readonly string[];
}
