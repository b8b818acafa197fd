/** What a request tells about a company and its contacts: the only source of the sentences written later. */

import { isObject, type Json, jsonInText, listAt, objectAt, textAt } from "./json.ts";

/** One fact with its id; the text is made safe to repeat. */
export type Fact = { readonly id: string; readonly text: string };

/** One contact as far as sentences need it. */
export type BriefedContact = {
  readonly key: string;
  readonly firstName: string | null;
  readonly title: string | null;
};

/** Everything found in the last user message. */
export type Briefing = {
  readonly company: string;
  readonly contacts: readonly BriefedContact[];
  readonly facts: readonly Fact[];
};

const FACT_ID = /^F\d+$/;
const FACT_LINE = /\b(F\d+)\s*:\s*([^\n]+)/g;

// Orders hidden in data are neither followed nor repeated.
const ORDERS = /ignore|instruction|system\s*:|assistant|disregard|reply with|prompt|override/i;

/** The text of the last user message. */
export function lastUserText(messages: readonly unknown[]): string {
  const users = messages.filter((message) => textAt(message, "role") === "user");
  const last = users.at(-1);
  const plain = textAt(last, "content");
  if (plain !== null) return plain;
  const parts = listAt(last, "content").map((block) => textAt(block, "text") ?? "");
  return parts.filter((part) => part !== "").join("\n");
}

/** Reads the briefing out of the JSON in a text. */
export function readBriefing(text: string): Briefing {
  const objects = jsonInText(text).flatMap((value) => objectsIn(value));
  const keyed = objects.filter(({ node }) => isContact(node));
  const listed = keyed.filter(({ path }) => /contact|people|prospect|person|lead/i.test(path));
  const contacts = (listed.length > 0 ? listed : keyed).map(({ node }) => contactOf(node));
  const nodes = objects.map(({ node }) => node);
  const stated = factObjects(nodes);
  return {
    company: clean(companyName(nodes) ?? "", 6) || "The company",
    contacts: uniqueBy(contacts, (contact) => contact.key),
    facts: uniqueBy(stated.length > 0 ? stated : factLines(nodes, text), (fact) => fact.id),
  };
}

type Found = { readonly node: Json; readonly path: string };

function objectsIn(value: unknown, path = ""): Found[] {
  if (Array.isArray(value)) return value.flatMap((item) => objectsIn(item, path));
  if (!isObject(value)) return [];
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, `${path}/${key}`));
  return [{ node: value, path }, ...inner];
}

function isContact(node: Json): boolean {
  const key = node["key"];
  const id = node["id"];
  return typeof key === "string" && key !== "" && !(typeof id === "string" && FACT_ID.test(id));
}

function contactOf(node: Json): BriefedContact {
  const first = textAt(node, "first_name") ?? textAt(node, "firstName") ?? textAt(node, "name");
  const title = textAt(node, "title") ?? textAt(node, "job_title") ?? textAt(node, "jobTitle");
  return {
    key: textAt(node, "key") ?? "",
    firstName: clean(first ?? "", 2) || null,
    title: clean(title ?? "", 5) || null,
  };
}

function factObjects(nodes: readonly Json[]): Fact[] {
  return nodes.flatMap((node) => {
    const id = textAt(node, "id");
    if (id === null || !FACT_ID.test(id)) return [];
    return [{ id, text: clean(factText(node), 10) }];
  });
}

function factText(node: Json): string {
  const sentence = textAt(node, "text") ?? textAt(node, "fact") ?? textAt(node, "statement");
  if (sentence !== null) return sentence;
  const said = Object.entries(node).filter(([key]) => key !== "id");
  return said.map(([, value]) => (typeof value === "object" ? "" : String(value))).join(" ");
}

// Facts can also come as lines "F1: ..." inside a string or beside the JSON.
function factLines(nodes: readonly Json[], text: string): Fact[] {
  const strings = nodes.flatMap((node) =>
    Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value])),
  );
  const sources = [...strings.filter((value) => typeof value === "string"), text];
  return sources.flatMap((source) =>
    Array.from(source.matchAll(FACT_LINE), ([, id = "", said = ""]) => ({
      id,
      text: clean(said, 10),
    })),
  );
}

function companyName(nodes: readonly Json[]): string | null {
  for (const node of nodes) {
    const name =
      textAt(objectAt(node, "company"), "name") ??
      textAt(node, "company_name") ??
      textAt(node, "companyName") ??
      textAt(node, "company");
    if (name !== null) return name;
  }
  return null;
}

/** A few plain words of a text: no addresses, markup, long numbers or orders. */
function clean(text: string, maxWords: number): string {
  if (ORDERS.test(text)) return "";
  const plain = text
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\S*(?:@|:\/\/|www\.)\S*/g, " ")
    .replaceAll(/\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b\S*/gi, " ")
    .replaceAll(/\+?\d[\d ()-]{6,}\d/g, (digits) => (isRangeOrDate(digits) ? digits : " "))
    .replaceAll(/[`*_#<>[\]{}|"\\]/g, " ");
  const words = plain.split(/\s+/).filter((word) => word !== "");
  return words
    .slice(0, maxWords)
    .join(" ")
    .replace(/[.,;:]+$/, "");
}

// "5001-10000" is a head count and "2026-10-21" a day; any other run of digits could be a phone number.
function isRangeOrDate(digits: string): boolean {
  return /^(\d{1,5}-\d{1,5}|\d{4}-\d\d-\d\d)$/.test(digits);
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const first = new Map<string, T>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

/** Facts that still say something after cleaning. */
export function usableFacts(briefing: Briefing): readonly Fact[] {
  return briefing.facts.filter(({ text }) => text !== "");
}
