import { describe, expect, test } from "vitest";
import type { ExploriumOptions as StandInOptions } from "../../mcp-server/simulator/explorium/explorium.ts";
import {
  createExplorium,
  type ExploriumOptions,
} from "../../mcp-server/src/enrichment/explorium.ts";
import { fakeClock } from "../support/clock.ts";
import { answering, hangUp, serveExplorium } from "../support/providers.ts";
import { keptLog } from "../support/quiet-log.ts";

const START = "2026-11-21T09:00:00.000Z";

async function start(standIn: StandInOptions = {}, own: Partial<ExploriumOptions> = {}) {
  const clock = fakeClock(START);
  const served = await serveExplorium({ now: clock.now, ...standIn });
  const log = keptLog();
  const data = createExplorium({
    apiKey: served.key,
    baseUrl: served.baseUrl,
    clock,
    log,
    random: () => 0,
    ...own,
  });
  const lookup = (...domains: string[]) =>
    data.lookup(
      domains.map((domain) => ({ domain, name: null })),
      new AbortController().signal,
    );
  return { ...served, clock, data, lookup, log };
}

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `company-${index}.com`);
}

describe("lookup", () => {
  test("finds what matches and knows what does not", async () => {
    const { lookup } = await start();

    const { results, stopped } = await lookup("acme.com", "unknown-firm.com");

    expect(results.get("acme.com")).toMatchObject({
      kind: "found",
      firmographics: { name: "Acme" },
    });
    expect(results.get("unknown-firm.com")).toEqual({ kind: "not-found" });
    expect(stopped).toBeNull();
  });

  test("asks in bulks of 50 with the key, and no field but domain and name", async () => {
    const { lookup, seen, key } = await start();

    const { results } = await lookup(...many(120));

    expect(results.size).toBe(120);
    expect(seen.map((request) => request.path)).toEqual(
      Array.from({ length: 3 }, () => [
        "/v1/businesses/match",
        "/v1/businesses/firmographics/bulk_enrich",
      ]).flat(),
    );
    expect(seen.every((request) => request.headers["api_key"] === key)).toBe(true);
    expect(JSON.parse(seen[4]?.body ?? "").businesses_to_match).toHaveLength(20);
  });

  test("goes by the row's id, whatever order, doubles and gaps the answer has", async () => {
    // Explorium's lookalikes example repeats a business_id in a bulk answer (API reference, read 2026-11).
    const { lookup, explorium } = await start({
      rows: { reorder: true, duplicateEvery: 3, missingEvery: 5, nullEvery: 0 },
    });

    const { results } = await lookup(...many(50));

    for (const [domain, result] of results) {
      if (result.kind !== "found") continue;
      expect(result.firmographics.website).toContain(domain);
    }
    expect([...results.values()].filter((result) => result.kind === "failed")).toHaveLength(10);
    expect(explorium.settings().rows.missingEvery).toBe(5);
  });

  test("remembers a match without data as nothing, never as a failure", async () => {
    const { lookup } = await start();

    expect((await lookup("nodata.com")).results.get("nodata.com")).toEqual({ kind: "not-found" });
  });

  test("fails only the company whose row failed", async () => {
    const { lookup } = await start();

    const { results } = await lookup("rowerror.com", "acme.com");

    expect(results.get("rowerror.com")).toMatchObject({
      kind: "failed",
      error: { kind: "unavailable" },
    });
    expect(results.get("acme.com")?.kind).toBe("found");
  });

  test("counts the credits that the answers state", async () => {
    const { lookup, explorium } = await start();

    const { credits } = await lookup("acme.com", "globex.com", "unknown.com");

    expect(credits).toBe(4);
    expect(explorium.state().remainingCredits).toBe(500_000 - 4);
  });

  test("buys technographics only when told to", async () => {
    const { lookup, seen } = await start({}, { enrichments: ["firmographics", "technographics"] });

    const { results } = await lookup("acme.com");

    expect(seen.map((request) => request.path)).toContain(
      "/v1/businesses/technographics/bulk_enrich",
    );
    const found = results.get("acme.com");
    expect(found?.kind === "found" && found.firmographics.technologies.length).toBeGreaterThan(0);
  });

  test("reads ranges as text and as bounds", async () => {
    const { lookup, faults, explorium } = await start();
    const id = explorium.businessIdOf("acme.com") ?? "";
    const row = {
      business_id: id,
      data: {
        name: "Acme",
        number_of_employees_range: { min: 11, max: 50 },
        yearly_revenue_range: { min: 1000 },
        country_name: "united states",
        sic_code: 7,
      },
    };
    faults.push(null, answering(200, JSON.stringify({ data: [row] })));

    const found = (await lookup("acme.com")).results.get("acme.com");

    expect(found).toMatchObject({
      kind: "found",
      firmographics: { employees_range: "11-50", revenue_range: "1000+", country: "US" },
    });
  });
});

describe("quota", () => {
  test("sends 600 entities without a single refusal and no faster than 200 a minute", async () => {
    const { lookup, seen, clock } = await start();

    await lookup(...many(300));

    expect(seen.some((request) => request.status === 429)).toBe(false);
    expect(clock.now() - Date.parse(START)).toBeGreaterThanOrEqual(120_000);
    expect(clock.now() - Date.parse(START)).toBeLessThan(200_000);
  });

  test("waits as long as a refusal asks, then goes on", async () => {
    const { lookup, faults, clock } = await start();
    faults.push(
      answering(429, '{"error":"rate_limit_exceeded","retry_after":7}', { "retry-after": "7" }),
    );

    const { results } = await lookup("acme.com");

    expect(results.get("acme.com")?.kind).toBe("found");
    expect(clock.waits[0]).toBe(7_000);
  });

  test("leaves room when the headers show that somebody else uses the key", async () => {
    const { lookup, faults, clock } = await start();
    const busy = {
      "x-ratelimit-limit": "200",
      "x-ratelimit-remaining": "10",
      "x-ratelimit-reset": "0",
    };
    faults.push(answering(200, '{"matched_businesses":[]}', busy));

    await lookup(...many(61));

    expect(Math.max(...clock.waits)).toBeGreaterThan(30_000);
  });
});

describe("trouble", () => {
  test.each([
    ["a server error", answering(500, '{"details":"secret upstream text"}')],
    ["a cut connection", hangUp],
    ["a page instead of JSON", answering(200, "<html>")],
    ["an empty success", answering(200, "{}")],
  ])("survives %s twice with growing waits", async (_, fault) => {
    const { lookup, faults, clock } = await start();
    faults.push(fault, fault);

    expect((await lookup("acme.com")).results.get("acme.com")?.kind).toBe("found");
    expect(clock.waits).toEqual([1_000, 2_000]);
  });

  test("leaves a server that asks for time alone for so long", async () => {
    const { lookup, faults, clock } = await start();
    faults.push(answering(503, '{"details":"maintenance"}', { "retry-after": "20" }));

    expect((await lookup("acme.com")).results.get("acme.com")?.kind).toBe("found");
    expect(clock.waits).toEqual([20_000]);
  });

  test("gives up after three tries, and says so in words of our own", async () => {
    const { lookup, faults } = await start();
    faults.push(
      ...Array.from({ length: 3 }, () => answering(503, '{"details":"secret upstream text"}')),
    );

    const result = (await lookup("acme.com")).results.get("acme.com");

    expect(result).toMatchObject({ kind: "failed", error: { kind: "unavailable" } });
    expect(result?.kind === "failed" && result.error.message).not.toContain("secret");
  });

  test.each(["details", "error"] as const)(
    "stops without credits (%s) and keeps what was bought",
    async (outOfCreditsBody) => {
      const { lookup, seen } = await start({ credits: 100, outOfCreditsBody });

      const { results, stopped, credits } = await lookup(...many(120));

      expect(stopped).toMatchObject({ kind: "no-credits", code: "EXPLORIUM_NO_CREDITS" });
      expect(results.size).toBe(50);
      expect(credits).toBe(100);
      expect(seen).toHaveLength(3);
    },
  );

  test("stops at a wrong key without a second try", async () => {
    const { lookup, seen } = await start({}, { apiKey: "wrong" });

    const { stopped, results } = await lookup("acme.com");

    expect(stopped?.kind).toBe("auth");
    expect(results.size).toBe(0);
    expect(seen).toHaveLength(1);
  });

  test("finds the one company that makes a bulk unreadable", async () => {
    const { lookup, faults } = await start();
    const unreadable = answering(422, '{"detail":[{"loc":["body"],"msg":"bad","type":"x"}]}');
    // Halves in order: 0-7, 0-3, 0-1 (match and rows), 2-3, 2 (match and rows), 3; then 4-7 in peace.
    faults.push(unreadable, unreadable, null, null, unreadable, null, null, unreadable);

    const { results } = await lookup(...many(8));

    expect(
      [...results].filter(([, result]) => result.kind === "failed").map(([domain]) => domain),
    ).toEqual(["company-3.com"]);
    expect([...results.values()].filter((result) => result.kind === "found")).toHaveLength(7);
  });

  test("times out by itself", async () => {
    const { lookup, faults } = await start({}, { timeoutMs: 500 });
    const silence = () => true;
    faults.push(silence);

    expect((await lookup("acme.com")).results.get("acme.com")?.kind).toBe("found");
  });

  test("ends with the signal's reason", async () => {
    const { data } = await start();
    const abort = new AbortController();
    abort.abort(new Error("enough"));

    await expect(data.lookup([{ domain: "acme.com", name: null }], abort.signal)).rejects.toThrow(
      "enough",
    );
  });
});
