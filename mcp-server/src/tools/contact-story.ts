/** One contact in full, with why each field holds what it holds and what the last syncs did. */
import { z } from "zod";
import { type Contact, contactTextFields } from "../core/contact.ts";
import { fieldStories } from "../core/field-story.ts";
import { shortened, withoutInvisible } from "../core/untrusted.ts";
import type { Link, SyncLogEntry } from "../ports/sync-store.ts";
import type { ToolServices } from "./tool.ts";

const LOG_ROWS = 5;
const MAX_STORY_CHARS = 20_000;

export const storySchema = z.object({
  hubspot_id: z.string().nullable(),
  pending: z.boolean().describe("Whether the next sync has something to settle"),
  fields: z.array(
    z.object({
      field: z.string(),
      value: z.unknown(),
      source: z.string(),
      at: z.string(),
      hubspot_property: z.string().nullable(),
      last_synced: z.string().nullable().optional(),
      state: z.enum(["equal", "changed", "never-synced", "local"]),
      why: z.string(),
    }),
  ),
  last_synced_at: z.string().nullable(),
  recent_syncs: z.array(
    z.object({
      at: z.string(),
      action: z.string(),
      outcome: z.string(),
      error: z.string().nullable(),
      fields: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});
export type Story = z.infer<typeof storySchema>;

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
  const [links, states, log] = await Promise.all([
    store.links.byLocalIds("contacts", [contact.id]),
    store.fieldStates.get("contacts", [contact.id]),
    store.syncLog.forRecord("contacts", contact.id, LOG_ROWS),
  ]);
  const state = states[0];
  const fields = fieldStories(contact, fieldMap.rules, state?.base ?? {}, alsoTold);
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

/** The HubSpot id linked to a contact; null when there is none. */
export function hubspotIdOf(links: readonly Link[], contactId: number): string | null {
  return links.find((link) => link.local_id === contactId)?.hubspot_id ?? null;
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
