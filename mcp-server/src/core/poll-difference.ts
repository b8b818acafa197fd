/** Whether a record that HubSpot says was modified differs from what both sides held last. */
import { companyDiffers, primaryCompanyProperty } from "./company-base.ts";
import type { FieldMap } from "./field-map.ts";
import { readRemote } from "./rule-values.ts";
import type { CanonicalValue } from "./value-types.ts";

/** HubSpot's list of the ids that a record took over, by `;`. */
const mergedIds = "hs_merged_object_ids";

/** What to ask for, so that a page alone tells which records differ. */
export function comparedProperties(map: FieldMap): readonly string[] {
  const rules = map.rules.filter(({ direction }) => direction !== "NONE");
  const own = map.object === "contacts" ? [primaryCompanyProperty] : ["name", "domain"];
  return [...new Set([...rules.map(({ property }) => property), ...own, mergedIds])];
}

/**
 * False only when a sync of the record would find HubSpot as it left it: our own writes, and those of others to properties that are not mapped,
 * cost nothing further. Values that nobody agreed on yet differ unless they are empty; what HubSpot did not say does not.
 *
 * @param base canonical values by field; null when the record has none
 */
export function differsFromBase(
  map: FieldMap,
  base: Readonly<Record<string, CanonicalValue>> | null,
  properties: Readonly<Record<string, string | null>>,
): boolean {
  if (base === null) return true;
  const isOther = map.rules.some((rule) => {
    if (rule.direction === "NONE") return false;
    const { value } = readRemote(rule, properties[rule.property]);
    return value !== undefined && value !== (base[rule.field] ?? null);
  });
  return isOther || (map.object === "contacts" && companyDiffers(properties, base));
}

/** The ids of records that were merged into this one. */
export function mergedInto(properties: Readonly<Record<string, string | null>>): readonly string[] {
  return (properties[mergedIds] ?? "").split(";").map(trimmed).filter(Boolean);
}

function trimmed(text: string): string {
  return text.trim();
}
