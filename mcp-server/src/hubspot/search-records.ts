/** Search, which lags and stops at 10,000: for filters and change polling, never to prove that a record is absent. */

import { cutByJsonLength } from "../core/batching.ts";
import { AppError } from "../core/errors.ts";
import type { CrmCall, CrmFilter, CrmObject, CrmRecord } from "../ports/crm.ts";
import { objectSearch } from "./paths.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { readAnswer, searchSchema } from "./wire.ts";

// HubSpot docs, search the CRM: page of 200, body of 3,000 characters, 6 filters per group (read 2026-04).
const PAGE = 200;
const MAX_BODY = 3_000;
const MAX_FILTERS = 6;
// One client's constant; HubSpot documents none.
const MAX_VALUES = 100;

export interface SearchAsk {
  readonly filters: readonly CrmFilter[];
  readonly properties: readonly string[];
  readonly afterId?: string;
}

export interface SearchPage {
  readonly records: readonly CrmRecord[];
  readonly total: number;
}

/**
 * Pages by id: each asks for ids above the last one, so that records that change meanwhile shift nothing and 10,000 is no end.
 * `total` counts all matches from the start of this iteration. Throws `unavailable` when the pages do not advance.
 */
export async function* searchRecords(
  send: Send,
  object: CrmObject,
  ask: SearchAsk,
  call?: CrmCall,
): AsyncGenerator<SearchPage> {
  let afterId = ask.afterId ?? "0";
  let seen = 0;
  for (;;) {
    const body = searchBody(ask, afterId);
    const answer = await readAnswer(
      send,
      { method: "POST", route: objectSearch(object), body, lane: "search", effect: "read" },
      searchSchema,
      call,
    );
    const records = answer.results.map(({ record }) => record);
    const last = lastId(records, afterId);
    if (records.length > 0) yield { records, total: seen + answer.total };
    seen += records.length;
    // A full page may have more behind it, whatever the total says.
    if (answer.total <= records.length && records.length < PAGE) return;
    if (answer.total === records.length) return;
    if (last === afterId) throw stuck("HubSpot counts more search results than it returns.");
    afterId = last;
  }
}

/** Records whose property is one of the values, each once. Values are compared in lower case, as IN demands of text. */
export async function findByValues(
  send: Send,
  object: CrmObject,
  find: {
    readonly property: string;
    readonly values: readonly string[];
    readonly properties: readonly string[];
  },
  call?: CrmCall,
): Promise<readonly CrmRecord[]> {
  const lowered = find.values.map((value) => value.trim().toLowerCase());
  const values = [...new Set(lowered)].filter((value) => value !== "");
  const askFor = (some: readonly string[]): SearchAsk => ({
    filters: [{ property: find.property, operator: "IN", values: some }],
    properties: find.properties,
  });
  // The rest of the body, with the longest id that a page can start after.
  const frame = JSON.stringify(searchBody(askFor([]), "9".repeat(19))).length;
  const runs = cutByJsonLength(values, MAX_BODY - frame, MAX_VALUES);
  const found = new Map<string, CrmRecord>();
  await sideBySide(runs, async (run) => {
    for await (const page of searchRecords(send, object, askFor(run), call)) {
      for (const record of page.records) found.set(record.id, record);
    }
  });
  return [...found.values()];
}

function searchBody(ask: SearchAsk, afterId: string) {
  const filters = ask.filters.map(({ property, operator, value, values }) => ({
    propertyName: property,
    operator,
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values }),
  }));
  const above = { propertyName: "hs_object_id", operator: "GT", value: afterId };
  const body = {
    filterGroups: [{ filters: [...filters, above] }],
    sorts: [{ propertyName: "hs_object_id", direction: "ASCENDING" }],
    properties: ask.properties,
    limit: PAGE,
  };
  if (filters.length >= MAX_FILTERS) {
    throw new AppError("input", `A HubSpot search takes at most ${MAX_FILTERS - 1} filters here.`, {
      code: "SEARCH_TOO_MANY_FILTERS",
    });
  }
  if (JSON.stringify(body).length > MAX_BODY) {
    throw new AppError(
      "input",
      "This HubSpot search is longer than the 3,000 characters that HubSpot accepts. Use fewer values or properties.",
      { code: "SEARCH_TOO_LONG" },
    );
  }
  return body;
}

/** The highest id of a page, which must be its last and above the id it started after. */
function lastId(records: readonly CrmRecord[], afterId: string): string {
  let last = afterId;
  for (const { id } of records) {
    if (!isAbove(id, last)) throw stuck("HubSpot's search results do not advance by id.");
    last = id;
  }
  return last;
}

// Ids are decimal numbers that may outgrow what a double holds exactly.
function isAbove(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

function stuck(message: string): AppError {
  return new AppError("unavailable", `${message} Try again later.`, { code: "SEARCH_STUCK" });
}
