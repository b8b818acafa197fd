/** What HubSpot's signals come to: which local records are marked, and which of HubSpot's are to be looked at or erased. */
import type { Signal } from "./signal.ts";

/** Which of the signalled records are known here, by HubSpot id. */
export interface KnownRecords {
  /** Local ids of linked contacts. */
  readonly contacts: ReadonlyMap<string, number>;
  /** Local ids of customers that are linked, or were until HubSpot deleted their company. */
  readonly customers: ReadonlyMap<string, number>;
  /** Companies to look at: contacts belong to them, or they may be customers that people entered anew. */
  readonly companies: ReadonlySet<string>;
}

/** What one signal reaches. Nothing of either = it concerns nobody here. */
export interface Reach {
  readonly dirty: readonly {
    readonly object: "contacts" | "customers";
    readonly local_id: number;
  }[];
  readonly remote: readonly {
    readonly object: Signal["object"];
    readonly hubspot_id: string;
    readonly kind: "look" | "erase";
  }[];
}

// A deletion only tells that there may be nothing to find; a change beside it may be the restore that came after, and reading tells.
const weights = { deleted: 0, changed: 1, erased: 2 } as const satisfies Record<
  Signal["kind"],
  number
>;

/** One signal per record, the weightiest, by object and id: neither order nor repetition of the signals matters. */
export function coalesce(signals: readonly Signal[]): readonly Signal[] {
  const kept = new Map<string, Signal>();
  for (const signal of signals) {
    const key = recordKey(signal);
    const other = kept.get(key);
    if (!other || weights[signal.kind] > weights[other.kind]) kept.set(key, signal);
  }
  return [...kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, signal]) => signal);
}

/** Tells records apart, whatever was signalled of them. */
export function recordKey({ object, hubspotId }: Pick<Signal, "object" | "hubspotId">): string {
  return `${object} ${hubspotId}`;
}

const nothing: Reach = { dirty: [], remote: [] };

/** Where a signal leads. That an unknown contact was deleted is no news; that one was erased is, since other tables may name it. */
export function reachOf(signal: Signal, known: KnownRecords): Reach {
  return signal.object === "contacts" ? contactReach(signal, known) : companyReach(signal, known);
}

function contactReach({ hubspotId, kind }: Signal, { contacts }: KnownRecords): Reach {
  const object = "contacts";
  const local_id = contacts.get(hubspotId);
  if (kind === "erased")
    return { dirty: [], remote: [{ object, hubspot_id: hubspotId, kind: "erase" }] };
  if (local_id !== undefined) return { dirty: [{ object, local_id }], remote: [] };
  return kind === "deleted"
    ? nothing
    : { dirty: [], remote: [{ object, hubspot_id: hubspotId, kind: "look" }] };
}

/** Companies hold no person's data, so that an erased one is one that is gone. */
function companyReach({ object, hubspotId }: Signal, known: KnownRecords): Reach {
  const local_id = known.customers.get(hubspotId);
  return {
    dirty: local_id === undefined ? [] : [{ object: "customers", local_id }],
    remote: known.companies.has(hubspotId) ? [{ object, hubspot_id: hubspotId, kind: "look" }] : [],
  };
}
