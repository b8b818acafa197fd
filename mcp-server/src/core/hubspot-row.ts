/** HubSpot's contacts as rows of an import. */
import { type Column, type ImportTarget, importTargets } from "./column-names.ts";
import type { FieldMap } from "./field-map.ts";
import type { ImportRow } from "./import-row.ts";
import { createRowNormaliser } from "./normalise-record.ts";
import { SeenKeys } from "./seen-keys.ts";

/** A contact as HubSpot returned it. */
export interface HubspotContact {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  /** ISO-8601 UTC. */
  readonly updatedAt: string;
}

// Read beside the map's own: further addresses of the same person, and the objection to marketing e-mail.
const ALWAYS_READ = ["email", "hs_additional_emails", "hs_email_optout"];

/** The properties that an import reads, by name, with the field that each stands for. */
export function hubspotColumns(map: FieldMap): readonly Column[] {
  const properties = [...new Set([...map.properties, ...ALWAYS_READ])];
  return properties.map((name) => ({ name, target: targetOf(name, map) }));
}

/** Only plain fields are read in; what we ourselves write to HubSpot does not come back as a statement. */
function targetOf(property: string, map: FieldMap): ImportTarget {
  if (property === "email") return "email";
  if (property === "hs_email_optout") return "unsubscribed";
  const rule = map.rules.find((candidate) => candidate.property === property);
  if (rule === undefined || rule.path.length !== 1 || rule.direction === "WARP_TO_HUBSPOT") {
    return "ignore";
  }
  return importTargets.find((target) => target === rule.path[0]) ?? "ignore";
}

/**
 * Turns contacts into rows, each with the record it was read from, so that it can be linked; those without an e-mail are rejected. Use one for a
 * whole input: it remembers which e-mails came before.
 */
export function createHubspotRows(
  columns: readonly Column[],
): (contact: HubspotContact, row: number) => ImportRow {
  const normalise = createRowNormaliser(columns);
  const seen = new SeenKeys();
  return (contact, row) => {
    const normalised = normalise(columns.map(({ name }) => contact.properties[name] ?? ""));
    if (normalised.kind === "rejected") {
      return { kind: "rejected", row, raw: rawRow(contact), rejection: normalised.rejection };
    }
    const duplicate = !seen.add(normalised.fields.email);
    const remote = {
      hubspot_id: contact.id,
      properties: contact.properties,
      updated_at: contact.updatedAt,
    };
    return { ...normalised, row, duplicate, remote };
  };
}

function rawRow({ id, properties }: HubspotContact): Readonly<Record<string, string>> {
  const held = Object.entries(properties).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [[name, value] as const],
  );
  return { hs_object_id: id, ...Object.fromEntries(held) };
}
