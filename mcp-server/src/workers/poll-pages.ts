/** What a poll asks HubSpot for: changed records page by page, and the next page of the recycle bin. */
import { toAppError } from "../core/errors.ts";
import type { FieldMap, FieldMaps } from "../core/field-map.ts";
import { comparedProperties, mergedInto } from "../core/poll-difference.ts";
import type { PassPlace, PollPage } from "../core/poll-window.ts";
import type { SignalObject } from "../core/signal.ts";
import type { Crm, CrmCall, CrmRecord } from "../ports/crm.ts";

/** One kind of HubSpot record that is polled, with the kind of local record that is linked to it. */
export interface PollTarget {
  readonly crmObject: SignalObject;
  readonly linkedAs: "contacts" | "customers";
  readonly map: FieldMap;
  /** HubSpot's property of the last modification. */
  readonly modified: string;
}

/** Contacts have a name of their own for the modified date (HubSpot docs, search, read 2026-04). */
export function pollTargets({ contacts, customers }: FieldMaps): readonly PollTarget[] {
  return [
    { crmObject: "contacts", linkedAs: "contacts", map: contacts, modified: "lastmodifieddate" },
    {
      crmObject: "companies",
      linkedAs: "customers",
      map: customers,
      modified: "hs_lastmodifieddate",
    },
  ];
}

/** Where to ask. */
export interface Asking {
  readonly crm: Crm;
  readonly call: CrmCall;
}

/** Changed records by id ascending. `areCompared` false: they came without their values. */
export interface ChangedPage {
  readonly records: readonly CrmRecord[];
  readonly areCompared: boolean;
}

/** Where the properties make the search too long for HubSpot it is made without them. */
export async function* changedPages(
  { crm, call }: Asking,
  { crmObject, map, modified }: PollTarget,
  { since, pass }: PassPlace,
): AsyncGenerator<ChangedPage> {
  const filters = [{ property: modified, operator: "GTE", value: String(since) }] as const;
  const properties = [...comparedProperties(map), modified];
  let { afterId } = pass;
  try {
    for await (const { records } of crm.search(crmObject, { filters, properties, afterId }, call)) {
      yield { records, areCompared: true };
      afterId = records.at(-1)?.id ?? afterId;
    }
  } catch (thrown) {
    if (toAppError(thrown).code !== "SEARCH_TOO_LONG") throw thrown;
    const short = { filters, properties: ["hs_merged_object_ids", modified], afterId };
    for await (const { records } of crm.search(crmObject, short, call))
      yield { records, areCompared: false };
  }
}

/** What a page of changed records says about how far a pass has come. */
export function placeOfPage({ modified }: PollTarget, records: readonly CrmRecord[]): PollPage {
  return {
    lastId: records.at(-1)?.id ?? "",
    modifiedAt: records.map(({ properties, updatedAt }) =>
      Date.parse(properties[modified] ?? updatedAt),
    ),
  };
}

/** Ids of one page of what HubSpot deleted, and of what was merged into that before; `after` null = it was the last. */
export async function binPage(
  { crm, call }: Asking,
  { crmObject }: PollTarget,
  after: string | null,
): Promise<{ readonly ids: readonly string[]; readonly after: string | null }> {
  const properties = ["hs_merged_object_ids"];
  const ask = { properties, archived: true, ...(after === null ? {} : { after }) };
  for await (const page of crm.list(crmObject, ask, call)) {
    const ids = page.records.flatMap((record) => [record.id, ...mergedInto(record.properties)]);
    return { ids, after: page.after };
  }
  return { ids: [], after: null };
}
