/** The shape of a contact's story, and what it shares with the plain list. */
import { z } from "zod";
import type { Link } from "../ports/sync-store.ts";

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

/** The HubSpot id linked to a contact; null when there is none. */
export function hubspotIdOf(links: readonly Link[], contactId: number): string | null {
  return links.find((link) => link.local_id === contactId)?.hubspot_id ?? null;
}
