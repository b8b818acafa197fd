/** What happens while a record whose write was lost waits to be read again, and when its quick tries are spent. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const ADA = "ada@acme-robotics.com";
const ACME = { domain: "acme-robotics.com" } as const;

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const synced = async (fields: Parameters<SyncScene["contact"]>[1] = {}): Promise<void> => {
  await scene.contact(ADA, fields);
  await scene.sync();
};
/** As another program, at the machine's time. */
const editCity = (city: string) =>
  scene.sql("update contacts set city = ?, status = 'enriched' where email = ?", city, ADA);
const companies = () => scene.simulator.hubspot.all("companies");
const adasCompanies = () =>
  scene.simulator.hubspot
    .associations("contacts", ADA, "companies")
    .map(({ id }) => scene.simulator.hubspot.find("companies", id)?.properties["domain"]);

/** Does something once a write was lost, while its record waits to be read again. */
function meanwhile(act: () => unknown): void {
  const { clock, simulator } = scene;
  const { wait } = clock;
  clock.wait = async (ms, signal) => {
    if (simulator.requests.list().some(({ fault }) => fault !== null)) {
      clock.wait = wait;
      act();
    }
    return wait(ms, signal);
  };
}

const lose = (name: "reset-before-commit" | "reset-after-commit", path: string) =>
  scene.simulator.faults.add({ service: "hubspot", name, path });

describe("what a person does in HubSpot between a lost answer and the next try", () => {
  test.each(["reset-before-commit", "reset-after-commit"] as const)(
    "to the field that was written stays, as the later edit (%s)",
    async (name) => {
      await synced({ city: "Kiel" });
      editCity("Bonn");
      lose(name, "/contacts/batch/update");
      meanwhile(() => scene.editContact(ADA, { city: "Berlin" }, { userId: 7 }));

      const job = await scene.sync();

      expect(job).toMatchObject({ status: "completed", errors: [] });
      expect(scene.remote(ADA)["city"]).toBe("Berlin");
      expect((await scene.one(ADA)).city).toBe("Berlin");
      const { id } = await scene.one(ADA);
      const kept = (await scene.history("contacts", id)).flatMap(({ fields }) => fields);
      expect(kept).toContainEqual(expect.objectContaining({ field: "city", lost: "Bonn" }));
    },
  );

  test("to a new contact stays", async () => {
    await scene.contact(ADA, { city: "Bonn" });
    lose("reset-after-commit", "/contacts/batch/upsert");
    meanwhile(() => scene.editContact(ADA, { jobtitle: "Head of Finance" }, { userId: 7 }));

    await scene.sync();

    expect(scene.remote(ADA)).toMatchObject({ city: "Bonn", jobtitle: "Head of Finance" });
    expect(await scene.one(ADA)).toMatchObject({ job_title: "Head of Finance", status: "synced" });
  });

  test("to the name of a company that we made stays", async () => {
    await scene.contact(ADA, { ...ACME, company: "Acme" });
    // The search index lags (HubSpot docs, search: "a few moments", read 2026-04), so that the company is found by our key alone.
    scene.simulator.hubspot.configure({ searchLagMs: 60_000 });
    lose("reset-after-commit", "/companies/batch/upsert");
    meanwhile(() => {
      const [company] = companies();
      scene.simulator.hubspot.editAsUser("companies", company?.id ?? "", { name: "Acme AG" });
    });

    await scene.sync();

    expect(companies().map(({ properties }) => properties["name"])).toEqual(["Acme AG"]);
    expect(adasCompanies()).toEqual(["acme-robotics.com"]);
  });

  test("to a field that is ours alone is overwritten as its rule says, and what was lost is told", async () => {
    await scene.customer({ ban: "B-1", company_name: "Acme", current_balance: "1" });
    await scene.sync();
    scene.sql("update customers set current_balance = 2");
    lose("reset-before-commit", "/companies/batch/update");
    meanwhile(() => scene.editCompany("B-1", { warp_current_balance: "77" }, { userId: 7 }));

    await scene.sync();

    expect(scene.company("B-1")["warp_current_balance"]).toBe("2");
    const [{ id = 0 } = {}] = scene.rows("select id from customers");
    const kept = (await scene.history("customers", Number(id))).flatMap(({ fields }) => fields);
    expect(kept).toContainEqual(
      expect.objectContaining({ field: "current_balance", before: "77", after: "2" }),
    );
  });
});

describe("a record of which nobody knows after three tries", () => {
  const lostForGood = () =>
    scene.simulator.faults.add({
      service: "hubspot",
      name: "reset-before-commit",
      path: "/contacts/batch/update",
      times: 9,
    });

  test("is parked for a quarter of an hour where everybody sees it, and costs nothing meanwhile", async () => {
    await synced();
    editCity("Bonn");
    lostForGood();

    const job = await scene.sync();

    expect(job.counts).toEqual({ failed: 1 });
    expect(job.errors).toMatchObject([{ code: "HUBSPOT_UNREACHABLE", count: 1 }]);
    const parked = await scene.one(ADA);
    const retryAt = Date.parse(parked.retry_at ?? "");
    expect(parked).toMatchObject({ status: "failed", failed_stage: "sync" });
    expect(retryAt - scene.clock.now()).toBeGreaterThan(14 * 60_000);
    const tries = (await scene.history("contacts", parked.id)).slice(0, 3);
    expect(tries.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown", "unknown"]);
    expect(tries[0]?.error).toContain("read back");
    scene.forget();
    await scene.live(new AbortController().signal);
    await scene.sync({ queued_only: true });
    expect(scene.requests()).toEqual([]);
    scene.simulator.faults.clear();
    await scene.retryLater();
    expect(await scene.one(ADA)).toMatchObject({ status: "synced", retry_at: null });
    expect(scene.remote(ADA)["city"]).toBe("Bonn");
  });

  test("keeps no other one waiting: looks go on at once and come back for it", async () => {
    const never = new AbortController().signal;
    for (const ban of ["B-1", "B-2"]) await scene.customer({ ban, company_name: ban });
    await scene.sync();
    const name = (ban: string) => scene.company(ban)["name"];
    scene.sql("update customers set company_name = 'One' where ban = 'B-1'");
    scene.clock.advance(2_500);
    lose("reset-before-commit", "/companies/batch/update");

    await scene.live(never);
    scene.sql("update customers set company_name = 'Two' where ban = 'B-2'");
    await scene.look("customers", (await scene.local("B-2"))?.id ?? 0);
    await scene.live(never);
    expect([name("B-1"), name("B-2")]).toEqual(["B-1", "Two"]);
    scene.clock.advance(1_200);
    await scene.live(never);

    expect([name("B-1"), name("B-2")]).toEqual(["One", "Two"]);
  });
});

test("a batch whose answer is lost counts once against the caps", async () => {
  const capped = await scene.process({ caps: { creates: 2 } });
  await scene.contact(ADA);
  await scene.contact("bo@acme-robotics.com");
  lose("reset-before-commit", "/contacts/batch/upsert");

  const job = await capped.sync();

  expect(job).toMatchObject({ status: "completed", counts: { created: 2 }, errors: [] });
});
