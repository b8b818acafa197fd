/** Search within its limits: short bodies, lower-case values, beyond 10,000. */
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { collect, openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

describe("by values", () => {
  // HubSpot docs, search: bodies over 3,000 characters are refused; IN values are lower-case (read 2026-04).
  test("long lists are cut so that no body is longer than 3,000 characters", async () => {
    const domains = Array.from(
      { length: 260 },
      (_, index) => `company-number-${index}.example.com`,
    );
    hubspot.seedCompanies(domains.map((domain) => ({ domain, name: domain })));

    const found = await portal.crm().findByValues("companies", "domain", {
      values: domains.map((domain) => domain.toUpperCase()),
      properties: ["domain", "name", "hs_lastmodifieddate"],
    });

    expect(new Set(found.map(({ properties }) => properties["domain"]))).toEqual(new Set(domains));
    const bodies = portal.requests("/search").map(({ body }) => body ?? "");
    expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(3_000);
    expect(Math.max(...bodies.map((body) => body.length))).toBeGreaterThan(2_900);
    expect(bodies.length).toBeLessThanOrEqual(5);
  });

  test("more matches than a page holds are all found", async () => {
    hubspot.seedCompanies(
      Array.from({ length: 450 }, (_, index) => ({
        domain: "same.example.com",
        name: `N${index}`,
      })),
    );

    const found = await portal
      .crm()
      .findByValues("companies", "domain", { values: ["same.example.com"], properties: [] });

    expect(found).toHaveLength(450);
    expect(portal.requests("/search")).toHaveLength(3);
  });

  test("nothing to look for costs nothing", async () => {
    const found = await portal
      .crm()
      .findByValues("companies", "domain", { values: ["", " "], properties: [] });

    expect(found).toEqual([]);
    expect(portal.requests("/search")).toHaveLength(0);
  });

  test("a search that fails is an error and not an empty answer", async () => {
    portal.fault({ name: "http-500", times: 3 });

    const finding = portal
      .crm()
      .findByValues("companies", "domain", { values: ["a.example.com"], properties: [] });

    await expect(finding).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("by filters", () => {
  // HubSpot docs, search: paging ends at 10,000 (read 2026-04).
  test("more than 10,000 records are all reached, in order of id, with their total", async () => {
    const ids = hubspot.seedContacts(
      Array.from({ length: 10_350 }, (_, index) => ({ email: `e${index}@example.com` })),
    );
    const seen: string[] = [];
    const totals = new Set<number>();

    const pages = portal.crm().search("contacts", {
      filters: [{ property: "email", operator: "HAS_PROPERTY" }],
      properties: [],
    });
    for await (const page of pages) {
      seen.push(...page.records.map(({ id }) => id));
      totals.add(page.total);
    }

    expect(seen).toEqual(ids);
    expect([...totals]).toEqual([10_350]);
  }, 20_000);

  test("goes on after an id", async () => {
    const ids = hubspot.seedContacts([{ email: "a@example.com" }, { email: "b@example.com" }]);

    const pages = await collect(
      portal.crm().search("contacts", { filters: [], properties: ["email"], afterId: ids[0]! }),
    );

    expect(pages).toMatchObject([{ total: 1, records: [{ id: ids[1] }] }]);
  });

  test("pages that do not advance are an error", async () => {
    const record = { id: "5", properties: {}, updatedAt: "2026-11-20T12:00:00Z" };
    gate.answer(() => ({ status: 200, body: { total: 400, results: [record] } }));

    const pages = portal
      .crm({ baseUrl: gate.url })
      .search("contacts", { filters: [], properties: [] });

    await expect(collect(pages)).rejects.toMatchObject({ code: "SEARCH_STUCK" });
  });

  test("a total without results is an error, not an end", async () => {
    gate.answer(() => ({ status: 200, body: { total: 3, results: [] } }));

    const pages = portal
      .crm({ baseUrl: gate.url })
      .search("contacts", { filters: [], properties: [] });

    await expect(collect(pages)).rejects.toMatchObject({ code: "SEARCH_STUCK" });
  });

  test("a search that HubSpot would refuse for its length is refused here with the mend", async () => {
    const values = Array.from({ length: 200 }, (_, index) => `value-number-${index}@example.com`);

    const pages = portal.crm().search("contacts", {
      filters: [{ property: "email", operator: "IN", values }],
      properties: [],
    });

    await expect(collect(pages)).rejects.toMatchObject({ code: "SEARCH_TOO_LONG" });
    expect(portal.requests("/search")).toHaveLength(0);
  });
});
