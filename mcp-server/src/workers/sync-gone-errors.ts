/** Why single records cannot be synced although HubSpot answered: in words that say the mend. */
import { AppError } from "../core/errors.ts";
import type { SyncKind, SyncRun } from "./sync-kind.ts";

/** HubSpot had the record when it was read and not when it was written: what became of it is read in a moment, before it is called a failure. */
export function vanishedError({ kind }: Pick<SyncRun, "kind">): AppError {
  return new AppError(
    "unknown-outcome",
    `HubSpot deleted or merged this ${nounOf(kind)} while it was being synced. Nothing was created in its place; it is looked at again.`,
    { code: "GONE_IN_HUBSPOT" },
  );
}

/**
 * Why a record that HubSpot counts as part of another one is not synced.
 *
 * @param holder the local id of the one that is synced; null: not known
 */
export function twinError({ kind }: Pick<SyncRun, "kind">, holder: number | null): AppError {
  const other = holder === null ? "another local one" : `the local ${nounOf(kind)} ${holder}`;
  return kind.map.object === "contacts"
    ? new AppError(
        "conflict",
        `HubSpot holds this contact and ${other} as a single record (one is its second e-mail). Delete one of the two rows here, or take the second e-mail off in HubSpot.`,
        { code: "SAME_HUBSPOT_CONTACT" },
      )
    : new AppError(
        "conflict",
        `HubSpot holds this customer and ${other} as a single company. Correct the HubSpot id or the account number of one of them.`,
        { code: "SAME_HUBSPOT_COMPANY" },
      );
}

/** Why a record is not joined to the HubSpot record that it names. */
export function strangerError({ kind }: Pick<SyncRun, "kind">): AppError {
  return new AppError(
    "conflict",
    `The HubSpot record that this ${nounOf(kind)} names by its id has another ${kind.keyProperty}. Correct the id here, or ${kind.keyProperty} in HubSpot.`,
    { code: "OTHER_HUBSPOT_RECORD" },
  );
}

/** Why a person whose data were deleted for privacy is not carried into HubSpot again. */
export function erasedError({ kind }: Pick<SyncRun, "kind">): AppError {
  return new AppError(
    "conflict",
    `HubSpot deleted this ${nounOf(kind)} for privacy. It is not sent there again; delete it here too.`,
    { code: "ERASED_FOR_PRIVACY" },
  );
}

/** Why a record that people deleted in HubSpot is not made there anew, and what ends that. */
export function heldReason(kind: SyncKind): string {
  return `HubSpot deleted this ${nounOf(kind)}, so no sync creates it anew. Restore it in HubSpot; or edit it here, and decide the conflict that comes of it with keep_local.`;
}

/** What a record of the kind is called in messages. */
export function nounOf(kind: SyncKind): string {
  return kind.map.object === "contacts" ? "contact" : "customer";
}
