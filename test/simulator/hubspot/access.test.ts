/** Tokens, scopes, owners and account details. */
import { describe, expect, test } from "vitest";
import { CONTACTS, NOTES, openPortal, PORTAL_ID } from "./portal.ts";

const portal = await openPortal();

describe("the token", () => {
  test.each([
    ["no token", {}],
    ["a wrong token", { authorization: "Bearer pat-na1-wrong" }],
  ])("%s is 401 without rate headers", async (_what, headers) => {
    const response = await fetch(`${portal.simulator.hubspotUrl}${CONTACTS}`, { headers });

    // Text seen on real portals.
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      status: "error",
      message:
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
      correlationId: response.headers.get("x-hubspot-correlation-id"),
      category: "INVALID_AUTHENTICATION",
    });
    expect(response.headers.get("x-hubspot-ratelimit-max")).toBeNull();
  });

  test("says since when it has expired", async () => {
    portal.hubspot.configure({ tokenExpiredSecondsAgo: 75 });

    const { status, body } = await portal.get(CONTACTS);

    expect(status).toBe(401);
    expect(body).toMatchObject({
      message: "The OAuth token used to make this call expired 75 second(s) ago.",
      category: "EXPIRED_AUTHENTICATION",
    });
  });
});

describe("scopes", () => {
  test.each([
    ["GET", CONTACTS, undefined, "crm.objects.contacts.read"],
    ["POST", NOTES, { properties: {} }, "crm.objects.contacts.write"],
    ["POST", "/crm/v3/objects/companies/batch/create", {}, "crm.objects.companies.write"],
    ["POST", "/crm/properties/2026-09/companies", {}, "crm.schemas.companies.write"],
    ["POST", "/crm/properties/2026-09/notes", {}, "crm.schemas.notes.write"],
    ["GET", "/crm/v3/owners", undefined, "crm.objects.owners.read"],
  ])("%s %s needs one that is missing: %#", async (method, path, payload, scope) => {
    portal.hubspot.configure({ scopes: ["oauth"] });

    const { status, body } = await portal.call(method, path, payload);

    // Probe of a real portal, 2026-04.
    expect(status).toBe(403);
    expect(body).toEqual({
      status: "error",
      message:
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
      correlationId: body.correlationId,
      errors: [
        {
          message: "One or more of the following scopes are required.",
          context: { requiredGranularScopes: [scope] },
        },
      ],
      links: { scopes: "https://developers.hubspot.com/scopes" },
      category: "MISSING_SCOPES",
    });
  });

  test("associations need those of both objects", async () => {
    portal.hubspot.configure({ scopes: ["crm.objects.contacts.write"] });

    const { body } = await portal.post("/crm/v4/associations/contacts/companies/batch/create", {});

    expect(body.errors[0].context.requiredGranularScopes).toEqual(["crm.objects.companies.write"]);
  });

  test("that are granted let the call through, account details need none", async () => {
    portal.hubspot.configure({ scopes: ["crm.objects.contacts.read"] });

    expect((await portal.get(CONTACTS)).status).toBe(200);
    expect((await portal.get("/crm/v3/properties/contacts")).status).toBe(200);
    expect((await portal.get("/account-info/v3/details")).status).toBe(200);
  });
});

describe("the account", () => {
  test.each(["/account-info/v3/details", "/account-info/2026-09/details"])(
    "has details on %s",
    async (path) => {
      const { body } = await portal.get(path);

      // Recorded response, 2026-05.
      expect(body).toEqual({
        portalId: PORTAL_ID,
        accountType: "STANDARD",
        timeZone: "US/Eastern",
        companyCurrency: "USD",
        additionalCurrencies: [],
        utcOffset: "-04:00",
        utcOffsetMilliseconds: -14_400_000,
        uiDomain: "app.hubspot.com",
        dataHostingLocation: "na1",
      });
    },
  );

  test.each(["/crm/v3/owners", "/crm/owners/2026-03"])("lists owners on %s", async (path) => {
    const active = await portal.get(path);
    const archived = await portal.get(`${path}?archived=true`);

    // HubSpot docs: the owner id is not the user id; archived owners have none.
    expect(active.body.results).toHaveLength(2);
    const [owner] = active.body.results;
    expect(owner).toMatchObject({ type: "PERSON", archived: false, userId: expect.any(Number) });
    expect(String(owner.userId)).not.toBe(owner.id);
    expect(archived.body.results[0].userId).toBeNull();
    expect((await portal.get(`${path}?email=${owner.email}`)).body.results).toHaveLength(1);
    expect((await portal.get(`${path}/${owner.id}`)).body).toEqual(owner);
    expect((await portal.get(`${path}/1`)).status).toBe(404);
  });
});
