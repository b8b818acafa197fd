/** What a source hands to the import: normalised rows, or rejected ones with their reason. */
import type { ContactFields } from "./contact.ts";
import type { CustomerStatement } from "./customer-statement.ts";

/** A row as the source gave it; kept with a rejection so that nothing is lost. */
export type RawRow = Readonly<Record<string, string>>;

/** Why a row cannot become a contact or a customer. `message` names the mend. */
export interface Rejection {
  readonly code:
    | "NO_EMAIL"
    | "INVALID_EMAIL"
    | "NO_BAN"
    | "TOO_LONG"
    | "MALFORMED_ROW"
    | "INVALID_VALUE"
    | "CONCURRENT_CHANGE"
    | "ERASED_FOR_PRIVACY";
  readonly message: string;
  readonly field: string | null;
}

/**
 * One row of an input. `row` is 1-based and counts data rows (the header is not one). `duplicate` says that
 * an earlier row of the same input had the same key: of a contact (its e-mail) such a row only fills what is still empty, of a
 * customer (its account number) the later row wins.
 */
export type ImportRow =
  | {
      readonly kind: "record";
      readonly row: number;
      readonly fields: ContactFields;
      readonly duplicate: boolean;
      /** The company domain that the website or e-mail suggests; used only where nobody states `domain`. */
      readonly companyDomain: string | null;
      /** Our fields whose value could not be read and is kept in `custom` instead; absent when all could. */
      readonly warnings?: readonly string[];
      /** Set by the HubSpot source only: the id to link, what HubSpot holds per property, and when it changed. */
      readonly remote?: RemoteOrigin;
    }
  | {
      readonly kind: "customer";
      readonly row: number;
      readonly fields: CustomerStatement;
      readonly duplicate: boolean;
    }
  | {
      readonly kind: "rejected";
      readonly row: number;
      readonly raw: RawRow;
      readonly rejection: Rejection;
    };

/** Where an imported HubSpot contact lives and what HubSpot returned for the mapped properties. */
export interface RemoteOrigin {
  readonly hubspot_id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly updated_at: string;
}

/** A bounded piece of an input; `checkpoint` resumes right after it. */
export interface ImportBatch {
  readonly rows: readonly ImportRow[];
  /** Opaque, JSON text. */
  readonly checkpoint: string;
  /** Rows read so far, rejected ones included. */
  readonly done: number;
  /** Rows expected in all, or null when the source cannot say. */
  readonly total: number | null;
}

/** What a source found out before its first row. */
export interface SourceDescription {
  /** Column or property name → our field, as understood; lets the report name what was mapped. */
  readonly mapped: Readonly<Record<string, string>>;
  /** Names that match none of our fields; a contact keeps their values in `custom`, a customer has no place for them. */
  readonly unknown: readonly string[];
  /** When the input's values were stated (a file's modification time), ISO-8601 UTC; null when only "now" is known. */
  readonly saidAt: string | null;
  /** False when a checkpoint was given but could not be used (the input changed): reading starts at its beginning. */
  readonly resumed: boolean;
}
