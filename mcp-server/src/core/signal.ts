/** What HubSpot tells of a record: a reason to look at it, never the truth about it. */

/** HubSpot's kinds of record that are kept equal here; notifications about others are kept and concern nobody. */
export type SignalObject = "contacts" | "companies";

/**
 * One reason to look at a HubSpot record. `changed` covers properties, creation, association, merge and restore: reading tells what it was.
 * `deleted` tells that there may be nothing to find, `erased` that a person's data are to be erased here too.
 */
export interface Signal {
  readonly object: SignalObject;
  readonly hubspotId: string;
  readonly kind: "changed" | "deleted" | "erased";
}
