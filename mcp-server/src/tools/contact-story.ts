/** One contact in full, with why each field holds what it holds and what the last syncs did. */
import { type Contact, contactTextFields } from "../core/contact.ts";
import { fieldStories } from "../core/field-story.ts";
import { shortened, withoutInvisible } from "../core/untrusted.ts";
import type { SyncLogEntry } from "../ports/sync-store.ts";
import { hubspotIdOf, type Story, storySchema } from "./story-schema.ts";
import type { ToolServices } from "./tool.ts";

const LOG_ROWS = 5;
const MAX_STORY_CHARS = 20_000;

// Not in the map as fields of their own, but people ask about them.
const alsoTold = [
  ...contactTextFields,
  "email_status",
  "engagement_state",
  "unsubscribed",
  "custom",
] as const;

/** Reads and tells a contact's story; `truncated` when texts or lists were shortened to fit. */
export async function contactStory(
  services: ToolServices,
  contact: Contact,
): Promise<{ readonly story: Story; readonly truncated: boolean }> {
  const { store, fieldMap } = services;
  const [links, states, log, told] = await Promise.all([
    store.links.byLocalIds("contacts", [contact.id]),
    store.fieldStates.get("contacts", [contact.id]),
    store.syncLog.forRecord("contacts", contact.id, LOG_ROWS),
    withCompany(services, contact),
  ]);
  const state = states[0];
  const fields = fieldStories(told, fieldMap.rules, state?.base ?? {}, alsoTold);
  const full = {
    hubspot_id: hubspotIdOf(links, contact.id),
    pending: contact.status !== "synced" || fields.some((field) => field.state === "changed"),
    fields,
    last_synced_at: state?.synced_at ?? null,
    recent_syncs: log.map(viewLogEntry),
  };
  const { value, truncated } = shortened(withoutInvisible(full), MAX_STORY_CHARS);
  return {
    story: storySchema.parse(value ?? { ...full, fields: [], recent_syncs: [] }),
    truncated,
  };
}

/** Mapped fields may come from what is known of the contact's company, which has its own source and time. */
async function withCompany({ store }: ToolServices, contact: Contact): Promise<Contact> {
  if (contact.domain === null) return contact;
  const [company] = await store.companies.findByDomains([contact.domain]);
  if (!company?.firmographics) return contact;
  const company_record = { source: "explorium", at: company.updated_at };
  const told = {
    ...contact,
    company_record: company.firmographics,
    provenance: { ...contact.provenance, company_record },
  };
  return told;
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
