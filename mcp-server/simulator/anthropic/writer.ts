/** Writes JSON for a schema: every value derives from the briefing, so that the same request gets the same answer. */

import { createHash } from "node:crypto";
import { type BriefedContact, type Briefing, type Fact, usableFacts } from "./briefing.ts";
import { isObject, type Json, listAt, objectAt } from "./json.ts";
import { resolveRef } from "./schema-rules.ts";

/** Deliberate flaws in an otherwise correct answer. */
export type Flaws = { readonly badEvidence: boolean; readonly urlInText: boolean };

type Scene = {
  readonly root: Json;
  readonly briefing: Briefing;
  readonly facts: readonly Fact[];
  readonly contact: BriefedContact | null;
  readonly name: string;
  readonly flaws: Flaws;
};

const MAX_DEPTH = 24;
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-11-02T09:00:00Z",
  date: "2026-11-02",
  time: "09:00:00Z",
  duration: "P1D",
  email: "nobody@example.com",
  hostname: "example.com",
  uri: "https://example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uuid: "00000000-0000-4000-8000-000000000000",
};

/** A value that satisfies the schema. */
export function writeForSchema(schema: Json, briefing: Briefing, flaws: Flaws): unknown {
  const facts = usableFacts(briefing);
  return write(schema, { root: schema, briefing, facts, contact: null, name: "", flaws }, 0);
}

function write(schema: Json, scene: Scene, depth: number): unknown {
  const node = flatten(schema, scene.root);
  if (depth > MAX_DEPTH) return null;
  if ("const" in node) return node["const"];
  const options = listAt(node, "enum");
  if (options.length > 0) return chooseOption(options, scene);
  const type = typeOf(node);
  if (type === "object") return writeObject(node, scene, depth);
  if (type === "array") return writeArray(node, scene, depth);
  if (type === "number" || type === "integer") return writeNumber(type, scene);
  if (type === "boolean") return scene.facts.length > 0;
  if (type === "null") return null;
  return writeText(node, scene);
}

// References, allOf and the first useful branch of anyOf become one plain schema.
function flatten(schema: Json, root: Json): Json {
  const ref = schema["$ref"];
  if (typeof ref === "string") return flatten(resolveRef(root, ref) ?? {}, root);
  const all = listAt(schema, "allOf").filter(isObject);
  const parts = all.map((part) => flatten(part, root));
  const merged: Json = parts.reduce(merge, schema);
  const branches = listAt(schema, "anyOf").filter(isObject);
  const branch = branches.find((each) => each["type"] !== "null") ?? branches[0];
  return branch === undefined ? merged : merge(merged, flatten(branch, root));
}

function merge(left: Json, right: Json): Json {
  const properties = { ...objectAt(left, "properties"), ...objectAt(right, "properties") };
  return { ...left, ...right, properties };
}

function typeOf(node: Json): string {
  const { type } = node;
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return String(type.find((each) => each !== "null") ?? "null");
  if (Object.keys(objectAt(node, "properties")).length > 0) return "object";
  return isObject(node["items"]) ? "array" : "string";
}

function writeObject(node: Json, scene: Scene, depth: number): Json {
  const entries = Object.entries(objectAt(node, "properties")).map(([name, schema]) => {
    const inner = isObject(schema) ? schema : {};
    return [name, write(inner, { ...scene, name }, depth + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function writeArray(node: Json, scene: Scene, depth: number): unknown[] {
  const items = objectAt(node, "items");
  const needed = Number(node["minItems"] ?? 0);
  if (isContactList(items, scene) && scene.briefing.contacts.length >= needed) {
    return scene.briefing.contacts.map((contact) => write(items, { ...scene, contact }, depth + 1));
  }
  if (/evidence|fact_?ids?/i.test(scene.name) && isPlainTextList(items, scene)) {
    return evidenceIds(scene);
  }
  const count = isPlainTextList(items, scene) ? Math.min(2, scene.facts.length) : 1;
  return Array.from({ length: Math.max(needed, count) }, (_, index) => {
    const facts = rotate(scene.facts, index);
    return write(items, { ...scene, facts }, depth + 1);
  });
}

function isContactList(items: Json, scene: Scene): boolean {
  return "key" in objectAt(flatten(items, scene.root), "properties");
}

function isPlainTextList(items: Json, scene: Scene): boolean {
  const node = flatten(items, scene.root);
  const isFixed = ["const", "enum", "format"].some((key) => node[key] !== undefined);
  return typeOf(node) === "string" && !isFixed;
}

function evidenceIds(scene: Scene): string[] {
  if (scene.flaws.badEvidence) return [`F${900 + scene.briefing.facts.length}`];
  return rotate(scene.facts, startOf(scene))
    .slice(0, 2)
    .map(({ id }) => id);
}

function chooseOption(options: readonly unknown[], scene: Scene): unknown {
  const usable = options.filter((option) => option !== null);
  return usable[startOf(scene) % Math.max(1, usable.length)] ?? options[0];
}

function writeNumber(type: string, scene: Scene): number {
  if (type === "integer") return scene.facts.length;
  const confidence = 0.35 + 0.1 * Math.min(5, scene.facts.length);
  return Math.round(confidence * 100) / 100;
}

function writeText(node: Json, scene: Scene): string {
  const format = node["format"];
  if (typeof format === "string" && FORMATS[format] !== undefined) return FORMATS[format];
  if (scene.name === "key") return scene.contact?.key ?? "";
  const sentence = writeSentence(scene);
  return scene.flaws.urlInText ? `${sentence} See https://offers.example.com/now` : sentence;
}

function writeSentence(scene: Scene): string {
  const { contact, name } = scene;
  const { company } = scene.briefing;
  const [fact] = rotate(scene.facts, startOf(scene));
  if (fact === undefined) return `Little is known about ${company}.`;
  const who = contact?.firstName ?? "This contact";
  const role = contact?.title ?? "team member";
  if (/company/.test(name)) return `${company} in short: ${fact.text}.`;
  if (/pain/.test(name)) return `As ${role}, may have to cope with this: ${fact.text}.`;
  if (/hook|personal/.test(name)) return `Open with what ${company} shows: ${fact.text}.`;
  if (contact !== null)
    return `${who} works as ${role} at ${company}, where this holds: ${fact.text}.`;
  return `${company}: ${fact.text}.`;
}

// Contacts start at different facts, so that colleagues do not get the same sentences.
function startOf(scene: Scene): number {
  if (scene.contact === null) return 0;
  return createHash("sha256").update(scene.contact.key).digest().readUInt32BE(0);
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** The value with a required property lost and an unknown one gained: no schema that closes its objects takes it. */
export function breakSchema(value: unknown): unknown {
  if (!isObject(value)) return { unexpected: true };
  const [, ...kept] = Object.entries(value);
  return { ...Object.fromEntries(kept), unexpected: true };
}
