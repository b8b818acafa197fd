/** Search over a lagging index: filters, free text, one sort, offset paging up to 10,000. */
import { propertiesOf, recordsOf } from "./account.ts";
import { linksOf } from "./association-store.ts";
import { asObject, bodyObject, type Call, type Reply, stringList } from "./call.ts";
import { invalid, missingAttributes, unreadable } from "./errors.ts";
import { isoTime, valuesAt } from "./history.ts";
import { findObjectType } from "./object-types.ts";
import { liveProperty } from "./property-store.ts";
import { type CrmRecord, positionOf, type Values } from "./records.ts";
import { pick, type RecordBody, renderRecord, shownProperties } from "./render.ts";
import { type Bounds, boundsOf } from "./search-bounds.ts";
import { type Filter, type Matcher, matcherOf, parseFilter } from "./search-filter.ts";
import { linkedValues } from "./write.ts";

// HubSpot docs, search limits, read 2026-04.
const MAX_BODY = 3_000;
const MAX_OFFSET = 10_000;
const MAX_PAGE = 200;
const MAX_GROUPS = 5;
const MAX_FILTERS_PER_GROUP = 6;
const MAX_FILTERS = 18;

/** A record with the values that the index holds of it. */
type Indexed = { readonly record: CrmRecord; readonly values: Values };

/** Whether a record satisfies one filter. */
type Test = (entry: Indexed) => boolean;

/** The pseudo-property `associations.contact`: which records of that type are associated. */
function associationTest(call: Call, filter: Filter): Test | null {
  const [prefix, name = ""] = filter.property.split(".");
  const type = prefix === "associations" ? findObjectType(name) : undefined;
  if (type === undefined) return null;
  const { operator } = filter;
  const wanted = ["EQ", "NEQ"].includes(operator) ? [filter.value] : filter.values;
  const isNegative = operator.startsWith("N");
  return ({ record }) => {
    const from = { typeId: call.type.id, id: record.id };
    const links = linksOf(call.account.associations, from, type.id);
    const isAny = operator.endsWith("HAS_PROPERTY") ? links.size > 0 : false;
    return (isAny || wanted.some((id) => links.has(id))) !== isNegative;
  };
}

function testOf(call: Call, filter: Filter): Test {
  const byAssociation = associationTest(call, filter);
  if (byAssociation !== null) return byAssociation;
  const store = propertiesOf(call.account, call.type);
  const matcher: Matcher = matcherOf(filter, liveProperty(store, filter.property));
  return ({ values }) => matcher(values);
}

/** A list in the body; absent is empty, anything else is 400. */
function listOf(body: Record<string, unknown>, name: string): unknown[] {
  const value = body[name] ?? [];
  if (Array.isArray(value)) return value;
  throw unreadable(
    `Cannot deserialize value of type \`java.util.ArrayList\` from ${typeof value} value for ${name}`,
  );
}

function readGroups(body: Record<string, unknown>): Filter[][] {
  const given = listOf(body, "filterGroups");
  const groups = given.map((group) => {
    const { filters } = asObject(group);
    if (!Array.isArray(filters)) throw missingAttributes("FilterGroup", ["filters"]);
    return filters.map(parseFilter);
  });
  const loose = Array.isArray(body["filters"]) ? [body["filters"].map(parseFilter)] : [];
  return groups.length > 0 ? groups : loose;
}

function checkGroups(groups: readonly Filter[][]): void {
  if (groups.length > MAX_GROUPS)
    throw invalid(`The maximum number of filterGroups is ${MAX_GROUPS}`);
  if (groups.some((filters) => filters.length > MAX_FILTERS_PER_GROUP))
    throw invalid(`The maximum number of filters in a group is ${MAX_FILTERS_PER_GROUP}`);
  if (groups.flat().length > MAX_FILTERS)
    throw invalid(`The maximum number of filters in a request is ${MAX_FILTERS}`);
}

function queryTest(call: Call, query: unknown): Test | null {
  if (typeof query !== "string" || query.trim() === "") return null;
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ values }) => {
    const text = call.type.searchable.map((name) => (values[name] ?? "").toLowerCase()).join("\n");
    return words.every((word) => text.includes(word));
  };
}

function conditionOf(
  call: Call,
  groups: readonly (readonly Filter[])[],
  body: Record<string, unknown>,
): Test {
  const tests = groups.map((filters) => filters.map((filter) => testOf(call, filter)));
  const query = queryTest(call, body["query"]);
  return (entry) => {
    if (query !== null && !query(entry)) return false;
    return tests.length === 0 || tests.some((group) => group.every((test) => test(entry)));
  };
}

/** What the index can see and matches: no archived records, no write younger than the lag. */
function findIndexed(call: Call, bounds: Bounds, condition: Test): Indexed[] {
  const { account, type } = call;
  const store = recordsOf(account, type);
  const at = account.now() - account.settings.searchLagMs;
  const found: Indexed[] = [];
  for (let index = positionOf(store, bounds.id); index < store.ordered.length; index += 1) {
    const record = store.ordered[index];
    if (record === undefined || record.archivedAt !== null) continue;
    if (record.updatedAt < bounds.updatedAt) continue;
    const values = valuesAt(record, at);
    if (values !== null && condition({ record, values })) found.push({ record, values });
  }
  return found;
}

type Sort = { property: string; isDescending: boolean };

function readSort(body: Record<string, unknown>): Sort | null {
  const sorts = listOf(body, "sorts");
  if (sorts.length > 1) throw invalid("Only one sort is supported");
  const [sort] = sorts;
  if (sort === undefined) return null;
  if (typeof sort === "string")
    return { property: sort.replace(/^-/, ""), isDescending: sort.startsWith("-") };
  const row = asObject(sort);
  const direction = row["direction"] ?? "ASCENDING";
  if (direction !== "ASCENDING" && direction !== "DESCENDING")
    throw unreadable(
      `Cannot deserialize value of type \`SortDirection\` from String "${String(direction)}": not one of the values accepted for Enum class: [ASCENDING, DESCENDING]`,
    );
  return {
    property: String(row["propertyName"] ?? ""),
    isDescending: direction === "DESCENDING",
  };
}

function sortKey(type: string, value: string): number | string {
  if (type === "number") return value === "" ? Number.NEGATIVE_INFINITY : Number(value);
  if (type === "date" || type === "datetime")
    return value === "" ? Number.NEGATIVE_INFINITY : Date.parse(value) || Number(value);
  return value.toLowerCase();
}

function inOrder(call: Call, found: Indexed[], sort: Sort | null): Indexed[] {
  // Ids only grow, so creation order is the order in which records are kept.
  if (sort === null || sort.property === "") return found;
  const store = propertiesOf(call.account, call.type);
  const type = liveProperty(store, sort.property)?.type;
  if (type === undefined) throw invalid(`Property "${sort.property}" does not exist`);
  if (sort.property === "hs_object_id") return sort.isDescending ? found.toReversed() : found;
  const direction = sort.isDescending ? -1 : 1;
  const keyed = found.map((entry) => ({
    entry,
    key: sortKey(type, entry.values[sort.property] ?? ""),
  }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return 0;
    return a.key < b.key ? -direction : direction;
  });
  return keyed.map(({ entry }) => entry);
}

function wholeNumber(name: string, value: unknown, standard: number): number {
  if (value === undefined || value === null || value === "") return standard;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0) return number;
  throw invalid(`${name} must be a whole number, was ${String(value)}`);
}

function readPage(body: Record<string, unknown>): { limit: number; after: number } {
  const limit = wholeNumber("limit", body["limit"], 10);
  if (limit > MAX_PAGE)
    throw invalid(`The requested limit ${limit} is above the maximum of ${MAX_PAGE}`);
  const after = wholeNumber("after", body["after"], 0);
  if (after + limit > MAX_OFFSET)
    throw invalid(`Paging past ${MAX_OFFSET} results is not supported: after=${after}`);
  return { limit, after };
}

function render(call: Call, entry: Indexed, names: readonly string[]): RecordBody {
  const { account, type } = call;
  const updatedAt = entry.values[type.modified];
  // What follows from associations is shown as any read shows it.
  const values = { ...entry.values, ...linkedValues(account, type, entry.record) };
  return {
    ...renderRecord(account, type, entry.record, pick(values, names)),
    updatedAt: updatedAt ?? isoTime(entry.record.updatedAt),
  };
}

/** POST …/search. */
export function search(call: Call): Reply {
  if (call.bodyLength > MAX_BODY)
    throw invalid(`The search request body must not be longer than ${MAX_BODY} characters`);
  const body = bodyObject(call);
  const { limit, after } = readPage(body);
  const sort = readSort(body);
  const groups = readGroups(body);
  checkGroups(groups);
  const condition = conditionOf(call, groups, body);
  const found = findIndexed(call, boundsOf(call.type, groups), condition);
  const page = inOrder(call, found, sort).slice(after, after + limit);
  const asked = body["properties"];
  const names = shownProperties(
    call.account,
    call.type,
    Array.isArray(asked) ? stringList(asked) : null,
  );
  const next = after + limit;
  const hasMore = limit > 0 && next < found.length;
  const paging = hasMore ? { paging: { next: { after: String(next) } } } : {};
  const results = page.map((entry) => render(call, entry, names));
  return { status: 200, body: { total: found.length, results, ...paging } };
}
