/** The further keys that HubSpot's record of a local one answers to, such as a contact's secondary addresses: kept beside the bases of its fields. */
import type { CanonicalValue } from "./value-types.ts";

type Base = Readonly<Record<string, CanonicalValue>>;
type Properties = Readonly<Record<string, string | null>>;

// Named like the other entries that are no mapped fields. A companion that is null is dropped with the next sync.
const otherKeysState = "@addresses";

/** The further keys as both sides were last seen, lower-case; they name the person when HubSpot cannot be asked any more. */
export function otherKeys(base: Base): readonly string[] {
  return base[otherKeysState]?.split(";").filter(Boolean) ?? [];
}

/** All addresses that a HubSpot contact answers to, lower-case, the primary one first. */
export function addressesOf(properties: Properties): readonly string[] {
  return [comparable(properties["email"] ?? ""), ...secondaryOf(properties)].filter(Boolean);
}

function secondaryOf(properties: Properties): readonly string[] {
  return properties["hs_additional_emails"]?.split(";").map(comparable) ?? [];
}

function comparable(email: string): string {
  return email.trim().toLowerCase();
}

/** The entries that make a base name a contact's further addresses; none when it does already, or HubSpot did not say. @param email the local one's */
export function otherKeysEntry(base: Base, email: string, properties: Properties): Base {
  if (properties["hs_additional_emails"] === undefined) return {};
  const own = comparable(email);
  const secondary = secondaryOf(properties);
  // Where the local address is neither of them, it is an edit that is about to replace the primary one.
  const all = secondary.includes(own) ? addressesOf(properties) : secondary;
  const text = all.filter((one) => one !== "" && one !== own).join(";") || null;
  return text === (base[otherKeysState] ?? null) ? {} : { [otherKeysState]: text };
}
