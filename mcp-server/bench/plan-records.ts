/** Records to plan: both sides equal for nine in ten, and of the others one to three fields edited on either side or on both. */
import { type Contact, type ContactTextField, contactTextFields } from "../src/core/contact.ts";
import { type FieldMap, type FieldRule, readPath } from "../src/core/field-map.ts";
import { writeRemote } from "../src/core/rule-values.ts";
import { type ContactSides, contactSide } from "../src/core/sync-contact.ts";
import type { CanonicalValue, Stated } from "../src/core/value-types.ts";
import { enrichment, fullCompany, fullContactFields } from "./full-contacts.ts";

const SYNCED_AT = "2026-11-02T08:30:00.000Z";
const EDITED_AT = "2026-11-20T14:05:11.000Z";
const EDITED_SHARE = 0.1;
const MOST_EDITS = 3;

/** One record to plan, with HubSpot's times for when the plan asks for them. */
export interface PlanRecord {
  readonly sides: ContactSides;
  readonly remoteAt: Readonly<Record<string, Stated>>;
  /** The three texts of each field in the order of the rules, for the floor. */
  readonly bare: readonly BareField[];
  /** Fields that were edited, each of which the plan has to decide on. */
  readonly edits: number;
}

/** A field as the two sides and the base hold it, letter for letter. */
export interface BareField {
  readonly local: unknown;
  readonly base: CanonicalValue;
  readonly remote: string | null;
}

/** An edited field: which sides changed it. */
interface Edit {
  readonly field: ContactTextField;
  readonly local: boolean;
  readonly remote: boolean;
}

/** The n-th record. `random` decides on its edits alone. */
export function planRecordOf(map: FieldMap, n: number, random: () => number): PlanRecord {
  const edits = editsOf(random);
  const agreed = agreedContact(n);
  const company = {
    id: 1,
    ...fullCompany(n),
    summary: null,
    updated_at: SYNCED_AT,
    merged_into: null,
    hubspot_deleted_id: null,
  };
  const changes = edits
    .filter(({ local }) => local)
    .map(({ field }, id) => ({ id, field, changed_at: EDITED_AT, changed_by: "sql" }));
  const before = contactSide(map, { contact: agreed, company }, []);
  const now = contactSide(map, { contact: editedHere(agreed, edits), company }, changes);
  const sides = {
    ...now,
    hubspotId: String(5_000_000 + n),
    // What comes from the database and from HubSpot was JSON a moment ago, and shares no text with anything.
    base: copied(byRule(map, ({ field, path }) => [field, settled(readPath(before.local, path))])),
    remote: copied(remoteOf(map, before.local, edits)),
    remoteAt: null,
  };
  return {
    sides,
    remoteAt: timesOf(map, edits, random),
    bare: bareFields(map, sides),
    edits: edits.length,
  };
}

const editable = contactTextFields.filter((field) => field !== "domain");

function editsOf(random: () => number): readonly Edit[] {
  if (random() >= EDITED_SHARE) return [];
  const count = 1 + Math.floor(random() * MOST_EDITS);
  const first = Math.floor(random() * editable.length);
  const turned = [...editable.slice(first), ...editable.slice(0, first)];
  return turned.slice(0, count).map((field) => ({ field, ...sidesOf(random()) }));
}

/** One edit in ten is made on both sides. */
function sidesOf(chance: number): { readonly local: boolean; readonly remote: boolean } {
  return { local: chance < 0.55, remote: chance >= 0.45 };
}

function agreedContact(n: number): Contact {
  return {
    id: n,
    ...fullContactFields(n),
    source: "csv",
    provenance: {},
    ...enrichment(n, SYNCED_AT),
    status: "synced",
    quality_reasons: null,
    enrichment_note: null,
    failed_stage: null,
    error: null,
    retry_at: null,
    attempts: 0,
    imported_at: SYNCED_AT,
    synced_at: SYNCED_AT,
    updated_at: SYNCED_AT,
  };
}

function editedHere(contact: Contact, edits: readonly Edit[]): Contact {
  const texts = contactTextFields.map((field) => {
    const isEdited = edits.some((edit) => edit.field === field && edit.local);
    return [field, own(isEdited ? changed(field, contact[field], "1") : contact[field])];
  });
  return { ...contact, email: own(contact.email) ?? "", ...Object.fromEntries(texts) };
}

/** A database hands out each value as a text of its own, which no comparison by address finds equal. */
function own(text: string | null): string | null {
  return text === null ? null : Buffer.from(text).toString();
}

function changed(field: ContactTextField, value: string | null, by: "1" | "2"): string {
  const text = value ?? "";
  if (field === "country") return by === "1" ? "AT" : "CH";
  if (field === "phone") return `${text.slice(0, -1)}${(Number(text.at(-1)) + Number(by)) % 10}`;
  return field === "website" || field === "linkedin_url" ? `${text}/${by}` : `${text} ${by}`;
}

/** The canonical form of a value that these records hold. */
function settled(value: unknown): CanonicalValue {
  if (Array.isArray(value)) return value.join("\n");
  return String(value).replace(/^https:\/\/www\./, "");
}

function remoteOf(map: FieldMap, agreed: unknown, edits: readonly Edit[]) {
  return byRule(map, (rule) => {
    const value = readPath(agreed, rule.path);
    const edit = edits.find(({ field }) => field === rule.field);
    const text = edit?.remote ? changed(edit.field, String(value), "2") : value;
    return [rule.property, rule.type === "url" ? String(text) : writeRemote(rule, settled(text))];
  });
}

function timesOf(map: FieldMap, edits: readonly Edit[], random: () => number) {
  const rules = map.rules.filter(({ field }) =>
    edits.some((edit) => edit.remote && edit.field === field),
  );
  const at = random() < 0.5 ? EDITED_AT : SYNCED_AT;
  return Object.fromEntries(rules.map(({ property }) => [property, { at, by: "CRM_UI" }]));
}

function byRule<T>(map: FieldMap, entry: (rule: FieldRule) => readonly [string, T]) {
  return Object.fromEntries(map.rules.map(entry));
}

function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

function bareFields(
  map: FieldMap,
  { local, base, remote }: Pick<ContactSides, "local" | "base" | "remote">,
): readonly BareField[] {
  return map.rules.map(({ field, property, path }) => ({
    local: readPath(local, path),
    base: base[field] ?? null,
    remote: remote?.[property] ?? null,
  }));
}
