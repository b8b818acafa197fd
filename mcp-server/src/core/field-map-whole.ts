/** What can be wrong with the fields of a section among each other, and what the section as a whole lacks. */
import { keyColumn } from "./field-map-columns.ts";
import { type Entry, isKey, isPulled } from "./field-map-entries.ts";
import type { Section } from "./field-map-schema.ts";

/** The mistakes of a section; a sentence each that begins with `object.field`. */
export function sectionMistakes(entries: readonly Entry[]): readonly string[] {
  return [
    ...shared(entries, (entry) => entry.property, "is already mapped by", "map each property once"),
    ...shared(
      entries.filter(isPulled),
      (entry) => entry.path.join("."),
      "is already filled by",
      "let HubSpot fill each column from one property",
    ),
  ];
}

/** Records of both sides are matched by the key, so a section of customers in which something flows needs it to flow, too. */
export function missingKeyMistakes(object: Section, entries: readonly Entry[]): readonly string[] {
  return object === "customers" ? missingKey(object, entries) : [];
}

/** What a section had better say. */
export function sectionWarnings(object: Section, entries: readonly Entry[]): readonly string[] {
  return object === "contacts"
    ? missingKey(object, entries).map(
        (text) => `${text}. Without it a changed e-mail does not travel`,
      )
    : [];
}

function shared(
  entries: readonly Entry[],
  of: (entry: Entry) => string,
  claim: string,
  mend: string,
): string[] {
  const owner = new Map<string, string>();
  return entries.flatMap((entry) => {
    const key = of(entry);
    const earlier = owner.get(key);
    if (earlier === undefined) owner.set(key, entry.field);
    return earlier === undefined
      ? []
      : [`${entry.object}.${entry.field}: ${key} ${claim} ${earlier}; ${mend}`];
  });
}

const keyMappings: Readonly<Record<Section, string>> = {
  contacts:
    '{"hubspot_property": "email", "warp_field": "email", "sync_direction": "BIDIRECTIONAL", "conflict_resolution": "LATEST_WINS", "type": "email"}',
  customers:
    '{"hubspot_property": "warp_ban", "warp_field": "ban", "sync_direction": "WARP_TO_HUBSPOT"}',
};

function missingKey(object: Section, entries: readonly Entry[]): string[] {
  const flowing = entries.filter(({ written }) => written.sync_direction !== "NONE");
  if (flowing.length === 0 || flowing.some(isKey)) return [];
  const column = keyColumn(object);
  return [
    `${object}: no field sends the column ${column}, which records are matched by; add "${column}": ${keyMappings[object]}`,
  ];
}
