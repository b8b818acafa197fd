/** Where a search need not look: it keeps paging through 100,000 records quick, and changes nothing. */
import type { ObjectType } from "./object-types.ts";
import type { Filter } from "./search-filter.ts";
import { parseTime } from "./value-rules.ts";

/** No record below `id` and none last changed before `updatedAt` (ms) can match. */
export type Bounds = { readonly id: number; readonly updatedAt: number };

const NONE: Bounds = { id: 0, updatedAt: 0 };
const FROM_BELOW: ReadonlySet<string> = new Set(["EQ", "GT", "GTE", "BETWEEN"]);

function highest(filters: readonly Filter[], property: string, read: (text: string) => number) {
  const bounds = filters
    .filter((filter) => filter.property === property && FROM_BELOW.has(filter.operator))
    .map(({ value }) => read(value))
    .filter((bound) => !Number.isNaN(bound));
  return Math.max(0, ...bounds);
}

/** The bounds that hold for a search; several groups are alternatives and bound nothing. */
export function boundsOf(type: ObjectType, groups: readonly (readonly Filter[])[]): Bounds {
  const [filters] = groups;
  if (filters === undefined || groups.length > 1) return NONE;
  return {
    id: highest(filters, "hs_object_id", Number),
    updatedAt: highest(filters, type.modified, (text) => parseTime(text) ?? Number.NaN),
  };
}
