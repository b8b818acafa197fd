/** Business routes: match, the enrichments one by one and in bulk, and events. */

import { Hono } from "hono";
import { type Desk, invalid, type Outcome, type Plan, responseContext } from "./desk.ts";
import { BUSINESS_ENRICHMENTS, type Enrichment } from "./enrichments.ts";
import type { FieldProblem } from "./errors.ts";
import { businessEvents, EVENT_TYPES } from "./events.ts";
import {
  checkIds,
  checkItems,
  checkKeys,
  checkList,
  checkNames,
  checkOneId,
  type Json,
  listOf,
  problem,
  textOf,
} from "./requests.ts";
import { disorder, type Row } from "./row-disorder.ts";

const MATCH_FIELDS = ["name", "domain", "url", "linkedin_url"];
const MAX_BULK = 50;

// Events take ten fewer than the other bulk calls.
const MAX_EVENT_BUSINESSES = 40;

/** Routes under /v1/businesses. */
export function businessRoutes(desk: Desk): Hono {
  const app = new Hono();
  app.post("/match", (c) => desk.serve(c, (body) => planMatch(desk, body)));
  app.post("/events", (c) => desk.serve(c, (body) => planEvents(desk, body)));
  for (const [name, enrichment] of Object.entries(BUSINESS_ENRICHMENTS)) {
    app.post(`/${name}/enrich`, (c) => desk.serve(c, (body) => planOne(desk, body, enrichment)));
    app.post(`/${name}/bulk_enrich`, (c) =>
      desk.serve(c, (body) => planBulk(desk, body, enrichment)),
    );
  }
  return app;
}

function planMatch(desk: Desk, body: Json): Plan {
  const key = "businesses_to_match";
  const items = listOf(body, key);
  const problems = [
    ...checkKeys(body, { allowed: ["request_context", key], required: [key] }),
    ...checkList(body, key, MAX_BULK),
    ...checkItems(items, key, MATCH_FIELDS),
    ...checkNames(items, key),
  ];
  if (problems.length > 0) return invalid(problems);
  const work = () => matchOutcome(desk, items);
  return { kind: "ready", entities: items.length, isSlow: true, work };
}

function matchOutcome(desk: Desk, items: readonly unknown[]): Outcome {
  const rows = items.map((item) => matchRow(desk, item));
  const matches = rows.filter((row) => row.business_id !== null).length;
  const body = {
    response_context: responseContext(matches > 0),
    total_results: rows.length,
    total_matches: matches,
    matched_businesses: rows,
  };
  return { body, credits: matches * desk.settings.costs.match, results: matches };
}

function matchRow(desk: Desk, item: unknown) {
  const linkedin = textOf(item, "linkedin_url");
  const input = {
    name: textOf(item, "name"),
    domain: textOf(item, "domain"),
    url: textOf(item, "url"),
    ...(linkedin === null ? {} : { linkedin_url: linkedin }),
  };
  const said = `${input.name ?? ""} ${input.domain ?? ""} ${input.url ?? ""}`.toLowerCase();
  if (desk.settings.failingRows.some((text) => said.includes(text.toLowerCase()))) {
    const error = "Matching this business failed.";
    return { input, business_id: null, error, error_type: "InternalServerError" };
  }
  return { input, business_id: desk.directory.matchCompany(item)?.id ?? null };
}

function planOne(desk: Desk, body: Json, enrichment: Enrichment): Plan {
  const allowed = ["request_context", "parameters", "business_id"];
  const problems = [
    ...checkKeys(body, { allowed, required: ["business_id"] }),
    ...checkOneId(body["business_id"], "business_id", "business"),
  ];
  if (problems.length > 0) return invalid(problems);
  const id = textOf(body, "business_id") ?? "";
  const work = () => {
    const data = enrich(desk, id, enrichment);
    const hits = data === null ? 0 : 1;
    const answer = { response_context: responseContext(hits > 0), data, entity_id: id };
    return { body: answer, credits: hits * desk.settings.costs.enrichment, results: hits };
  };
  return { kind: "ready", entities: 1, work };
}

function planBulk(desk: Desk, body: Json, enrichment: Enrichment): Plan {
  const key = "business_ids";
  const ids = listOf(body, key);
  const problems = [
    ...checkKeys(body, { allowed: ["request_context", "parameters", key], required: [key] }),
    ...checkList(body, key, MAX_BULK),
    ...checkIds(ids, key, "business"),
  ];
  if (problems.length > 0) return invalid(problems);
  const work = () => bulkOutcome(desk, ids.map(String), enrichment);
  return { kind: "ready", entities: ids.length, work };
}

function bulkOutcome(desk: Desk, ids: readonly string[], enrichment: Enrichment): Outcome {
  const found = ids.map((id) => ({ id, data: enrich(desk, id, enrichment) }));
  const hits = found.filter((row) => row.data !== null).length;
  const data = disorder(found.flatMap(spread), desk.settings.rows).map((row) => ({
    business_id: row.id,
    data: row.data,
  }));
  const body = {
    response_context: responseContext(hits > 0),
    data,
    entity_id: null,
    total_results: data.length,
  };
  return { body, credits: hits * desk.settings.costs.enrichment, results: hits };
}

// An enrichment with several rows repeats the business id in bulk instead of nesting a list.
function spread(row: Row): Row[] {
  return Array.isArray(row.data) ? row.data.map((data) => ({ id: row.id, data })) : [row];
}

function enrich(desk: Desk, id: string, enrichment: Enrichment) {
  const company = desk.directory.company(id);
  return company === null ? null : enrichment(company, desk.now());
}

function planEvents(desk: Desk, body: Json): Plan {
  const allowed = [
    "request_context",
    "entity_type",
    "event_types",
    "timestamp_from",
    "timestamp_to",
    "business_ids",
  ];
  const ids = listOf(body, "business_ids");
  const types = listOf(body, "event_types");
  const problems = [
    ...checkKeys(body, { allowed, required: ["event_types", "business_ids"] }),
    ...checkList(body, "event_types", Number.MAX_SAFE_INTEGER),
    ...checkList(body, "business_ids", MAX_EVENT_BUSINESSES),
    ...checkIds(ids, "business_ids", "business"),
    ...checkEventTypes(types),
    ...checkUnique(ids),
  ];
  if (problems.length > 0) return invalid(problems);
  const query = {
    types: new Set(types.map(String)),
    from: timeOf(body, "timestamp_from"),
    to: timeOf(body, "timestamp_to"),
    now: desk.now(),
  };
  const work = () => {
    const events = ids.flatMap((id) => {
      const company = desk.directory.company(String(id));
      return company === null ? [] : businessEvents(company, query);
    });
    const paid = new Set(events.map((event) => event.business_id)).size;
    const answer = { response_context: responseContext(events.length > 0), output_events: events };
    return { body: answer, credits: paid * desk.settings.costs.events, results: paid };
  };
  return { kind: "ready", entities: ids.length, work };
}

function checkEventTypes(types: readonly unknown[]): FieldProblem[] {
  return types.flatMap((type, index) => {
    if (typeof type === "string" && EVENT_TYPES.includes(type)) return [];
    const permitted = EVENT_TYPES.map((name) => `'${name}'`).join(", ");
    const msg = `value is not a valid enumeration member; permitted: ${permitted}`;
    return [problem(["body", "event_types", index], msg, "type_error.enum")];
  });
}

function checkUnique(ids: readonly unknown[]): FieldProblem[] {
  if (new Set(ids).size === ids.length) return [];
  const msg = "the list has duplicated items";
  return [problem(["body", "business_ids"], msg, "value_error.list.unique_items")];
}

function timeOf(body: Json, key: string): number | null {
  const at = Date.parse(textOf(body, key) ?? "");
  return Number.isNaN(at) ? null : at;
}
