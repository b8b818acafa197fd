/** Which changes from HubSpot send a contact through enrichment again. */
import { type Contact, type ContactPatch, contactTextFields, startingAgain } from "./contact.ts";

/** The fields that may be significant, as the configuration names them. */
export const significantNames = ["email", ...contactTextFields] as const;
export type SignificantField = (typeof significantNames)[number];

/** The names that a list such as `email,job_title` has and that are no contact's fields; `off` names none. */
export function unknownSignificant(text: string): readonly string[] {
  return namesIn(text).filter((name) => !significantNames.some((known) => known === name));
}

/** The fields of a list such as `email,job_title`; none for `off`. */
export function significantFields(text: string): ReadonlySet<SignificantField> {
  const names = new Set(namesIn(text));
  return new Set(significantNames.filter((name) => names.has(name)));
}

function namesIn(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  return names.length === 1 && names[0] === "off" ? [] : names.filter((name) => name !== "");
}

/**
 * What a contact is set to besides the values that HubSpot changed: its state, when one of them is significant; else nothing. One that was
 * never enriched waits for that anyway, and what fills an empty field at the first meeting of both sides is no change.
 *
 * @param contact as it is stored
 * @param set the values to be stored
 */
export function reEnrichment(
  contact: Contact,
  set: ContactPatch,
  fields: ReadonlySet<SignificantField>,
): ContactPatch {
  if (contact.enriched_at === null) return {};
  const isChanged = [...fields].some((field) => {
    const value = set[field];
    if (value === undefined || value === contact[field]) return false;
    return contact[field] !== null || contact.synced_at !== null;
  });
  return isChanged ? startingAgain : {};
}

/** Whether a contact waits for enrichment, its first or a further one. */
export function waitsForEnrichment({ status }: Contact): boolean {
  return status === "imported";
}

/** Whether a contact that was enriched before waits for it again. One that never was gets it even when it counts as synced. */
export function waitsAgain(contact: Contact): boolean {
  return waitsForEnrichment(contact) && contact.enriched_at !== null;
}
