/** The table of endpoints and what a path means. */
import type { Call, Reply } from "./call.ts";
import type { Lane } from "./limits.ts";
import { findObjectType, type ObjectType } from "./object-types.ts";

/** How an endpoint uses its object types: which scopes guard it. */
export type Access = "read" | "write" | "schema-read" | "schema-write" | "owners" | "none";

/**
 * One endpoint. In `path`, `{type}` and `{to}` are object types, `{}` any other parameter, and
 * the first segments stand for every prefix under which the endpoint is served.
 */
export type Route = {
  readonly method: string;
  readonly path: string;
  readonly lane: Lane;
  readonly access: Access;
  readonly run: (call: Call) => Reply;
};

/** Where a request goes. `typeText` is an object type that could not be inferred. */
export type Match =
  | {
      kind: "found";
      route: Route;
      type: ObjectType;
      toType: ObjectType;
      params: string[];
      enforcesRules: boolean;
    }
  | { kind: "unknown-type"; route: Route; typeText: string }
  | { kind: "wrong-method" }
  | { kind: "unknown-path" };

type Node = {
  readonly literals: Map<string, Node>;
  any: { name: string; node: Node } | null;
  routes: Map<string, Route>;
};

function emptyNode(): Node {
  return { literals: new Map(), any: null, routes: new Map() };
}

function childFor(node: Node, segment: string): Node {
  if (segment.startsWith("{")) {
    node.any ??= { name: segment, node: emptyNode() };
    return node.any.node;
  }
  const known = node.literals.get(segment) ?? emptyNode();
  node.literals.set(segment, known);
  return known;
}

/** Builds the lookup tree of all endpoints. */
export function routeTree(routes: readonly Route[]): Node {
  const root = emptyNode();
  for (const route of routes) {
    let node = root;
    for (const segment of segmentsOf(route.path)) node = childFor(node, segment);
    node.routes.set(route.method, route);
  }
  return root;
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

type Walk = { node: Node; params: { name: string; value: string }[] };

/** Literal segments win over parameters, with a way back where they lead nowhere. */
function walk(node: Node, segments: readonly string[], params: Walk["params"]): Walk | null {
  const [segment, ...rest] = segments;
  if (segment === undefined) return node.routes.size > 0 ? { node, params } : null;
  const literal = node.literals.get(segment);
  const direct = literal === undefined ? null : walk(literal, rest, params);
  if (direct !== null || node.any === null) return direct;
  const param = { name: node.any.name, value: segment };
  return walk(node.any.node, rest, [...params, param]);
}

function inferType(params: Walk["params"], name: string, otherwise: ObjectType) {
  const text = params.find((param) => param.name === name)?.value;
  return text === undefined ? { text: "", type: otherwise } : { text, type: findObjectType(text) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Finds the endpoint of a request. `otherwise` stands in where a path names no object type. */
export function matchRoute(tree: Node, method: string, path: string, otherwise: ObjectType): Match {
  const found = walk(tree, segmentsOf(path), []);
  if (found === null) return { kind: "unknown-path" };
  const route = found.node.routes.get(method);
  if (route === undefined) return { kind: "wrong-method" };
  const params = found.params.map(({ name, value }) => ({ name, value: decode(value) }));
  const type = inferType(params, "{type}", otherwise);
  const toType = inferType(params, "{to}", otherwise);
  for (const { text, type: inferred } of [type, toType])
    if (inferred === undefined) return { kind: "unknown-type", route, typeText: text };
  return {
    kind: "found",
    route,
    type: type.type ?? otherwise,
    toType: toType.type ?? otherwise,
    params: params.filter(({ name }) => name === "{}").map(({ value }) => value),
    enforcesRules: path.includes("/2026-09/"),
  };
}
