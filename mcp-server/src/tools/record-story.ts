/** One contact or customer in full, with why each field holds what it holds and what the last syncs did. */
import type { Company } from "../core/company.ts";
import { type Contact, contactTextFields, type FieldProvenance } from "../core/contact.ts";
import {
  type Customer,
  customerJsonFields,
  customerNumberFields,
  customerTextFields,
} from "../core/customer.ts";
import type { FieldMap } from "../core/field-map.ts";
import { fieldStories, OURSELVES, type StorySubject } from "../core/field-story.ts";
import { contactRecord, customerRecord } from "../core/mapped-record.ts";
import { shortened, withoutInvisible } from "../core/untrusted.ts";
import type { FieldChange, Writer } from "../ports/change-store.ts";
import type { Store } from "../ports/store.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import { type RecordFacts, recordFacts } from "./record-facts.ts";
import { type Story, storySchema } from "./story-schema.ts";
import type { ToolServices } from "./tool.ts";

const SHOWN_LOG_ROWS = 5;
const MAX_STORY_CHARS = 20_000;

/** A story that fits an answer; `truncated` when texts or lists were shortened to fit. */
export interface ToldStory {
  readonly story: Story;
  readonly truncated: boolean;
}

// Not in the map as fields of their own, but people ask about them.
const alsoToldOfContacts = [
  ...contactTextFields,
  "email_status",
  "engagement_state",
  "unsubscribed",
  "custom",
] as const;
const alsoToldOfCustomers = [
  "ban",
  ...customerNumberFields,
  ...customerTextFields,
  ...customerJsonFields,
] as const;

/** Reads and tells a contact's story. */
export async function contactStory(services: ToolServices, contact: Contact): Promise<ToldStory> {
  const { store, fieldMaps } = services;
  const [facts, company] = await Promise.all([
    recordFacts(store, "contacts", contact.id),
    companyOf(store, contact),
  ]);
  return told({
    facts,
    map: fieldMaps.contacts,
    subject: contactSubject(fieldMaps.contacts, contact, company),
    unmapped: alsoToldOfContacts,
    waits: contact.status !== "synced",
  });
}

/** Reads and tells a customer's story. */
export async function customerStory(
  services: ToolServices,
  customer: Customer,
): Promise<ToldStory> {
  const map = services.fieldMaps.customers;
  const since: FieldProvenance = { source: "local", at: customer.created_at };
  return told({
    facts: await recordFacts(services.store, "customers", customer.id),
    map,
    subject: { record: customerRecord(map, customer), said: () => since, tellsOf: () => false },
    unmapped: withoutMappedColumns(map, alsoToldOfCustomers),
    waits: false,
  });
}

/** A JSON column whose leaves are mapped is told leaf by leaf. */
function withoutMappedColumns(map: FieldMap, columns: readonly string[]): readonly string[] {
  return columns.filter((column) => !map.rules.some(({ path }) => path[0] === column));
}

interface Telling {
  readonly facts: RecordFacts;
  readonly map: FieldMap;
  readonly subject: StorySubject;
  readonly unmapped: readonly string[];
  /** Whether the record's own state says that it is due. */
  readonly waits: boolean;
}

function told({ facts, map, subject, unmapped, waits }: Telling): ToldStory {
  const fields = fieldStories(subject, map.rules, facts, unmapped);
  const waiting = new Set(
    fields.filter(({ state }) => state === "changed").map(({ field }) => field),
  );
  const full = {
    hubspot_id: facts.link?.hubspotId ?? null,
    pending: waits || waiting.size > 0,
    pending_since: firstOf(facts.unsettled.filter(({ field }) => waiting.has(field))),
    fields,
    last_synced_at: facts.syncedAt,
    recent_syncs: facts.log.slice(0, SHOWN_LOG_ROWS).map(viewLogEntry),
  };
  const { value, truncated } = shortened(withoutInvisible(full), MAX_STORY_CHARS);
  return {
    story: storySchema.parse(value ?? { ...full, fields: [], recent_syncs: [] }),
    truncated,
  };
}

function firstOf(changes: readonly FieldChange[]): string | null {
  return changes.map(({ changed_at }) => changed_at).sort()[0] ?? null;
}

// What an import can say; the rest (score, times, generated text) is worked out here.
const saidByImport: ReadonlySet<string> = new Set([
  "email",
  ...contactTextFields,
  "custom",
  "email_status",
  "engagement_state",
  "unsubscribed",
]);
// A contact says itself who of us set a field, and more exactly than the writer's name.
const ownWriters: ReadonlySet<string> = new Set<Writer>(["import", "enrich", "person"]);

function contactSubject(map: FieldMap, contact: Contact, company: Company | null): StorySubject {
  return {
    record: contactRecord(map, contact, company),
    tellsOf: (writer) => ownWriters.has(writer),
    said: (path) => {
      const [column = ""] = path;
      if (column === "company_record" && company)
        return { source: "explorium", at: company.updated_at };
      return (
        ownWord(contact, path.join(".")) ?? ownWord(contact, column) ?? presumed(contact, column)
      );
    },
  };
}

function ownWord({ provenance }: Contact, name: string): FieldProvenance | undefined {
  return Object.hasOwn(provenance, name) ? provenance[name] : undefined;
}

function presumed(contact: Contact, column: string): FieldProvenance {
  if (saidByImport.has(column)) return { source: contact.source, at: contact.imported_at };
  return { source: OURSELVES, at: contact.enriched_at ?? contact.updated_at };
}

/** Mapped fields may come from what is known of the contact's company, which has its own source and time. */
async function companyOf(store: Store, { domain }: Contact): Promise<Company | null> {
  if (domain === null) return null;
  const [company] = await store.companies.findByDomains([domain]);
  return company?.firmographics ? company : null;
}

function viewLogEntry(entry: SyncLogEntry) {
  return {
    at: entry.finished_at ?? entry.created_at,
    action: entry.action,
    outcome: entry.outcome,
    error: entry.error,
    fields: entry.fields.map((field) => ({ ...field })),
  };
}
