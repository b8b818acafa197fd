/** What a claim sets in an entry of either queue. */
import { sql } from "kysely";

/** The entry is the owner's until then. A lease that nobody gave back was a try, too. */
export function leasedTo(take: { readonly owner: string; readonly lease_until: string }) {
  return {
    attempts: sql<number>`attempts + case when lease_owner is null then 0 else 1 end`,
    lease_owner: take.owner,
    lease_until: take.lease_until,
    leased_version: sql<number>`version`,
    since_again: null,
  };
}
