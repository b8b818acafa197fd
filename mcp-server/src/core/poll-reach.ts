/** Whom a record reaches that HubSpot says was modified: local records to sync, and records of HubSpot's own to look at. */
import type { Company } from "./company.ts";
import { companyFactsOf } from "./company-follow.ts";
import type { FieldMap } from "./field-map.ts";
import { differsFromBase, mergedInto } from "./poll-difference.ts";
import type { SignalObject } from "./signal.ts";
import type { CanonicalValue } from "./value-types.ts";

/** A record as a search returned it. */
export interface ChangedRecord {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
}

/** What is known here of a page's records, by HubSpot id; `bases` by local id. */
export interface KnownOfPage {
  readonly links: ReadonlyMap<string, number>;
  readonly bases: ReadonlyMap<number, Readonly<Record<string, CanonicalValue>>>;
  /** Records that ended, with the local record that was kept; null = none was. */
  readonly ended: ReadonlyMap<string, number | null>;
  /** Companies that people entered anew for customers whose company was deleted; by local id. */
  readonly reentered?: ReadonlyMap<string, number>;
  /** Companies that contacts belong to. */
  readonly companies: ReadonlyMap<string, Pick<Company, "name" | "domain">>;
}

/** How a record is judged. `areCompared` false: it came without values, so it is taken to differ. `mayArrive`: as an unknown contact it could be taken over. */
export interface Judging {
  readonly object: SignalObject;
  readonly map: FieldMap;
  readonly areCompared: boolean;
  readonly mayArrive: boolean;
}

/** Local ids of the linked kind, and ids of HubSpot's records. */
export interface ChangeReach {
  readonly dirty: readonly number[];
  readonly looks: readonly string[];
}

/** A merge reaches those that were linked to the records which it took in. */
export function reachOfChange(
  record: ChangedRecord,
  known: KnownOfPage,
  judging: Judging,
): ChangeReach {
  const merged = mergedInto(record.properties);
  const others = merged.flatMap((id) => known.links.get(id) ?? []);
  const companies = merged.filter((id) => known.companies.has(id));
  if (isCompanyToSee(record, known, judging)) companies.push(record.id);
  const own = known.links.get(record.id);
  if (own === undefined && others.length === 0) {
    const { dirty, looks } = unknownReach(record, known, judging);
    return { dirty, looks: [...looks, ...companies] };
  }
  const isOther = own !== undefined && isToSync({ record, own }, known, judging);
  return { dirty: isOther ? [...others, own] : others, looks: companies };
}

/** A company of contacts that HubSpot calls otherwise by now. */
function isCompanyToSee(
  { id, properties }: ChangedRecord,
  { companies }: KnownOfPage,
  { areCompared }: Judging,
): boolean {
  const known = companies.get(id);
  if (!known) return false;
  const { name, domain } = companyFactsOf(properties);
  const isOther = (name ?? known.name) !== known.name || (domain ?? known.domain) !== known.domain;
  return isOther || !areCompared;
}

function isToSync(
  { record, own }: { readonly record: ChangedRecord; readonly own: number },
  { bases, ended }: KnownOfPage,
  { map, areCompared }: Judging,
): boolean {
  // A record that had ended is back.
  if (ended.has(record.id) || !areCompared) return true;
  return differsFromBase(map, bases.get(own) ?? null, record.properties);
}

/** One that was ours until HubSpot deleted it is back, or was entered anew; a contact may be new; any other unknown company is nobody's customer. */
function unknownReach(
  { id }: ChangedRecord,
  { ended, reentered }: KnownOfPage,
  { object, mayArrive }: Judging,
): ChangeReach {
  const kept = ended.get(id) ?? reentered?.get(id) ?? null;
  if (object === "companies") return { dirty: kept === null ? [] : [kept], looks: [] };
  return { dirty: [], looks: ended.has(id) || mayArrive ? [id] : [] };
}
