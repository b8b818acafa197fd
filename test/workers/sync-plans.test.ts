/** Previews and the plans that carry them out: nothing is written by the one, exactly what was shown by the other. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";

const planOf = ({ result }: Job): string => String(result?.["plan_id"]);

describe("a dry run", () => {
  test("of a first sync writes nothing anywhere but the plan", async () => {
    await scene.contact(ADA, { first_name: "Ada" });
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    const before = scene.everything();

    const job = await scene.sync({ dry_run: true });

    expect(job.status).toBe("completed");
    expect(scene.writes()).toEqual([]);
    expect(scene.everything()).toEqual(before);
  });

  test("shows customers whose account number HubSpot cannot hold yet, and what would be created for them", async () => {
    await scene.customer({ ban: "B-1", company_name: "Acme" });

    const job = await scene.sync({ dry_run: true });

    expect(job.counts).toEqual({ would_create: 1 });
    expect(job.result).toMatchObject({
      dry_run: true,
      properties_to_create: expect.arrayContaining(["companies.warp_ban", "contacts.sync_summary"]),
      records: [
        {
          object: "customers",
          ban: "B-1",
          hubspot_id: null,
          hubspot_changes: expect.arrayContaining([
            expect.objectContaining({ field: "company_name", before: null, after: "Acme" }),
          ]),
          local_changes: [],
        },
      ],
    });
  });

  test("shows before and after of both sides, per field, with the rule", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme", tier: "STANDARD" });
    await scene.sync();
    scene.editCompany("B-1", { warp_tier: "PREMIUM" });
    scene.sql("update customers set company_name = 'Acme Ltd' where id = ?", id);

    const job = await scene.sync({ dry_run: true });

    expect(job.counts).toEqual({ would_update: 1 });
    expect(job.result).toMatchObject({
      properties_to_create: [],
      records: [
        {
          hubspot_id: scene.companyId("B-1"),
          hubspot_changes: [
            { field: "company_name", before: "Acme", after: "Acme Ltd", rule: "only local moved" },
          ],
          local_changes: [{ field: "tier", before: "STANDARD", after: "PREMIUM", rule: "one way" }],
          conflicts: [],
          blocked: [],
        },
      ],
    });
    const { plan_id, expires_at } = job.result ?? {};
    expect(plan_id).toMatch(/^plan_/);
    expect(Date.parse(String(expires_at)) - scene.clock.now()).toBe(15 * 60_000);
  });
});

describe("requests_needed", () => {
  test("is what carrying the plan out takes", async () => {
    const ids: number[] = [];
    for (const number of Array.from({ length: 120 }, (_, index) => index))
      ids.push(await scene.customer({ ban: `B-${number}`, company_name: `Acme ${number}` }));
    await scene.sync();
    scene.sql("update customers set company_name = company_name || ' Ltd'");
    const preview = await scene.sync({ dry_run: true });
    scene.forget();

    await scene.sync({ plan_id: planOf(preview) });

    expect(preview.counts).toEqual({ would_update: 120 });
    expect(scene.requests()).toHaveLength(Number(preview.result?.["requests_needed"]));
    expect(preview.result).toMatchObject({ seconds_at_current_rate: 1 });
  });
});

describe("a plan", () => {
  test("is carried out as it was shown", async () => {
    const contact = await scene.contact(ADA, { first_name: "Ada" });
    const customer = await scene.customer({ ban: "B-1", company_name: "Acme" });
    const preview = await scene.sync({ dry_run: true });

    const job = await scene.sync({ plan_id: planOf(preview) });

    expect(job).toMatchObject({ status: "completed", counts: { created: 2 }, errors: [] });
    expect(scene.remote(ADA)).toMatchObject({ firstname: "Ada" });
    expect(scene.company("B-1")).toMatchObject({ name: "Acme" });
    expect(await scene.store.links.byLocalIds("contacts", [contact])).toHaveLength(1);
    expect(await scene.store.links.byLocalIds("customers", [customer])).toHaveLength(1);
  });

  test("leaves what was not selected alone", async () => {
    const ada = await scene.contact(ADA, { first_name: "Ada" });
    await scene.contact(GRACE, { first_name: "Grace" });
    const preview = await scene.sync({ dry_run: true, ids: [ada] });

    const job = await scene.sync({ ids: [ada], plan_id: planOf(preview) });

    expect(job.counts).toEqual({ created: 1 });
    expect(scene.remote(GRACE)).toEqual({});
  });
});

describe("a plan is refused, and nothing is written,", () => {
  async function previewed(args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    await scene.contact(ADA, { first_name: "Ada" });
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync();
    scene.sql("update contacts set city = 'Bonn'");
    scene.sql("update customers set company_name = 'Acme Ltd'");
    return planOf(await scene.sync({ ...args, dry_run: true }));
  }

  async function expectStale(plan_id: string, by: Pick<SyncScene, "sync"> = scene): Promise<void> {
    scene.forget();
    const before = scene.everything();

    const job = await by.sync({ plan_id });

    expect(job.status).toBe("failed");
    expect(job.errors).toEqual([expect.objectContaining({ code: "PLAN_STALE" })]);
    expect(scene.writes()).toEqual([]);
    expect(scene.everything()).toEqual(before);
  }

  test("the second time", async () => {
    const plan = await previewed();
    await scene.sync({ plan_id: plan });

    await expectStale(plan);
  });

  test("when nobody made it", async () => {
    await previewed();

    await expectStale("plan_unheard_of");
  });

  test("when its time is over", async () => {
    const plan = await previewed();
    scene.clock.advance(15 * 60_000);

    await expectStale(plan);
  });

  test("after an edit here of a field that it shows", async () => {
    const plan = await previewed();
    scene.sql("update customers set company_name = 'Acme Inc'");

    await expectStale(plan);
  });

  test("after an edit here of another field", async () => {
    const plan = await previewed();
    scene.sql("update contacts set job_title = 'CTO'");

    await expectStale(plan);
  });

  test("after an edit in HubSpot", async () => {
    const plan = await previewed();
    scene.editCompany("B-1", { warp_tier: "PREMIUM" });

    await expectStale(plan);
  });

  test("when a further record has come due", async () => {
    const plan = await previewed();
    await scene.contact(GRACE);

    await expectStale(plan);
  });

  test("when a record has vanished here", async () => {
    const plan = await previewed();
    scene.sql("delete from customers");

    await expectStale(plan);
  });

  test("when a record has vanished from HubSpot", async () => {
    const plan = await previewed();
    scene.simulator.hubspot.archiveAsUser("contacts", ADA);

    await expectStale(plan);
  });

  test("when HubSpot is not set up yet, without creating a property", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
    const plan = planOf(await scene.sync({ dry_run: true }));
    scene.sql("update customers set company_name = 'Acme Ltd' where id = ?", id);

    await expectStale(plan);
  });

  test("under another field map, of which nothing is set up", async () => {
    const plan = await previewed();
    const other = await scene.process({
      maps: mapsWith({
        customers: { legal_name: { hubspot_property: "warp_registered_name" } },
      }),
    });

    await expectStale(plan, other);
  });
});
