import { describe, expect, test } from "vitest";
import { ada, DAY_MS, enrichmentRig, HOUR_MS, START } from "../support/enrichment-rig.ts";

describe("an enrichment", () => {
  test("fills what is empty, writes, scores, and says who said what when", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);

    const job = await rig.enrich();

    expect(job).toMatchObject({
      status: "completed",
      counts: { enriched: 1, failed: 0, lookups: 1, credits: 2 },
    });
    const contact = await rig.one("ada@acme.com");
    expect(contact).toMatchObject({
      status: "enriched",
      company: "Acme",
      enrichment_note: null,
      attempts: 0,
      error: null,
    });
    expect(contact.enriched_at).toBe(rig.clock.iso());
    expect(contact.intelligence?.pain_points.length).toBeGreaterThan(0);
    expect(contact.quality_score).toBeGreaterThan(50);
    expect(contact.quality_reasons?.reduce((sum, reason) => sum + reason.points_lost, 0)).toBe(
      100 - (contact.quality_score ?? 0),
    );
    expect(contact.provenance).toMatchObject({
      company: { source: "explorium", at: START },
      intelligence: { source: "claude" },
    });
    expect(contact.provenance["first_name"]).toBeUndefined();
    const [company] = await rig.store.companies.findByDomains(["acme.com"]);
    expect(company).toMatchObject({ name: "Acme", firmographics: { name: "Acme" } });
    expect(company?.summary).not.toBeNull();
    expect(job.result?.["cost_usd"]).toBeGreaterThan(0);
    expect(rig.events).toEqual([{ kind: "contacts-enriched", jobId: job.job_id, count: 1 }]);
  });

  test("looks a company up once and writes for eight of its people at a time", async () => {
    const rig = await enrichmentRig();
    for (let index = 0; index < 20; index++)
      await rig.contact(`p${index}@acme.com`, { ...ada, first_name: `P${index}` });

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({ enriched: 20, lookups: 1, credits: 2 });
    expect(rig.explorium.seen).toHaveLength(2);
    expect(rig.anthropic.seen).toHaveLength(3);
  });

  test("asks for the people of one company together, however they are mixed", async () => {
    const rig = await enrichmentRig({ settings: { chunkSize: 4 } });
    for (const n of [1, 2, 3, 4]) {
      for (const firm of ["alder", "birch", "cedar", "dogwood"]) {
        await rig.contact(`person-${n}@${firm}-works.com`, { domain: `${firm}-works.com` });
      }
    }

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({ enriched: 16, lookups: 4 });
    expect(rig.anthropic.seen).toHaveLength(4);
  });

  test("never overwrites what a person or an import said", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", {
      ...ada,
      company: "My Acme",
      website: "https://mine.example",
    });

    await rig.enrich();

    expect(await rig.one("ada@acme.com")).toMatchObject({
      company: "My Acme",
      website: "https://mine.example",
    });
  });

  test("refreshes what it filled itself", async () => {
    const rig = await enrichmentRig();
    const id = await rig.contact("ada@acme.com", { ...ada, company: "Old Name" });
    const provenance = { company: { source: "explorium", at: "2025-01-01T00:00:00.000Z" } };
    await rig.store.contacts.update([{ id, set: { provenance } }], rig.clock.iso());

    await rig.enrich();

    expect((await rig.one("ada@acme.com")).company).toBe("Acme");
  });

  test("takes only what is due unless told otherwise", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    rig.clock.advance(HOUR_MS);

    expect((await rig.enrich()).counts["enriched"]).toBe(0);
    expect((await rig.enrich({ emails: ["ada@acme.com"] })).counts["enriched"]).toBe(1);
    expect((await rig.enrich({ filter: { domain: "acme.com" } })).counts["enriched"]).toBe(1);
    expect((await rig.enrich({ filter: { domain: "globex.com" } })).counts["enriched"]).toBe(0);
  });

  test("takes contacts that were synced before their turn came", async () => {
    const rig = await enrichmentRig();
    const id = await rig.contact("early@acme.com", ada);
    await rig.store.contacts.update([{ id, set: { status: "synced" } }], START);

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({ enriched: 1 });
    expect(await rig.one("early@acme.com")).toMatchObject({ status: "enriched" });
    expect((await rig.enrich()).counts).toMatchObject({ enriched: 0 });
  });

  test("works through more contacts than one piece holds", async () => {
    const rig = await enrichmentRig({ settings: { chunkSize: 3 } });
    for (let index = 0; index < 8; index++)
      await rig.contact(`p@firm-${index}.com`, { ...ada, domain: `firm-${index}.com` });

    const job = await rig.enrich();

    expect(job).toMatchObject({ counts: { enriched: 8 }, progress: { done: 8, total: 8 } });
    expect(await rig.store.contacts.countByStatus()).toEqual({ enriched: 8 });
  });

  test("lowers the score of people who share name and company", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.contact("a.lovelace@acme.com", ada);

    await rig.enrich();

    const reasons = (await rig.one("ada@acme.com")).quality_reasons ?? [];
    expect(reasons.map((reason) => reason.code)).toContain("U_PROBABLE");
  });
});

describe("the cache", () => {
  test("answers a second run without a single request", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.contact("bob@unknown-firm.com", {
      ...ada,
      domain: "unknown-firm.com",
      company: "Unknown Firm",
    });
    await rig.enrich();
    const asked = [rig.explorium.seen.length, rig.anthropic.seen.length];
    rig.clock.advance(29 * DAY_MS);

    const job = await rig.enrich({ emails: ["ada@acme.com", "bob@unknown-firm.com"] });

    expect([rig.explorium.seen.length, rig.anthropic.seen.length]).toEqual(asked);
    expect(job.counts).toMatchObject({ enriched: 2, cache_hits: 4, lookups: 0, credits: 0 });
    expect((await rig.one("ada@acme.com")).provenance["company"]?.at).toBe(START);
  });

  test("remembers that a provider knows nothing, and says so", async () => {
    const rig = await enrichmentRig();
    await rig.contact("bob@unknown-firm.com", { ...ada, domain: "unknown-firm.com" });

    await rig.enrich();

    const entries = await rig.store.cache.get("company", ["unknown-firm.com"], rig.clock.iso());
    expect(entries.get("unknown-firm.com")?.data).toBeNull();
    expect((await rig.one("bob@unknown-firm.com")).enrichment_note).toContain("knows no company");
  });

  test("is good for thirty days and no longer", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    rig.clock.advance(30 * DAY_MS + HOUR_MS);

    const job = await rig.enrich({ emails: ["ada@acme.com"] });

    expect(job.counts).toMatchObject({ lookups: 1, cache_hits: 0 });
  });

  test("is passed by when forced", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    rig.clock.advance(HOUR_MS);

    const job = await rig.enrich({ emails: ["ada@acme.com"], force: true });

    expect(job.counts).toMatchObject({ lookups: 1, cache_hits: 0 });
    expect(rig.anthropic.seen).toHaveLength(2);
  });

  test("a colleague who comes later costs a text but no lookup", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    await rig.contact("bob@acme.com", { ...ada, first_name: "Bob", job_title: "CFO" });

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({ enriched: 1, lookups: 0, cache_hits: 1 });
    expect(rig.anthropic.seen).toHaveLength(2);
  });
});
