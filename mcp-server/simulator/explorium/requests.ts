/** Checks of request bodies with the sentences of FastAPI: closed top level, list bounds, id patterns. */

import type { FieldProblem } from "./errors.ts";

/** A JSON object after parsing. */
export type Json = Readonly<Record<string, unknown>>;

const BUSINESS_ID = "^[a-f0-9]{32}$";
const PROSPECT_ID = "^[a-f0-9]{40}$";

/** The closed top level of a body: which keys may be there and which must. */
export type BodyRule = {
  readonly allowed: readonly string[];
  readonly required: readonly string[];
};

/** True for a JSON object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Unknown and missing keys of a body. */
export function checkKeys(body: Json, rule: BodyRule): FieldProblem[] {
  const missing = rule.required
    .filter((key) => body[key] === undefined || body[key] === null)
    .map((key) => problem(["body", key], "field required", "value_error.missing"));
  const extra = Object.keys(body)
    .filter((key) => !rule.allowed.includes(key))
    .map((key) => problem(["body", key], "extra fields not permitted", "value_error.extra"));
  return [...missing, ...extra];
}

/** Type and length of a list; its items are for others to check. */
export function checkList(body: Json, key: string, max: number): FieldProblem[] {
  const list = body[key];
  if (list === undefined || list === null) return [];
  const loc = ["body", key];
  if (!Array.isArray(list)) return [problem(loc, "value is not a valid list", "type_error.list")];
  if (list.length < 1) {
    const msg = "ensure this value has at least 1 items";
    return [{ ...problem(loc, msg, "value_error.list.min_items"), ctx: { limit_value: 1 } }];
  }
  if (list.length > max) {
    const msg = `ensure this value has at most ${max} items`;
    return [{ ...problem(loc, msg, "value_error.list.max_items"), ctx: { limit_value: max } }];
  }
  return [];
}

/** Ids that do not have the documented form. */
export function checkIds(ids: readonly unknown[], key: string, kind: "business" | "prospect") {
  const pattern = kind === "business" ? BUSINESS_ID : PROSPECT_ID;
  return ids.flatMap((id, index) => checkId(id, ["body", key, index], pattern));
}

/** A single id that does not have the documented form. */
export function checkOneId(id: unknown, key: string, kind: "business" | "prospect") {
  if (id === undefined || id === null) return [];
  return checkId(id, ["body", key], kind === "business" ? BUSINESS_ID : PROSPECT_ID);
}

function checkId(id: unknown, loc: (string | number)[], pattern: string): FieldProblem[] {
  if (typeof id !== "string") return [problem(loc, "str type expected", "type_error.str")];
  if (new RegExp(pattern).test(id)) return [];
  const msg = `string does not match regex "${pattern}"`;
  return [{ ...problem(loc, msg, "value_error.str.regex"), ctx: { pattern } }];
}

/** Items of a match request: objects whose named fields are strings or null; other fields are let through. */
export function checkItems(items: readonly unknown[], key: string, fields: readonly string[]) {
  return items.flatMap((item, index) => {
    const loc = ["body", key, index];
    if (!isObject(item)) {
      return [problem(loc, "value is not a valid dict", "type_error.dict")];
    }
    return fields
      .filter((name) => !isText(item[name]))
      .map((name) => problem([...loc, name], "str type expected", "type_error.str"));
  });
}

/** Names longer than the documented 256 characters. */
export function checkNames(items: readonly unknown[], key: string): FieldProblem[] {
  return items.flatMap((item, index) => {
    const name = isObject(item) ? item["name"] : undefined;
    if (typeof name !== "string" || name.length <= 256) return [];
    const msg = "ensure this value has at most 256 characters";
    const loc = ["body", key, index, "name"];
    const type = "value_error.any_str.max_length";
    return [{ ...problem(loc, msg, type), ctx: { limit_value: 256 } }];
  });
}

function isText(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}

/** One problem. */
export function problem(
  loc: readonly (string | number)[],
  msg: string,
  type: string,
): FieldProblem {
  return { loc, msg, type };
}

/** The list under a key, or an empty one. */
export function listOf(body: Json, key: string): readonly unknown[] {
  const list = body[key];
  return Array.isArray(list) ? list : [];
}

/** The string under a key without surrounding space, or null. */
export function textOf(item: unknown, key: string): string | null {
  const value = isObject(item) ? item[key] : undefined;
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}
