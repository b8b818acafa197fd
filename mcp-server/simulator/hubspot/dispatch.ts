/** From a request to an answer: routing, token, limits, scopes, body, handler, headers. */
import { checkScopes, checkToken } from "./access.ts";
import { type Account, recordsOf } from "./account.ts";
import { accountRoutes } from "./account-routes.ts";
import { associationRoutes } from "./association-routes.ts";
import type { Reply } from "./call.ts";
import { ApiFailure, errorBodyOf, unreadable } from "./errors.ts";
import { RateLimited, rateBody, rateHeaders, retryHeaders, spend, type Usage } from "./limits.ts";
import { objectRoutes } from "./object-routes.ts";
import { CONTACTS } from "./object-types.ts";
import { propertyRoutes } from "./property-routes.ts";
import { type Match, matchRoute, routeTree } from "./routing.ts";

const tree = routeTree([
  ...objectRoutes,
  ...propertyRoutes,
  ...associationRoutes,
  ...accountRoutes,
]);

// HubSpot's documentation names the error but no length; clients that list properties in the URL
// stay below 15,000 characters.
const MAX_URL = 16_384;

type Found = Extract<Match, { kind: "found" }>;

function parseBody(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "";
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length);
    const before = text.slice(0, position).split("\n");
    throw new ApiFailure(400, {
      message: `Invalid input JSON on line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${reason}`,
    });
  }
}

function refuseUnknownType(match: Match): asserts match is Found {
  if (match.kind === "found") return;
  if (match.kind !== "unknown-type") throw new Error("Not routed.");
  throw new ApiFailure(400, { message: `Unable to infer object type from: ${match.typeText}` });
}

/** Which object types' scopes a route needs: the second one only on association paths. */
function typesOf(match: Found) {
  return match.route.lane === "associations" ? [match.type, match.toType] : [match.type];
}

function isSupported(match: Found): boolean {
  const isMerge = match.route.path.endsWith("/merge") || match.route.path.endsWith("/gdpr-delete");
  return !isMerge || ["contacts", "companies", "deals", "tickets"].includes(match.type.name);
}

async function run(account: Account, usage: Usage, request: Request, match: Match): Promise<Reply> {
  if (match.kind === "unknown-path" || match.kind === "wrong-method")
    throw new Error("Not routed.");
  checkToken(account, request.headers.get("authorization") ?? undefined);
  spend(account, usage, match.route.lane);
  refuseUnknownType(match);
  checkScopes(account, match.route.access, typesOf(match));
  if (!isSupported(match))
    throw new ApiFailure(400, {
      message: `${match.type.name} do not support this operation`,
      category: "VALIDATION_ERROR",
    });
  const text = await request.text();
  const body = parseBody(text);
  if (body === undefined && ["POST", "PATCH"].includes(request.method))
    throw unreadable("No content to map due to end-of-input", 0);
  const url = new URL(request.url);
  const { type, toType, params, enforcesRules } = match;
  return match.route.run({
    account,
    type,
    toType,
    params,
    query: url.searchParams,
    body,
    bodyLength: text.length,
    url,
    enforcesRules,
  });
}

function html(status: number, title: string): Response {
  const page = `<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n<title>Error ${status} ${title}</title>\n</head>\n<body><h2>HTTP ERROR ${status} ${title}</h2>\n</body>\n</html>\n`;
  return new Response(page, {
    status,
    headers: { "Content-Type": "text/html;charset=utf-8" },
  });
}

function failureReply(account: Account, failure: ApiFailure, correlationId: string): Reply {
  if (failure instanceof RateLimited) {
    return {
      status: 429,
      body: rateBody(account, failure.policy, correlationId),
      headers: retryHeaders(account, failure.policy),
    };
  }
  return {
    status: failure.status,
    body: errorBodyOf(failure.fault, correlationId),
    headers: failure.status === 404 ? { "X-HubSpot-NotFound": "true" } : {},
  };
}

function respond(reply: Reply, headers: Record<string, string>): Response {
  const all = { ...headers, ...reply.headers };
  if (reply.body === undefined) return new Response(null, { status: reply.status, headers: all });
  return new Response(JSON.stringify(reply.body), {
    status: reply.status,
    headers: { "Content-Type": "application/json;charset=utf-8", ...all },
  });
}

/** Answers one request. */
export async function dispatch(
  account: Account,
  usage: Usage,
  request: Request,
): Promise<Response> {
  // The proxy in front refuses it before anything else looks at it.
  if (request.url.length > MAX_URL) return html(414, "Request-URI Too Large");
  const match = matchRoute(tree, request.method, new URL(request.url).pathname, CONTACTS);
  if (match.kind === "unknown-path") return html(404, "Not Found");
  if (match.kind === "wrong-method") return html(405, "Method Not Allowed");
  const correlationId = account.random.uuid(account.now());
  const common = { "X-HubSpot-Correlation-Id": correlationId };
  try {
    const reply = await run(account, usage, request, match);
    return respond(reply, { ...common, ...rateHeaders(account, usage, match.route.lane) });
  } catch (failure) {
    if (!(failure instanceof ApiFailure)) throw failure;
    const isKnown = failure.status !== 401;
    const rates = isKnown ? rateHeaders(account, usage, match.route.lane) : {};
    return respond(failureReply(account, failure, correlationId), { ...common, ...rates });
  }
}

/** How many live records an account holds of each type. */
export function countRecords(account: Account): Record<string, number> {
  return Object.fromEntries(
    [...account.records.values()].map(({ type }) => [
      type.name,
      recordsOf(account, type).ordered.filter(({ archivedAt }) => archivedAt === null).length,
    ]),
  );
}
