/** Decides about a HubSpot contact that was signalled and that no link leads to: is it ours already, taken over, or passed over? */

/** Which unknown contacts are taken over: those created from a time on, any that changes, or none. */
export const newContactPolicies = ["new", "changed", "off"] as const;
export type NewContactPolicy = (typeof newContactPolicies)[number];

/** What is remembered of a record that ended on one side. */
export interface EndedRecord {
  readonly reason: "deleted" | "erased" | "removed";
  /** null once there is no local record. */
  readonly local_id: number | null;
  /** It is the very HubSpot record (or one merged into it), not another one with the same e-mail. */
  readonly isSame: boolean;
}

/** What is known of a contact that HubSpot has. */
export interface Arriving {
  /** ISO-8601 UTC. */
  readonly createdAt: string;
  /** Local contacts that are linked to it or to records that were merged into it. */
  readonly linked: readonly number[];
  /** Local contacts with one of its e-mails. */
  readonly holders: readonly number[];
  readonly ended: readonly EndedRecord[];
}

/** `since`: ISO-8601 UTC, when this database first listened to HubSpot. */
export interface ArrivalRules {
  readonly policy: NewContactPolicy;
  readonly since: string;
}

/** `mark`: local contacts to sync instead. `pass`: nothing is done, and why. */
export type Arrival =
  | { readonly kind: "mark"; readonly localIds: readonly number[] }
  | { readonly kind: "take" }
  | { readonly kind: "pass"; readonly why: "erased" | "removed" | "off" | "older" };

// HubSpot's clock and ours may differ by this much; one contact too many is harmless, one too few is never seen.
const SKEW_MS = 5 * 60_000;

/**
 * What a person erased or removed here never comes back by itself. What only HubSpot had deleted comes back with it, whatever the policy: it was
 * ours before.
 *
 * @param ms milliseconds of an ISO-8601 time
 */
export function arrivalOf(
  { createdAt, linked, holders, ended }: Arriving,
  { policy, since }: ArrivalRules,
  ms: (iso: string) => number,
): Arrival {
  const kept = ended.flatMap(({ isSame, local_id }) => (isSame ? (local_id ?? []) : []));
  const local = [linked, holders, kept].find((ids) => ids.length > 0);
  if (local) return { kind: "mark", localIds: [...new Set(local)].sort((a, b) => a - b) };
  if (ended.some(({ reason }) => reason === "erased")) return { kind: "pass", why: "erased" };
  if (ended.some(({ reason }) => reason === "removed")) return { kind: "pass", why: "removed" };
  if (ended.some(({ isSame }) => isSame) || policy === "changed") return { kind: "take" };
  if (policy === "off") return { kind: "pass", why: "off" };
  const isNew = ms(createdAt) > ms(since) - SKEW_MS;
  return isNew ? { kind: "take" } : { kind: "pass", why: "older" };
}
