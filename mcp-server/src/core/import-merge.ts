/** What an import does to one contact: merge what the input says into what is stored, never losing either. */
import {
  type Contact,
  type ContactFields,
  type ContactPatch,
  contactTextFields,
  type FieldProvenance,
  type ImportSource,
  startingAgain,
} from "./contact.ts";

/** One row's statement about a contact. */
export interface Statement {
  readonly fields: ContactFields;
  /** The domain that fills an empty `domain`; nobody stated it. */
  readonly companyDomain: string | null;
  /** Only what is still empty is filled: repetitions within an input, and contacts that HubSpot already holds. */
  readonly fillOnly: boolean;
}

/** Who states it, and since when it holds (ISO-8601 UTC). */
export interface Said {
  readonly source: ImportSource;
  readonly at: string;
}

/** What a row does to a stored contact. `kept` names stored fields that are newer than the input and therefore stayed. */
export type ImportOutcome =
  | { readonly kind: "updated"; readonly set: ContactPatch; readonly kept: readonly string[] }
  | { readonly kind: "unchanged"; readonly kept: readonly string[] };

/** Fields whose change asks for a new enrichment: it reads them, or scores them. */
const ENRICHED_FROM: ReadonlySet<string> = new Set([...contactTextFields, "email_status"]);

/**
 * Plans one row for a contact that is stored. Values that the input states replace stored ones, empty ones never do; `unsubscribed` only ever
 * becomes true; `custom` merges by key; a stored value that was stated later than the input stays.
 */
export function planImport(stored: Contact, statement: Statement, said: Said): ImportOutcome {
  const kept = new Set<string>();
  // A domain that somebody emptied is not suggested again: HubSpot's people gave the contact a company without one.
  const isEmptied = stored.domain === null && stored.provenance["domain"] !== undefined;
  const offered = isEmptied ? { ...statement, companyDomain: null } : statement;
  const changes = changedFields(stored, offered, (field) => {
    const stays = isLater(stored, field, said.at);
    if (stays) kept.add(field);
    return stays;
  });
  const names = Object.keys(changes);
  if (names.length === 0) return { kind: "unchanged", kept: [...kept] };
  return {
    kind: "updated",
    kept: [...kept],
    set: {
      ...changes,
      provenance: { ...stored.provenance, ...provenanceOf(stored, changes, said) },
      ...(startsAgain(stored, names) ? startingAgain : {}),
    },
  };
}

// A provider only fills what was empty, so what people and their systems state outranks it at any age.
const PROVIDERS: ReadonlySet<string> = new Set(["explorium"]);

/**
 * True when the stored value was stated after `at`. Values that came with a first import from a file count as old:
 * when that file was written is not kept, and of two files the one imported last is meant.
 */
function isLater(stored: Contact, field: string, at: string): boolean {
  const own = stored.provenance[field];
  if (own !== undefined) return own.at > at && !PROVIDERS.has(own.source);
  return stored.source !== "csv" && stored.imported_at > at;
}

/** Who says it, by field; custom fields each by their own key, since an input may add one and leave the others alone. */
function provenanceOf(
  stored: Contact,
  { custom, ...changes }: Changes,
  { source, at }: Said,
): Record<string, FieldProvenance> {
  const keys = Object.entries(custom ?? {}).filter(
    ([key, value]) => stored.custom?.[key] !== value,
  );
  const names = [...Object.keys(changes), ...keys.map(([key]) => customName(key))];
  return Object.fromEntries(names.map((name) => [name, { source, at }]));
}

function customName(key: string): string {
  return `custom.${key}`;
}

/** The fields of a contact that is not stored yet. */
export function newFields({ fields, companyDomain }: Statement): ContactFields {
  const isOpen = fields.domain === null && companyDomain !== null;
  return isOpen ? { ...fields, domain: companyDomain } : fields;
}

/** Merges a further row into a contact that is about to be created; null when it changes nothing. */
export function mergeIntoNew(pending: ContactFields, statement: Statement): ContactFields | null {
  const changes = changedFields(pending, statement, () => false);
  return Object.keys(changes).length === 0 ? null : { ...pending, ...changes };
}

/** A contact that is being written to HubSpot, or was, must be written again whatever changed. */
function startsAgain(stored: Contact, changed: readonly string[]): boolean {
  if (stored.status === "synced" || stored.status === "syncing") return true;
  return stored.status !== "imported" && changed.some((name) => ENRICHED_FROM.has(name));
}

const MERGED = [...contactTextFields, "email_status", "engagement_state"] as const;

type Changes = { -readonly [K in keyof ContactFields]?: ContactFields[K] };

/** @param keeps asked only where the input would replace a value; true = the stored one stays */
function changedFields(
  held: ContactFields,
  statement: Statement,
  keeps: (field: string) => boolean,
): Changes {
  const { fields, fillOnly } = statement;
  const isKept = (name: string): boolean => fillOnly || keeps(name);
  const changes: Changes = {};
  for (const name of MERGED) {
    const value = fields[name];
    if (value === null || value === held[name]) continue;
    if (held[name] === null || !isKept(name)) Object.assign(changes, { [name]: value });
  }
  if (fields.unsubscribed && !held.unsubscribed) changes.unsubscribed = true;
  const domain = suggestedDomain(held, statement);
  const custom = mergeCustom(held.custom, fields.custom, (key) => isKept(customName(key)));
  return { ...changes, ...(domain && { domain }), ...(custom && { custom }) };
}

function suggestedDomain(held: ContactFields, statement: Statement): string | null {
  const isOpen = held.domain === null && statement.fields.domain === null;
  return isOpen ? statement.companyDomain : null;
}

/** The merged custom values, or null when nothing changes. */
function mergeCustom(
  held: ContactFields["custom"],
  stated: ContactFields["custom"],
  keeps: (key: string) => boolean,
): Readonly<Record<string, string>> | null {
  if (stated === null) return null;
  const known = new Map(Object.entries(held ?? {}));
  const fresh = Object.entries(stated).filter(([key, value]) => {
    const old = known.get(key);
    return old === undefined || (old !== value && !keeps(key));
  });
  return fresh.length === 0 ? null : { ...held, ...Object.fromEntries(fresh) };
}
