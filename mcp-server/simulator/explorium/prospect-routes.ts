/** Prospect routes: match, contact information and professional profiles, one by one and in bulk. */

import { Hono } from "hono";
import { type Desk, invalid, type Outcome, type Plan, responseContext } from "./desk.ts";
import type { Person } from "./directory.ts";
import { type ContactTypes, contactInformation, profile } from "./prospects.ts";
import {
  checkIds,
  checkItems,
  checkKeys,
  checkList,
  checkOneId,
  isObject,
  type Json,
  listOf,
  textOf,
} from "./requests.ts";
import { disorder } from "./row-disorder.ts";

const MATCH_FIELDS = [
  "business_id",
  "full_name",
  "company_name",
  "email",
  "phone_number",
  "linkedin",
];
const MAX_BULK = 50;

type Lookup = (person: Person, parameters: unknown) => object;
type Price = (parameters: unknown) => number;

/** Routes under /v1/prospects. */
export function prospectRoutes(desk: Desk): Hono {
  const app = new Hono();
  app.post("/match", (c) => desk.serve(c, (body) => planMatch(desk, body)));
  const contactPrice: Price = (parameters) => priceOf(desk, contactTypes(parameters));
  const contacts: Lookup = (person, parameters) =>
    contactInformation(person, contactTypes(parameters));
  mount(app, desk, { name: "contacts_information", lookup: contacts, price: contactPrice });
  mount(app, desk, {
    name: "profiles",
    lookup: profile,
    price: () => desk.settings.costs.enrichment,
  });
  return app;
}

function mount(app: Hono, desk: Desk, route: { name: string; lookup: Lookup; price: Price }): void {
  app.post(`/${route.name}/enrich`, (c) => desk.serve(c, (body) => planOne(desk, body, route)));
  app.post(`/${route.name}/bulk_enrich`, (c) =>
    desk.serve(c, (body) => planBulk(desk, body, route)),
  );
}

function planMatch(desk: Desk, body: Json): Plan {
  const key = "prospects_to_match";
  const items = listOf(body, key);
  const problems = [
    ...checkKeys(body, { allowed: ["request_context", key], required: [key] }),
    ...checkList(body, key, MAX_BULK),
    ...checkItems(items, key, MATCH_FIELDS),
  ];
  if (problems.length > 0) return invalid(problems);
  const work = (): Outcome => {
    const rows = items.map((item) => matchRow(desk, item));
    const matches = rows.filter((row) => row.prospect_id !== null).length;
    const answer = {
      response_context: responseContext(matches > 0),
      total_results: rows.length,
      total_matches: matches,
      matched_prospects: rows,
    };
    return { body: answer, credits: matches * desk.settings.costs.match, results: matches };
  };
  return { kind: "ready", entities: items.length, isSlow: true, work };
}

function matchRow(desk: Desk, item: unknown) {
  // Every input field comes back, those that were not sent as null.
  const input = Object.fromEntries(MATCH_FIELDS.map((name) => [name, textOf(item, name)]));
  const isNameAlone = ["email", "linkedin", "phone_number", "company_name"].every(
    (name) => input[name] === null,
  );
  if (input["full_name"] !== null && isNameAlone) {
    const error = "full_name must be sent together with company_name.";
    return { input, prospect_id: null, error, error_type: "ValidationError" };
  }
  return { input, prospect_id: desk.directory.matchPerson(item)?.id ?? null };
}

function planOne(desk: Desk, body: Json, route: { lookup: Lookup; price: Price }): Plan {
  const key = "prospect_id";
  const problems = [
    ...checkKeys(body, { allowed: ["request_context", "parameters", key], required: [key] }),
    ...checkOneId(body[key], key, "prospect"),
  ];
  if (problems.length > 0) return invalid(problems);
  const id = textOf(body, key) ?? "";
  const work = () => {
    const person = desk.directory.person(id);
    const data = person === null ? null : route.lookup(person, body["parameters"]);
    const hits = data === null ? 0 : 1;
    const answer = { response_context: responseContext(hits > 0), data, entity_id: id };
    return { body: answer, credits: hits * route.price(body["parameters"]), results: hits };
  };
  return { kind: "ready", entities: 1, work };
}

function planBulk(desk: Desk, body: Json, route: { lookup: Lookup; price: Price }): Plan {
  const key = "prospect_ids";
  const ids = listOf(body, key);
  const problems = [
    ...checkKeys(body, { allowed: ["request_context", "parameters", key], required: [key] }),
    ...checkList(body, key, MAX_BULK),
    ...checkIds(ids, key, "prospect"),
  ];
  if (problems.length > 0) return invalid(problems);
  const work = (): Outcome => {
    const found = ids.map(String).map((id) => {
      const person = desk.directory.person(id);
      return { id, data: person === null ? null : route.lookup(person, body["parameters"]) };
    });
    const hits = found.filter(({ data }) => data !== null).length;
    const rows = disorder(found, desk.settings.rows);
    const answer = {
      response_context: responseContext(hits > 0),
      data: rows.map((row) => ({ prospect_id: row.id, data: row.data })),
      entity_id: null,
      total_results: rows.length,
    };
    return { body: answer, credits: hits * route.price(body["parameters"]), results: hits };
  };
  return { kind: "ready", entities: ids.length, work };
}

function contactTypes(parameters: unknown): ContactTypes {
  const asked = isObject(parameters) ? listOf(parameters, "contact_types") : [];
  const both = asked.length === 0;
  const types = new Set<"email" | "phone">();
  if (both || asked.includes("email")) types.add("email");
  if (both || asked.includes("phone")) types.add("phone");
  return types;
}

// Phone and both cost the same; only e-mail alone is cheaper.
function priceOf(desk: Desk, types: ContactTypes): number {
  return types.has("phone") ? desk.settings.costs.phone : desk.settings.costs.email;
}
