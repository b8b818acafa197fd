/** One request after routing, and one answer before it is written. */
import type { Account } from "./account.ts";
import { invalid, unreadable } from "./errors.ts";
import type { ObjectType } from "./object-types.ts";

/** What a handler sees of a request. */
export type Call = {
  readonly account: Account;
  readonly type: ObjectType;
  /** The other object type of an association path. */
  readonly toType: ObjectType;
  /** Path parameters in order, decoded, object types excluded. */
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Length of the body in characters: search has a limit on it. */
  readonly bodyLength: number;
  /** Origin and path as the client called them, for paging links. */
  readonly url: URL;
  /** True on 2026-09 paths: they enforce admin validation rules, v3 and 2026-03 do not. */
  readonly enforcesRules: boolean;
};

/** What a handler answers. `body` undefined answers without a body. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };

/** The body as an object; 400 when it is something else. */
export function bodyObject(call: Call): Record<string, unknown> {
  return asObject(call.body);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Any JSON value as an object; 400 when it is something else. */
export function asObject(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  const kind = Array.isArray(value) ? "Array" : "scalar";
  throw unreadable(`Cannot deserialize value of type object from ${kind} value`, 1);
}

/** A field that should be a list of strings; absent is empty. */
export function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A query parameter given once with commas, or several times. Null when absent. */
export function listParam(call: Call, name: string): string[] | null {
  const given = call.query.getAll(name);
  if (given.length === 0) return null;
  return given.flatMap((text) => text.split(",")).filter((text) => text !== "");
}

/** An id that came as a string or a number; undefined when absent. */
export function idText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** The `limit` parameter; 400 outside 1..max. */
export function limitParam(call: Call, standard: number, max: number): number {
  const text = call.query.get("limit");
  if (text === null || text === "") return standard;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw invalid(`Invalid limit ${text}: it must be between 1 and ${max}.`);
}

/** The `inputs` of a batch; null when the body has none, which HubSpot takes as nothing to do. */
export function batchInputs(call: Call, max: number): Record<string, unknown>[] | null {
  const { inputs } = bodyObject(call);
  if (!Array.isArray(inputs) || inputs.length === 0) return null;
  if (inputs.length > max)
    throw invalid(
      `The maximum number of inputs supported in a batch request is ${max}. Please reduce the number of items and try again`,
    );
  return inputs.map(asObject);
}
