import { describe, expect, test } from "vitest";
import { ada, enrichmentRig, HOUR_MS } from "../support/enrichment-rig.ts";

describe("a step that is passed over", () => {
  test("without both keys contacts still become enriched, with a score and visible reasons", async () => {
    const rig = await enrichmentRig({ explorium: null, anthropic: null });
    await rig.contact("ada@acme.com", { ...ada, company: "Acme" });

    const job = await rig.enrich();

    const contact = await rig.one("ada@acme.com");
    expect(contact).toMatchObject({ status: "enriched", intelligence: null });
    expect(contact.quality_score).toBeGreaterThan(0);
    expect(contact.enrichment_note).toMatch(/EXPLORIUM_API_KEY.*ANTHROPIC_API_KEY/);
    expect(job.notes.join()).toMatch(/EXPLORIUM_API_KEY.*ANTHROPIC_API_KEY/);
    expect(job.counts).toMatchObject({ enriched: 1, without_company: 1, without_text: 1 });
  });

  test("without Explorium's key Claude still writes from name and domain, with little confidence", async () => {
    const rig = await enrichmentRig({ explorium: null });
    await rig.contact("ada@acme.com", { ...ada, company: "Acme" });

    await rig.enrich();

    const { intelligence } = await rig.one("ada@acme.com");
    expect(intelligence?.confidence).toBeLessThanOrEqual(0.55);
  });

  test("out of credits: what was bought is used, the rest goes on without", async () => {
    const rig = await enrichmentRig({ explorium: { credits: 100 } });
    for (let index = 0; index < 60; index++)
      await rig.contact(`p@firm-${index}.com`, { ...ada, domain: `firm-${index}.com` });

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({
      enriched: 60,
      failed: 0,
      lookups: 50,
      credits: 100,
      without_company: 10,
    });
    expect(job.notes.join()).toContain("no credits");
    expect((await rig.one("p@firm-59.com")).enrichment_note).toContain("no credits");
    expect((await rig.one("p@firm-0.com")).company).toBe("Firm 0");
  });

  test("Claude's money is gone: company data and score are there all the same", async () => {
    const rig = await enrichmentRig();
    rig.anthropic.anthropic.behave({ name: "spend-cap", times: null });
    await rig.contact("ada@acme.com", ada);

    const job = await rig.enrich();

    expect(job.counts).toMatchObject({ enriched: 1, failed: 0 });
    expect(await rig.one("ada@acme.com")).toMatchObject({
      status: "enriched",
      company: "Acme",
      intelligence: null,
    });
    expect((await rig.one("ada@acme.com")).enrichment_note).toContain("spend limit");
  });

  test("a refusal is a remark and is not asked for again", async () => {
    const rig = await enrichmentRig();
    rig.anthropic.anthropic.behave({ name: "refuse" });
    await rig.contact("ada@acme.com", ada);

    await rig.enrich();
    const job = await rig.enrich({ emails: ["ada@acme.com"] });

    expect(await rig.one("ada@acme.com")).toMatchObject({ status: "enriched", intelligence: null });
    expect((await rig.one("ada@acme.com")).enrichment_note).toContain("declined");
    expect(job.counts["cache_hits"]).toBe(2);
    expect(rig.anthropic.seen).toHaveLength(1);
  });

  test("a person who objected is not looked up or written about, and loses an earlier text", async () => {
    const rig = await enrichmentRig();
    const id = await rig.contact("ada@acme.com", ada);
    await rig.enrich();
    const asked = [rig.explorium.seen.length, rig.anthropic.seen.length];
    await rig.store.contacts.update(
      [{ id, set: { unsubscribed: true, status: "imported" } }],
      rig.clock.iso(),
    );

    await rig.enrich();

    const contact = await rig.one("ada@acme.com");
    expect(contact).toMatchObject({ status: "enriched", intelligence: null });
    expect(contact.provenance["intelligence"]).toBeUndefined();
    expect(contact.enrichment_note).toContain("objected");
    expect([rig.explorium.seen.length, rig.anthropic.seen.length]).toEqual(asked);
  });

  test.each([null, "gmail.com"])(
    "no company lookup for domain %s, with a reason",
    async (domain) => {
      const rig = await enrichmentRig();
      await rig.contact("ada@gmail.com", { ...ada, domain });

      await rig.enrich();

      expect(await rig.one("ada@gmail.com")).toMatchObject({ status: "enriched" });
      expect((await rig.one("ada@gmail.com")).enrichment_note).toContain("no company domain");
      expect(rig.explorium.seen).toHaveLength(0);
    },
  );
});

describe("a failure", () => {
  test("marks its contact with a message and a retry in an hour; the others go on", async () => {
    const rig = await enrichmentRig();
    await rig.contact("ada@acme.com", ada);
    await rig.contact("bob@rowerror.com", { ...ada, domain: "rowerror.com" });

    const job = await rig.enrich();

    expect(job).toMatchObject({ status: "completed", counts: { enriched: 1, failed: 1 } });
    expect(job.errors).toMatchObject([{ code: "EXPLORIUM_ROW", count: 1 }]);
    expect(await rig.one("bob@rowerror.com")).toMatchObject({
      status: "failed",
      failed_stage: "enrich",
      error: "Explorium could not match this company.",
      attempts: 1,
      retry_at: new Date(rig.clock.now() + HOUR_MS).toISOString(),
    });
    expect((await rig.one("ada@acme.com")).status).toBe("enriched");
  });

  test("is tried again after the hour, not before, and then forgotten", async () => {
    const rig = await enrichmentRig();
    await rig.contact("bob@rowerror.com", { ...ada, domain: "rowerror.com" });
    await rig.enrich();
    rig.explorium.explorium.configure({ failingRows: [] });

    expect((await rig.enrich()).counts["enriched"]).toBe(0);
    rig.clock.advance(HOUR_MS);
    expect((await rig.enrich()).counts["enriched"]).toBe(1);

    expect(await rig.one("bob@rowerror.com")).toMatchObject({
      status: "enriched",
      error: null,
      retry_at: null,
      attempts: 0,
      failed_stage: null,
    });
  });

  test("of a text fails its company's contacts only, and the lookup is not paid twice", async () => {
    const rig = await enrichmentRig();
    rig.anthropic.anthropic.behave({ name: "invalid", times: 2, match: "Globex" });
    await rig.contact("ada@acme.com", ada);
    await rig.contact("bob@globex.com", { ...ada, domain: "globex.com" });

    const first = await rig.enrich();
    rig.clock.advance(HOUR_MS);
    const second = await rig.enrich();

    expect(first.counts).toMatchObject({ enriched: 1, failed: 1, lookups: 2 });
    expect(second.counts).toMatchObject({ enriched: 1, lookups: 0 });
    expect((await rig.one("bob@globex.com")).intelligence).not.toBeNull();
  });

  test("counts the tokens of what could not be used", async () => {
    const rig = await enrichmentRig();
    rig.anthropic.anthropic.behave({ name: "invalid", times: null });
    await rig.contact("ada@acme.com", ada);

    const job = await rig.enrich();

    const used = rig.anthropic.anthropic.state().usage;
    expect(used).toHaveLength(2);
    expect(job.counts["output_tokens"]).toBe(
      used.reduce((sum, entry) => sum + entry.outputTokens, 0),
    );
  });
});
