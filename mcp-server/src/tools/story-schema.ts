/** The shape of a record's story, and what it shares with the plain list. */
import { z } from "zod";
import type { Link } from "../ports/sync-store.ts";

export const storySchema = z.object({
  hubspot_id: z.string().nullable(),
  pending: z.boolean().describe("Whether the next sync has something to settle"),
  pending_since: z.string().nullable().describe("First change here that no sync has settled"),
  fields: z.array(
    z.object({
      field: z.string(),
      value: z.unknown(),
      source: z.string(),
      at: z.string(),
      hubspot_property: z.string().nullable(),
      last_synced: z.string().nullable().optional(),
      state: z.enum(["equal", "changed", "never-synced", "conflict", "blocked", "local"]),
      why: z.string(),
      conflict: z
        .looseObject({ conflict_id: z.string(), version: z.number() })
        .optional()
        .describe("Both values with times and who"),
      last_decision: z
        .looseObject({ at: z.string(), rule: z.string() })
        .optional()
        .describe("As logged; lost = the value that gave way"),
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

/** The HubSpot id linked to a record; null when there is none. */
export function hubspotIdOf(links: readonly Link[], localId: number): string | null {
  return links.find((link) => link.local_id === localId)?.hubspot_id ?? null;
}
