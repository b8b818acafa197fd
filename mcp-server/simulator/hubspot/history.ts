/** What a record looked like at a moment, and how each value came to be. */
import type { CrmRecord, Values } from "./records.ts";

/** One entry of `propertiesWithHistory`. */
export type HistoryEntry = {
  value: string;
  timestamp: string;
  sourceType: string;
  sourceId?: string;
  sourceLabel?: string;
  updatedByUserId?: number;
};

/** ISO time as HubSpot writes it, with milliseconds and Z. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * The values as of a moment, null when the record did not exist yet. This is how the search index
 * lags: a recent write is simply not in it, the older values still are.
 */
export function valuesAt(record: CrmRecord, at: number): Values | null {
  if (record.mintedAt > at) return null;
  const last = record.writes.at(-1);
  if (last === undefined || last.at <= at) return record.properties;
  const seen = record.writes.filter((write) => write.at <= at);
  if (seen.length === 0) return null;
  return Object.assign({}, ...seen.map((write) => write.values));
}

/** Newest first; values that HubSpot computes show CALCULATED whoever's write caused them. */
export function historyOf(
  record: CrmRecord,
  property: string,
  isCalculated: boolean,
): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const { at, source, values } of record.writes.toReversed()) {
    const value = values[property];
    if (value === undefined) continue;
    const base = { value, timestamp: isoTime(at) };
    if (isCalculated) entries.push({ ...base, sourceType: "CALCULATED" });
    else
      entries.push({
        ...base,
        sourceType: source.type,
        sourceId: source.id,
        ...(source.label === undefined ? {} : { sourceLabel: source.label }),
        ...(source.userId === undefined ? {} : { updatedByUserId: source.userId }),
      });
  }
  return entries;
}
