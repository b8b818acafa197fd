/** Matching, enrichment and events of the Explorium stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveExplorium } from "./serve-explorium.ts";

describe("matching businesses", () => {
  // Explorium docs, match businesses: the table of what matches.
  test.each([
    ["a loose name beside the right domain", { name: "Starbucks EMEA", domain: "starbucks.com" }],
    ["a wrong name beside a known domain", { name: "abcxyz", domain: "starbucks.com" }],
    ["a domain alone", { domain: "starbucks.com" }],
    ["a URL alone", { url: "https://www.starbucks.com/menu?x=1" }],
    ["a name alone", { name: "Starbucks" }],
  ])("finds the company by %s", async (_what, business) => {
    const { match, explorium } = await serveExplorium();

    const [row] = await match(business);

    expect(row.business_id).toBe(explorium.businessIdOf("starbucks.com"));
    expect(row.business_id).toMatch(/^[a-f0-9]{32}$/);
  });

  test.each([
    ["a known name beside a domain nobody has", { name: "Starbucks", domain: "fakeurl.xyz" }],
    ["a domain of the never-matching kind", { domain: "unknown-ventures.com" }],
    ["something that is no domain", { domain: "not a domain" }],
    ["nothing at all", {}],
  ])("finds nothing for %s", async (_what, business) => {
    const { match } = await serveExplorium();

    expect((await match(business))[0].business_id).toBeNull();
  });

  // Explorium docs, support help center: answers in the order of the input, echoing it with nulls; a miss is a 200.
  test("keeps the order of the input and echoes it", async () => {
    const { call } = await serveExplorium();

    const { status, body } = await call("/businesses/match", {
      businesses_to_match: [
        { name: "apple", domain: "apple.com" },
        { domain: "nomatch.io" },
        { name: "explorium", domain: "explorium.ai" },
      ],
    });

    expect(status).toBe(200);
    expect(body).toEqual({
      response_context: {
        correlation_id: expect.stringMatching(/^[a-f0-9]{32}$/),
        request_status: "success",
        time_took_in_seconds: expect.any(Number),
      },
      total_results: 3,
      total_matches: 2,
      matched_businesses: [
        {
          input: { name: "apple", domain: "apple.com", url: null },
          business_id: "8adce3ca1cef0c986b22310e369a0793",
        },
        { input: { name: null, domain: "nomatch.io", url: null }, business_id: null },
        {
          input: { name: "explorium", domain: "explorium.ai", url: null },
          business_id: "340c8040bd50cbab9c7df718bbe51cc9",
        },
      ],
    });
  });

  // Explorium OpenAPI, BusinessMatchOutputWithErrors: one row can fail by itself with error and error_type.
  test("fails one row by itself", async () => {
    const { match } = await serveExplorium({ failingRows: ["broken"] });

    const [bad, good] = await match({ domain: "broken.com" }, { domain: "acme-robotics.com" });

    expect(bad).toMatchObject({
      business_id: null,
      error: expect.any(String),
      error_type: expect.any(String),
    });
    expect(good).not.toHaveProperty("error");
  });

  test("calls a batch without any match a miss", async () => {
    const { call } = await serveExplorium();

    const { body } = await call("/businesses/match", {
      businesses_to_match: [{ domain: "nomatch.io" }],
    });

    expect(body.response_context.request_status).toBe("miss");
  });

  test("can be slow", async () => {
    const { match } = await serveExplorium({ slowMatchMs: 120 });
    const before = performance.now();

    await match({ domain: "acme-robotics.com" });

    expect(performance.now() - before).toBeGreaterThanOrEqual(115);
  });
});

describe("enriching businesses", () => {
  const RANGE = /^(\d+-\d+|10001\+)$/;

  async function withIds(count: number, options = {}) {
    const served = await serveExplorium(options);
    const businesses = Array.from({ length: count }, (_, index) => ({ domain: `firm${index}.de` }));
    const rows = await served.match(...businesses);
    const ids: string[] = rows.map((row: { business_id: string }) => row.business_id);
    const bulk = async (name: string) =>
      (await served.call(`/businesses/${name}/bulk_enrich`, { business_ids: ids })).body;
    return { ...served, ids, bulk };
  }

  // Explorium OpenAPI, FirmographicsOutputSchema: ranges are strings, countries lower case, every field but the id
  // can be null.
  test("gives firmographics with string ranges and nulls", async () => {
    const { bulk, ids } = await withIds(50);

    const body = await bulk("firmographics");

    const rows = body.data.map((row: { data: object }) => row.data);
    const values = (field: string) => rows.map((row: Record<string, unknown>) => row[field]);
    const employees = values("number_of_employees_range");
    expect(body).toMatchObject({ entity_id: null, total_results: 50 });
    expect(new Set(values("business_id"))).toEqual(new Set(ids));
    expect(new Set(values("country_name"))).toEqual(new Set(["germany"]));
    expect(employees).toContain(null);
    for (const range of employees) if (range !== null) expect(range).toMatch(RANGE);
  });

  // Explorium docs: only match promises the input's order, so bulk rows must be joined by id.
  test("does not keep the order of the ids in bulk", async () => {
    const { bulk, ids } = await withIds(20);

    const body = await bulk("firmographics");

    const answered = body.data.map((row: { business_id: string }) => row.business_id);
    expect(answered).not.toEqual(ids);
    expect(answered.toSorted()).toEqual(ids.toSorted());
  });

  test("leaves out, repeats and empties rows when told to", async () => {
    const { bulk, ids, explorium } = await withIds(6);
    explorium.configure({ rows: { missingEvery: 5, duplicateEvery: 2, nullEvery: 3 } });
    explorium.configure({ rows: { reorder: false } });

    const { data } = await bulk("firmographics");

    const answered = data.map((row: { business_id: string }) => ids.indexOf(row.business_id));
    const empty = data.filter((row: { data: unknown }) => row.data === null);
    expect(answered).toEqual([0, 1, 1, 2, 3, 3, 5, 5]);
    expect(empty).toHaveLength(3);
  });

  // Explorium docs, lookalikes bulk example: an enrichment with several results repeats the business id.
  test("repeats the id for several website changes", async () => {
    const { bulk } = await withIds(30);

    const { data, total_results } = await bulk("website_changes");

    const withData = data.filter((row: { data: unknown }) => row.data !== null);
    const ids = withData.map((row: { business_id: string }) => row.business_id);
    expect(new Set(ids).size).toBeLessThan(ids.length);
    expect(withData.length).toBeLessThan(total_results);
    expect(Object.keys(withData[0].data).sort()).toEqual([
      "change_description",
      "change_implication",
      "date",
      "url",
    ]);
  });

  test.each([
    ["technographics", "full_tech_stack"],
    ["funding_and_acquisition", "known_funding_total_value"],
    ["workforce_trends", "perc_engineering_roles"],
  ])("knows %s of most companies and nothing of some", async (name, field) => {
    const { bulk } = await withIds(50);

    const { data } = await bulk(name);

    const known = data.filter((row: { data: unknown }) => row.data !== null);
    expect(known.length).toBeGreaterThan(25);
    expect(known.length).toBeLessThan(50);
    expect(known[0].data).toHaveProperty(field);
  });

  // Explorium OpenAPI, BusinessesEnrichResponse: one id gives `data` and the id as entity_id.
  test("answers for one id, and with null data for an id nobody has", async () => {
    const { call, ids } = await withIds(1);

    const one = await call("/businesses/firmographics/enrich", { business_id: ids[0] });
    const none = await call("/businesses/firmographics/enrich", { business_id: "f".repeat(32) });

    expect(one.body).toMatchObject({ entity_id: ids[0], data: { business_id: ids[0] } });
    expect([none.status, none.body.data]).toEqual([200, null]);
  });
});

describe("events", () => {
  // Explorium docs, fetch businesses events: only about the last three months; an empty result is normal.
  test("are of the asked types, stable, and at most three months old", async () => {
    const now = Date.UTC(2026, 10, 20);
    const { call, match } = await serveExplorium({ now: () => now });
    const rows = await match(...Array.from({ length: 40 }, (_, i) => ({ domain: `firm${i}.com` })));
    const body = {
      business_ids: rows.map((row: { business_id: string }) => row.business_id),
      event_types: ["new_funding_round", "hiring_in_sales_department"],
    };

    const first = (await call("/businesses/events", body)).body.output_events;
    const again = (await call("/businesses/events", body)).body.output_events;

    expect(first.length).toBeGreaterThan(0);
    expect(again).toEqual(first);
    for (const event of first) {
      expect(body.event_types).toContain(event.event_name);
      expect(event.event_time).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\+00:00$/);
      expect(now - Date.parse(event.event_time)).toBeLessThan(92 * 24 * 3_600_000);
      expect(event.data.event_name).toBe(event.event_name);
      expect(body.business_ids).toContain(event.business_id);
    }
  });
});
