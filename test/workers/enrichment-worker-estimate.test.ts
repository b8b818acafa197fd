import { describe, expect, test } from "vitest";
import { ada, enrichmentRig } from "../support/enrichment-rig.ts";

describe("a dry run", () => {
  test("asks nobody and writes nothing", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    const before = await rig.one("ada@acme.com");

    const job = await rig.enrich({ dry_run: true });

    expect(job.status).toBe("completed");
    expect(rig.explorium.seen).toHaveLength(0);
    expect(rig.anthropic.seen).toHaveLength(0);
    expect(await rig.one("ada@acme.com")).toEqual(before);
    expect(rig.events).toEqual([]);
  });

  test("foretells lookups, credits and requests as the run then makes them", async () => {
    const rig = await enrichmentRig({ settings: { chunkSize: 7 } });
    for (let index = 0; index < 20; index++) {
      const domain = `c${index % 3}.com`;
      await rig.contact(`p${index}@${domain}`, { ...ada, first_name: `P${index}`, domain });
    }
    await rig.contact("free@gmail.com", { ...ada, domain: null });

    const { result } = await rig.enrich({ dry_run: true });
    const job = await rig.enrich();

    expect(result).toMatchObject({
      contacts: 21,
      passed_over: 1,
      companies: 3,
      lookups: 3,
      credits: 6,
      texts: 20,
      cache_hits: 0,
    });
    expect(job.counts).toMatchObject({ lookups: 3, credits: 6 });
    expect(result?.["requests"]).toBe(rig.anthropic.seen.length);
    expect(result?.["cost_usd"]).toBeGreaterThan(0);
  });

  test("knows what the cache will answer", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    rig.clock.advance(1_000);

    const { result } = await rig.enrich({ dry_run: true, emails: ["ada@acme.com"] });
    const forced = await rig.enrich({ dry_run: true, emails: ["ada@acme.com"], force: true });

    expect(result).toMatchObject({ lookups: 0, credits: 0, texts: 0, cache_hits: 2, cost_usd: 0 });
    expect(forced.result).toMatchObject({ lookups: 1, texts: 1, cache_hits: 0 });
  });

  test("says which steps have no key", async () => {
    const rig = await enrichmentRig({ explorium: null, anthropic: null });
    await rig.contact("ada@acme.com", ada);

    const { result } = await rig.enrich({ dry_run: true });

    expect(result).toMatchObject({ lookups: 0, texts: 0, cost_usd: 0 });
    expect(`${result?.["company_lookup"]} ${result?.["text"]}`).toMatch(
      /EXPLORIUM_API_KEY.*ANTHROPIC_API_KEY/,
    );
  });
});
