import { describe, expect, test, vi } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { ada, type EnrichmentRig, enrichmentRig } from "../support/enrichment-rig.ts";

async function people(rig: EnrichmentRig, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await rig.contact(`p@firm-${index}.com`, { ...ada, domain: `firm-${index}.com` });
  }
}

/** Starts a job whose provider goes silent, and waits until it hangs there. */
async function hang(
  rig: EnrichmentRig,
  at: "explorium" | "anthropic",
  requestsBefore: number,
): Promise<Job> {
  rig[at].faults.push(...Array.from({ length: requestsBefore }, () => null), () => true);
  const { job } = await rig.jobs().start("enrich", { filter: { status: "imported" } });
  await vi.waitUntil(() => rig[at].seen.length > requestsBefore, { timeout: 10_000, interval: 5 });
  return job;
}

describe("a stop in the middle", () => {
  test("goes on where it was: no lookup is paid twice and no contact is left behind", async () => {
    const rig = await enrichmentRig({ settings: { chunkSize: 4 } });
    await people(rig, 6);
    const job = await hang(rig, "anthropic", 5);

    await rig.restart();
    rig.jobs().watch();
    const ended = await rig.jobs().wait(job.job_id, 20_000);

    expect(ended).toMatchObject({
      status: "completed",
      counts: { enriched: 6, failed: 0, lookups: 6, credits: 12 },
    });
    expect(await rig.store.contacts.countByStatus()).toEqual({ enriched: 6 });
    expect(ended.progress).toMatchObject({ done: 6, total: 6 });
    // Two pieces, each one match and one enrichment.
    expect(rig.explorium.seen).toHaveLength(4);
  });

  test("during the lookups loses nobody either", async () => {
    const rig = await enrichmentRig();
    await people(rig, 3);
    const job = await hang(rig, "explorium", 1);
    expect(await rig.store.contacts.countByStatus()).toEqual({ enriching: 3 });

    await rig.restart();
    rig.jobs().watch();

    expect((await rig.jobs().wait(job.job_id, 20_000)).counts).toMatchObject({ enriched: 3 });
  });

  test("with force does not ask again for what this job has bought already", async () => {
    const rig = await enrichmentRig();
    await people(rig, 2);
    await rig.enrich();
    rig.clock.advance(1_000);
    rig.anthropic.faults.push(() => true);
    const { job } = await rig
      .jobs()
      .start("enrich", { filter: { status: "enriched" }, force: true });
    await vi.waitUntil(() => rig.anthropic.seen.length > 2, { timeout: 10_000, interval: 5 });

    await rig.restart();
    rig.jobs().watch();
    const ended = await rig.jobs().wait(job.job_id, 20_000);

    expect(ended.counts).toMatchObject({ enriched: 2, lookups: 2 });
    expect(rig.explorium.seen).toHaveLength(4);
  });

  test("a cancelled job says so, and its contacts are taken up by the next run", async () => {
    const rig = await enrichmentRig();
    await people(rig, 3);
    const job = await hang(rig, "anthropic", 0);

    await rig.jobs().cancel(job.job_id);
    expect((await rig.jobs().wait(job.job_id, 20_000)).status).toBe("cancelled");
    const next = await rig.enrich();

    expect(next.counts).toMatchObject({ enriched: 3, lookups: 0 });
  });
});

describe("a batch", () => {
  test("is picked up again after a restart, paid once, and deleted when its answers are stored", async () => {
    const rig = await enrichmentRig({ batchThreshold: 2, anthropic: { batchDelayMs: 60_000 } });
    await people(rig, 5);
    // One direct request, the batch, then silence at the first look at it.
    const job = await hang(rig, "anthropic", 2);

    await rig.restart();
    rig.jobs().watch();
    const ended = await rig.jobs().wait(job.job_id, 20_000);

    expect(ended.counts).toMatchObject({ enriched: 5, failed: 0 });
    const posts = rig.anthropic.seen.filter(
      (request) => request.method === "POST" && request.path === "/v1/messages/batches",
    );
    expect(posts).toHaveLength(1);
    expect(rig.anthropic.anthropic.state().batches).toBe(0);
    expect(
      rig.anthropic.anthropic.state().usage.filter((entry) => entry.tier === "batch"),
    ).toHaveLength(4);
  });

  test("of a cancelled job is cancelled at the provider", async () => {
    const rig = await enrichmentRig({ batchThreshold: 2, anthropic: { batchDelayMs: 60_000 } });
    await people(rig, 5);
    const job = await hang(rig, "anthropic", 2);

    await rig.jobs().cancel(job.job_id);
    await rig.jobs().wait(job.job_id, 20_000);

    expect(rig.anthropic.seen.at(-1)?.path).toMatch(
      /\/v1\/messages\/batches\/msgbatch_\w+\/cancel$/,
    );
  });

  test("that does not know a changed contact leaves it to be asked anew", async () => {
    const rig = await enrichmentRig({ batchThreshold: 2, anthropic: { batchDelayMs: 60_000 } });
    await people(rig, 5);
    const job = await hang(rig, "anthropic", 2);
    const { id } = await rig.one("p@firm-3.com");
    await rig.store.contacts.update(
      [{ id, set: { job_title: "Head of Falconry" } }],
      rig.clock.iso(),
    );

    await rig.restart();
    rig.jobs().watch();
    await rig.jobs().wait(job.job_id, 20_000);

    const direct = rig.anthropic.seen.filter((request) => request.path === "/v1/messages");
    expect(direct.at(-1)?.body).toContain("Head of Falconry");
    expect((await rig.one("p@firm-3.com")).intelligence?.summary).toContain("Head of Falconry");
  });
});

describe("a change while the providers are asked", () => {
  test("by a person stays as the person made it", async () => {
    const rig = await enrichmentRig();
    const id = await rig.contact("ada@acme.com", ada);
    rig.anthropic.faults.push((_, response) => {
      const set = {
        company: "Said By Hand",
        provenance: { company: { source: "hubspot", at: rig.clock.iso() } },
      };
      void rig.store.contacts
        .update([{ id, set }], rig.clock.iso())
        .then(() => response.writeHead(529).end("{}"));
      return true;
    });

    await rig.enrich();

    const contact = await rig.one("ada@acme.com");
    expect(contact).toMatchObject({ status: "enriched", company: "Said By Hand" });
    expect(contact.provenance["company"]?.source).toBe("hubspot");
  });

  test("by a new import leaves the contact due again", async () => {
    const rig = await enrichmentRig();
    const id = await rig.contact("ada@acme.com", ada);
    rig.anthropic.faults.push((_, response) => {
      const set = { job_title: "CTO", status: "imported" as const };
      void rig.store.contacts
        .update([{ id, set }], rig.clock.iso())
        .then(() => response.writeHead(529).end("{}"));
      return true;
    });

    await rig.enrich();
    expect((await rig.one("ada@acme.com")).status).toBe("imported");
    await rig.enrich();

    expect((await rig.one("ada@acme.com")).status).toBe("enriched");
    expect(rig.anthropic.seen.at(-1)?.body).toContain("CTO");
  });
});
