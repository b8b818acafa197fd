/** What a comparison of both sides says of one linked record: equal, agreed without a note of it, different and why, or waiting for a person. */
import { companyDiffers } from "./company-base.ts";
import { type PlannedField, sentKey } from "./plan.ts";
import type { PlannedRecord, RemoteSide } from "./sync-record.ts";

export const causes = [
  "changed_here",
  "changed_in_hubspot",
  "both_changed",
  "never_agreed",
  "blocked",
  "company",
] as const;
/**
 * Why a field differs, by the values alone: this side moved and was not sent; HubSpot moved and was not noticed; both moved; the two never
 * agreed; it may not travel. `company`: the contact belongs to another company there.
 */
export type Cause = (typeof causes)[number];

/** A field that differs. */
export interface Discrepancy {
  readonly field: string;
  readonly cause: Cause;
}

/**
 * `agreed`: both sides hold the same, and only the base does not know; it can be noted without reading HubSpot again. `different`: the
 * pipeline has to look at it. `waiting`: the open matters of the record were told before, for these very values, and nothing else differs.
 */
export type Verdict =
  | { readonly kind: "equal" }
  | { readonly kind: "agreed" }
  | { readonly kind: "waiting"; readonly fields: number }
  | { readonly kind: "different"; readonly discrepancies: readonly Discrepancy[] };

/** Judges a record by the plan that its sides lead to; `plan` was made for both directions and without HubSpot's times. */
export function judgeRecord(item: PlannedRecord): Verdict {
  const { sides, plan } = item;
  const news = plan.fields.filter((field) => !isTold(field, sides.base));
  const isElsewhere = hasOtherCompany(item);
  if (news.length > 0 || isElsewhere || hasStaleNote(item)) {
    const fields = news.map((field) => ({
      field: field.rule.field,
      cause: causeOf(field, sides.base),
    }));
    const company = isElsewhere ? [{ field: "company", cause: "company" } as const] : [];
    return { kind: "different", discrepancies: [...fields, ...company] };
  }
  const agreed = Object.keys(plan.base);
  if (agreed.length > 0)
    return isCheap(item, agreed) ? { kind: "agreed" } : { kind: "different", discrepancies: [] };
  return plan.fields.length > 0
    ? { kind: "waiting", fields: plan.fields.length }
    : { kind: "equal" };
}

/** The entries of a base that an agreement adds: what was never known before, without companions that say nothing. */
export function agreedBase({ plan }: PlannedRecord): RemoteSide["base"] {
  return Object.fromEntries(Object.entries(plan.base).filter(([name]) => !name.includes("@")));
}

function hasOtherCompany({ sides: { object, remote, base } }: PlannedRecord): boolean {
  return object === "contacts" && remote !== null && companyDiffers(remote, base);
}

// As the sync remembers what it told a person of: the rule and both values.
function isTold({ rule, decision, local, remote }: PlannedField, base: RemoteSide["base"]) {
  const why = "rule" in decision ? decision.rule : "";
  const told = JSON.stringify([why, local, remote]);
  // Until HubSpot's times are read, a field that waits for a person looks so.
  const isConflict = decision.kind === "conflict" || decision.kind === "needs-times";
  if (isConflict) return base[`${rule.field}@conflict`] === told;
  return decision.kind === "blocked" && base[`${rule.field}@blocked`] === told;
}

/** A conflict that was told of and is none any more: somebody has to close it. */
function hasStaleNote({ sides, plan }: PlannedRecord): boolean {
  const open = new Set(plan.fields.map(({ rule }) => `${rule.field}@conflict`));
  return Object.keys(sides.base).some((name) => name.endsWith("@conflict") && !open.has(name));
}

/** Whatever was told, sent or changed of the fields is settled with them, which only the pipeline does. */
function isCheap({ sides, plan }: PlannedRecord, agreed: readonly string[]): boolean {
  const { base, changes } = sides;
  const isNew = (name: string): boolean =>
    base[name] === undefined &&
    base[`${name}@blocked`] === undefined &&
    base[sentKey(name)] === undefined;
  return changes.length === 0 && plan.fields.length === 0 && agreed.every(isNew);
}

function causeOf(
  { rule, decision, local, remote, sent }: PlannedField,
  base: RemoteSide["base"],
): Cause {
  const known = base[rule.field];
  if (decision.kind === "blocked") return "blocked";
  if (known === undefined) return "never_agreed";
  const hasMovedHere = local !== known && (sent === null || local !== sent);
  if (hasMovedHere && remote !== known) return "both_changed";
  return hasMovedHere ? "changed_here" : "changed_in_hubspot";
}
