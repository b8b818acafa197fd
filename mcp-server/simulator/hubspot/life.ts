/** What people do to records as wholes: archive, restore, erase, merge, associate and part them. */
import { type Account, userSource } from "./account.ts";
import type { End } from "./association-store.ts";
import { associationTypesBetween } from "./association-types.ts";
import { linkRecords, partRecords, unlinkRecords } from "./links.ts";
import { type EndName, liveNamed, recordNamed } from "./look-up.ts";
import { mergeRecords } from "./merge.ts";
import { isInBin } from "./records.ts";
import { afterLinkChange, afterNoteMoved } from "./rollups.ts";
import { clashOf, uniqueKeysOf } from "./unique.ts";
import { archiveRecord, purgeRecord, restoreRecord } from "./write.ts";

/** Whether the association is the primary one, of a contact with its company for example. */
export type AssociateOptions = { primary?: boolean };

/** A person's work on whole records. Records are named as in `Hubspot.find`, archived ones by id. */
export type LifeInPages = {
  /** Into the recycle bin, for 90 days. */
  archiveAsUser(type: string, key: string): void;
  /**
   * Out of the recycle bin, with id, values, history and associations as before. Throws when it is
   * not in there or when one of its unique values was taken meanwhile.
   */
  restoreAsUser(type: string, id: string): void;
  /** Deletes a contact for privacy: gone for good, no restore, no trace in lists of the archived. */
  eraseAsUser(type: string, key: string): void;
  /** Merges two records into a new one. Returns its id. */
  mergeAsUser(type: string, primaryKey: string, otherKey: string): string;
  /** Associates two records; `primary` also makes it the primary association. */
  associateAsUser(from: EndName, to: EndName, options?: AssociateOptions): void;
  /** Parts two records; `primary` takes off only that, and leaves them associated. */
  dissociateAsUser(from: EndName, to: EndName, options?: AssociateOptions): void;
};

/** The number of the primary association between two records. Throws where objects have none. */
function primaryTypeIds(from: End, to: End): number[] {
  const types = associationTypesBetween(from.typeId, to.typeId);
  const primary = types.find(({ label }) => label === "Primary");
  if (primary === undefined) throw new Error("These objects have no primary association.");
  return [primary.typeId];
}

function restore(account: Account, name: string, id: string): void {
  const { type, record } = recordNamed(account, name, id);
  if (!isInBin(record, account.now()))
    throw new Error(`${type.singular} ${id} is not in the recycle bin.`);
  const keys = uniqueKeysOf(account, type, record.properties);
  const clash = clashOf(account, type, keys, record.id);
  if (clash !== null) throw clash;
  restoreRecord(account, type, record, userSource(account));
  if (type.name === "notes") afterNoteMoved(account, record.id);
}

/** Parting and associating in this account. */
function pairsIn(account: Account): Pick<LifeInPages, "associateAsUser" | "dissociateAsUser"> {
  const endsOf = (from: EndName, to: EndName) => ({
    from: liveNamed(account, ...from).end,
    to: liveNamed(account, ...to).end,
  });
  return {
    associateAsUser: (fromName, toName, { primary = false } = {}) => {
      const { from, to } = endsOf(fromName, toName);
      const typeIds = primary ? primaryTypeIds(from, to) : [];
      linkRecords(account, { from, to, typeIds }, userSource(account));
      afterLinkChange(account, from, to);
    },
    dissociateAsUser: (fromName, toName, { primary = false } = {}) => {
      const { from, to } = endsOf(fromName, toName);
      const source = userSource(account);
      if (primary) unlinkRecords(account, { from, to, typeIds: primaryTypeIds(from, to) }, source);
      else partRecords(account, { from, to }, source);
      afterLinkChange(account, from, to);
    },
  };
}

/** A person at work on whole records of this account. */
export function lifeIn(account: Account): LifeInPages {
  return {
    archiveAsUser: (name, key) => {
      const { type, record } = recordNamed(account, name, key);
      archiveRecord(account, type, record, userSource(account));
      if (type.name === "notes") afterNoteMoved(account, record.id);
    },
    restoreAsUser: (name, id) => restore(account, name, id),
    eraseAsUser: (name, key) => {
      const { type, record } = recordNamed(account, name, key);
      purgeRecord(account, type, record, userSource(account));
    },
    mergeAsUser: (name, primaryKey, otherKey) => {
      const { type, record } = liveNamed(account, name, primaryKey);
      const other = liveNamed(account, name, otherKey).record;
      if (other.id === record.id) throw new Error("A record cannot be merged with itself.");
      return mergeRecords(account, type, { primary: record, other }, userSource(account)).id;
    },
    ...pairsIn(account),
  };
}
