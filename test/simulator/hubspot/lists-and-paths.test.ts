/** Lists of records, and what paths and bodies that make no sense are answered. */
import { describe, expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();

describe("list", () => {
  test("pages ordered by id with the next record's id as cursor", async () => {
    const ids = portal.hubspot.seedContacts(
      Array.from({ length: 5 }, (_, index) => ({ email: `c${index}@example.com` })),
    );

    const first = await portal.get(`${CONTACTS}?limit=2`);
    const last = await portal.get(`${CONTACTS}?limit=2&after=${ids[4]}`);

    // HubSpot docs and recorded pages: `after` is the id of the next record; none on the last page.
    expect(first.body.results.map((row: { id: string }) => row.id)).toEqual(ids.slice(0, 2));
    expect(first.body.paging.next.after).toBe(ids[2]);
    const followed = await fetch(first.body.paging.next.link, {
      headers: { authorization: `Bearer ${portal.simulator.hubspotToken}` },
    });
    expect(await followed.json()).toMatchObject({ results: [{ id: ids[2] }, { id: ids[3] }] });
    expect(last.body).not.toHaveProperty("paging");
  });

  test("gives 10 by default and at most 100", async () => {
    portal.hubspot.seedContacts(
      Array.from({ length: 12 }, (_, index) => ({ email: `c${index}@example.com` })),
    );

    expect((await portal.get(CONTACTS)).body.results).toHaveLength(10);
    expect((await portal.get(`${CONTACTS}?limit=100`)).body.results).toHaveLength(12);
    expect((await portal.get(`${CONTACTS}?limit=101`)).status).toBe(400);
    expect((await portal.get(`${CONTACTS}?limit=51&propertiesWithHistory=email`)).status).toBe(400);
  });

  test("lists archived records only when asked", async () => {
    const [kept, gone] = portal.hubspot.seedContacts([
      { email: "a@example.com" },
      { email: "b@example.com" },
    ]);
    portal.hubspot.archiveAsUser("contacts", gone ?? "");

    const live = await portal.get(CONTACTS);
    const archived = await portal.get(`${CONTACTS}?archived=true`);

    expect(live.body.results.map((row: { id: string }) => row.id)).toEqual([kept]);
    expect(archived.body.results.map((row: { id: string }) => row.id)).toEqual([gone]);
  });
});

describe("paths", () => {
  test.each([
    "/crm/v3/objects/contacts",
    "/crm/objects/2026-09/contacts",
    "/crm/v3/objects/0-1",
    "/crm/objects/2026-09/contact",
  ])("serves %s", async (path) => {
    // HubSpot migration guide: the same operations, only the prefix moves.
    const id = await portal.contact({ email: "ada@example.com" });

    expect((await portal.get(`${path}/${id}`)).body.id).toBe(id);
  });

  test("cannot infer an unknown object type", async () => {
    const { status, body } = await portal.get("/crm/v3/objects/butterflies");

    // Recorded response: no category.
    expect(status).toBe(400);
    expect(body).toEqual({
      status: "error",
      message: "Unable to infer object type from: butterflies",
      correlationId: body.correlationId,
    });
  });

  test.each([
    ["GET", "/crm/v9/objects/contacts", 404],
    ["GET", "/nowhere", 404],
    ["PUT", "/crm/v3/objects/contacts", 405],
  ])("answers %s %s with HTML %i", async (method, path, status) => {
    const answer = await portal.call(method, path);

    // Probes of real portals: unknown paths and methods never reach the API.
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("text/html");
    expect(answer.text).toContain("<html>");
  });

  test("answers 414 to a URL that is too long", async () => {
    const path = (length: number) => `${CONTACTS}?properties=${"a".repeat(length)}`;

    // HubSpot docs, error handling, read 2026-04: URI too long.
    expect((await portal.get(path(20_000))).status).toBe(414);
    expect((await portal.get(path(14_000))).status).toBe(200);
  });

  test("says where malformed JSON breaks", async () => {
    const { status, body } = await portal.call("POST", CONTACTS, '{"properties": }');

    expect(status).toBe(400);
    expect(body.message).toMatch(/^Invalid input JSON on line 1, column \d+: /);
  });

  test("says which attributes a body lacks", async () => {
    const { status, body } = await portal.post(CONTACTS, {});

    expect(status).toBe(400);
    expect(body.message).toMatch(
      /^Invalid input JSON on line 1, column \d+: Cannot build \w+, some of required attributes are not set \[properties\]$/,
    );
  });

  test("stamps every answer with a UUID version 7 that the body repeats", async () => {
    const { headers, body } = await portal.get(`${CONTACTS}/1`);

    expect(headers.get("x-hubspot-correlation-id")).toBe(body.correlationId);
    expect(body.correlationId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
