/** Associating and parting records with everything that is told about it. */
import type { Account } from "./account.ts";
import { type End, type LinkChange, link, unlink, unlinkTypes } from "./association-store.ts";
import type { Source } from "./records.ts";
import { raiseLinkChanges } from "./webhook-events.ts";

/** Two records and the association types between them; no numbers mean the unlabeled one. */
export type Pair = { readonly from: End; readonly to: End; readonly typeIds: readonly number[] };

/** Associates two records. Neither's modified date moves. */
export function linkRecords(account: Account, { from, to, typeIds }: Pair, source: Source): void {
  raiseLinkChanges(account, link(account.associations, from, to, typeIds), source);
}

/** Takes types off a pair; the unlabeled one takes all. */
export function unlinkRecords(account: Account, { from, to, typeIds }: Pair, source: Source): void {
  raiseLinkChanges(account, unlinkTypes(account.associations, from, to, typeIds), source);
}

/** Parts two records altogether. */
export function partRecords(
  account: Account,
  { from, to }: Omit<Pair, "typeIds">,
  source: Source,
): void {
  raiseLinkChanges(account, unlink(account.associations, from, to), source);
}

function nameOf({ from, to, type }: LinkChange): string {
  return `${from.typeId}/${from.id}/${to.typeId}/${to.id}/${type.typeId}`;
}

/** Gives a pair these types in place of those that it had; only the difference is told. */
export function relinkRecords(account: Account, { from, to, typeIds }: Pair, source: Source): void {
  const removed = unlink(account.associations, from, to);
  const added = link(account.associations, from, to, typeIds);
  const kept = new Set(removed.map(nameOf));
  const isKept = (change: LinkChange) =>
    kept.has(nameOf(change)) && added.some((one) => nameOf(one) === nameOf(change));
  const changes = [...removed, ...added].filter((change) => !isKept(change));
  raiseLinkChanges(account, changes, source);
}
