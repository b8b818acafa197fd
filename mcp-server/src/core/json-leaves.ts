/** JSON objects from outside made safe to store: bounded, and without characters that databases refuse or people cannot see. */
import type { JsonObject } from "./customer.ts";
import { cleanText } from "./text.ts";

/** The leaves that an object states; empty texts state nothing. `limit` in characters. */
export type JsonReading =
  | { readonly kind: "leaves"; readonly leaves: JsonObject }
  | { readonly kind: "too long"; readonly limit: number }
  | { readonly kind: "unreadable" };

const MAX_LEAF = 1_000;
const MAX_OBJECT = 20_000;
// Deeper nesting is no record of a customer, and would exhaust the stack of whoever walks it.
const MAX_DEPTH = 8;

/** Reads an object, or the JSON text of one. null leaves stay: they clear. */
export function readJsonLeaves(value: unknown): JsonReading {
  const object = typeof value === "string" ? parsed(value) : value;
  if (!isJsonObject(object) || !isShallow(object, MAX_DEPTH)) return { kind: "unreadable" };
  const leaves = cleanObject(object);
  if (JSON.stringify(leaves).length > MAX_OBJECT) return { kind: "too long", limit: MAX_OBJECT };
  const texts = Object.values(leaves).filter((leaf) => typeof leaf === "string");
  if (texts.some((text) => text.length > MAX_LEAF)) return { kind: "too long", limit: MAX_LEAF };
  return { kind: "leaves", leaves };
}

/** Whether a parsed JSON value is an object with keys. */
export function isJsonObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function parsed(text: string): unknown {
  if (text.length > MAX_OBJECT * 2) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== "object") return true;
  return depth > 0 && Object.values(value).every((part) => isShallow(part, depth - 1));
}

function cleanObject(object: JsonObject): JsonObject {
  const entries = Object.entries(object).flatMap(([key, value]) => {
    const name = cleanText(key, 100);
    const clean = cleanValue(value);
    // Assigning to this key would set a prototype somewhere and lose the value.
    return name === null || name === "__proto__" || clean === "" ? [] : [[name, clean] as const];
  });
  return Object.fromEntries(entries);
}

function cleanValue(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value, MAX_OBJECT) ?? "";
  if (Array.isArray(value)) return value.map(cleanValue);
  return isJsonObject(value) ? cleanObject(value) : value;
}
