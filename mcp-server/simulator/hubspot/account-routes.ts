/** Owners and account details. */
import { type Call, limitParam, type Reply } from "./call.ts";
import { recordNotFound } from "./errors.ts";
import type { Owner } from "./owner-list.ts";
import type { Route } from "./routing.ts";

/** Archived owners have no user id; the former one stays in another field. */
function render(owner: Owner): Record<string, unknown> {
  const { userId, ...rest } = owner;
  return {
    ...rest,
    type: "PERSON",
    userId: owner.archived ? null : userId,
    userIdIncludingInactive: userId,
  };
}

function listOwners(call: Call): Reply {
  const limit = limitParam(call, 100, 500);
  const email = call.query.get("email")?.toLowerCase();
  const wantsArchived = call.query.get("archived") === "true";
  const start = Number(call.query.get("after") ?? 0) || 0;
  const all = call.account.owners.filter(
    (owner) => owner.archived === wantsArchived && (email === undefined || owner.email === email),
  );
  const next = start + limit;
  const paging = next < all.length ? { paging: { next: { after: String(next) } } } : {};
  return { status: 200, body: { results: all.slice(start, next).map(render), ...paging } };
}

function getOwner(call: Call): Reply {
  const [id = ""] = call.params;
  const byUser = call.query.get("idProperty") === "userId";
  const wantsArchived = call.query.get("archived") === "true";
  const owner = call.account.owners.find(
    (one) => (byUser ? String(one.userId) : one.id) === id && one.archived === wantsArchived,
  );
  if (owner === undefined) throw recordNotFound(id);
  return { status: 200, body: render(owner) };
}

function details(call: Call): Reply {
  // Recorded response, 2026-05.
  return {
    status: 200,
    body: {
      portalId: call.account.portalId,
      accountType: "STANDARD",
      timeZone: "US/Eastern",
      companyCurrency: "USD",
      additionalCurrencies: [],
      utcOffset: "-04:00",
      utcOffsetMilliseconds: -14_400_000,
      uiDomain: "app.hubspot.com",
      dataHostingLocation: "na1",
    },
  };
}

/** All of them. */
export const accountRoutes: readonly Route[] = [
  ...["/crm/v3/owners", "/crm/owners/2026-03", "/crm/owners/2026-09"].flatMap((path): Route[] => [
    { method: "GET", path, lane: "objects", access: "owners", run: listOwners },
    { method: "GET", path: `${path}/{}`, lane: "objects", access: "owners", run: getOwner },
  ]),
  ...[
    "/account-info/v3/details",
    "/account-info/2026-03/details",
    "/account-info/2026-09/details",
  ].map((path): Route => ({ method: "GET", path, lane: "objects", access: "none", run: details })),
];
