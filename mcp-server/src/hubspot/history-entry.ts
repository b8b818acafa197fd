/** One entry of HubSpot's property history: when a value was set, and by whom in a word. */
import { z } from "zod";
import type { Stated } from "../core/value-types.ts";
import { idSchema } from "./wire.ts";

// Somebody else's text, which ends up in logs of decisions and in answers to models: a word of it is enough.
const MAX_BY = 100;

const text = idSchema.optional().catch(undefined);

/** Everything but the time is optional in HubSpot's specification. */
export const entrySchema = z.object({
  timestamp: z.union([z.string(), z.number()]),
  sourceType: z.string().optional().catch(undefined),
  sourceId: text,
  sourceLabel: text,
  updatedByUserId: text,
});
export type HistoryEntry = z.infer<typeof entrySchema>;

/** The newest entry whose time can be read; null when there is none. Documented as newest first, which also settles a tie. */
export function newestOf(entries: readonly HistoryEntry[]): Stated | null {
  let newest: { readonly at: number; readonly entry: HistoryEntry } | null = null;
  for (const entry of entries) {
    const at = new Date(entry.timestamp).getTime();
    if (!Number.isNaN(at) && (newest === null || at > newest.at)) newest = { at, entry };
  }
  return newest && { at: new Date(newest.at).toISOString(), by: byOf(newest.entry) };
}

/** e.g. "CRM_UI (user 17)", "INTEGRATION (app 12345)", "API"; null when the entry does not say. */
function byOf(entry: HistoryEntry): string | null {
  const source = plain(entry.sourceType);
  const detail = plain(detailOf(entry));
  if (source === "") return detail === "" ? null : cutShort(detail);
  return cutShort(detail === "" ? source : `${source} (${detail})`);
}

/** A person's number before anything else: labels may hold names and addresses, numbers do not. */
function detailOf({ sourceType, sourceId, sourceLabel, updatedByUserId }: HistoryEntry) {
  // Recorded entries of people's edits: sourceId "userId:17" beside updatedByUserId 17.
  const userId = updatedByUserId ?? /^userId:(\d+)$/.exec(sourceId ?? "")?.[1];
  if (userId !== undefined) return `user ${userId}`;
  if (sourceType === "INTEGRATION" && sourceId !== undefined) return `app ${sourceId}`;
  return sourceLabel ?? sourceId;
}

/** Without control, format and other characters that do not print, in one line. */
function plain(value: string | undefined): string {
  return (value ?? "").replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim();
}

function cutShort(value: string): string {
  // A cut may not leave half of a character behind.
  return value.slice(0, MAX_BY).replace(/[\uD800-\uDBFF]$/, "");
}
