/** What structured output accepts of JSON Schema; everything else is a 400 when the request comes in. */

import { isObject, type Json } from "./json.ts";

const BOUNDS = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "maxItems",
  "uniqueItems",
];

/** The schema at a local reference, or null for another or a missing one. */
export function resolveRef(root: Json, ref: string): Json | null {
  if (ref === "#") return root;
  if (!ref.startsWith("#/")) return null;
  let node: unknown = root;
  for (const step of ref.slice(2).split("/")) node = isObject(node) ? node[step] : undefined;
  return isObject(node) ? node : null;
}

/** The first thing in a schema that is not supported, or null. */
export function unsupportedInSchema(root: Json): string | null {
  return check(root, { root, refs: [] });
}

type Walk = { readonly root: Json; readonly refs: readonly string[] };

function check(node: unknown, walk: Walk): string | null {
  if (!isObject(node)) return null;
  const ref = node["$ref"];
  if (typeof ref === "string") return checkRef(ref, walk);
  const own = checkOwn(node);
  if (own !== null) return own;
  for (const child of children(node)) {
    const found = check(child, walk);
    if (found !== null) return found;
  }
  return null;
}

function checkRef(ref: string, walk: Walk): string | null {
  const target = resolveRef(walk.root, ref);
  if (target === null) return `Reference '${ref}' is not supported`;
  if (walk.refs.includes(ref)) return "Recursive schemas are not supported";
  return check(target, { ...walk, refs: [...walk.refs, ref] });
}

function checkOwn(node: Json): string | null {
  const bound = BOUNDS.find((name) => node[name] !== undefined);
  if (bound !== undefined) {
    return `For '${String(node["type"])}' type, property '${bound}' is not supported`;
  }
  const minItems = node["minItems"];
  if (typeof minItems === "number" && minItems > 1) {
    return "For 'array' type, 'minItems' values other than 0 or 1 are not supported";
  }
  if (node["type"] === "object" && node["additionalProperties"] !== false) {
    return "For 'object' type, 'additionalProperties' must be explicitly set to false";
  }
  return null;
}

function children(node: Json): unknown[] {
  const named = ["properties", "$defs", "definitions"].flatMap((key) => {
    const inner = node[key];
    return isObject(inner) ? Object.values(inner) : [];
  });
  const listed = ["anyOf", "allOf", "prefixItems"].flatMap((key) => {
    const inner = node[key];
    return Array.isArray(inner) ? inner : [];
  });
  return [...named, ...listed, node["items"]];
}
