/** Changes on their way without a job: how soon, how many, and what keeps them back. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DEBOUNCE_MS } from "../../mcp-server/src/core/debounce.ts";
import { createLiveWatch, type LiveWatch } from "../../mcp-server/src/live-watch.ts";
import { realClock } from "../support/clock.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const SLOW_MS = 60_000;
const ADA = "ada@acme-robotics.com";

let scene: SyncScene;
let watch: LiveWatch | null = null;
const never = new AbortController().signal;

afterEach(async () => {
  await watch?.stop();
  watch = null;
  await scene.close();
});

/** Watches the queue as the server does. */
function watching(): LiveWatch {
  const { store, clock, log } = scene;
  watch = createLiveWatch({ store, clock, log, send: async () => scene.live });
  watch.start();
  return watch;
}

/** Milliseconds until something holds, looked at often enough to measure by. */
async function msUntil(holds: () => boolean): Promise<number> {
  const begun = performance.now();
  await expect.poll(holds, { interval: 10, timeout: 10_000 }).toBe(true);
  return performance.now() - begun;
}

describe("under the machine's clock", () => {
  beforeEach(async () => {
    scene = await syncScene({ clock: realClock() });
    await scene.contact(ADA, { first_name: "Ada" });
    await scene.customer({ ban: "B-1", company_name: "Acme", current_balance: "10" });
    await scene.sync();
    scene.forget();
  });

  test("a real-time field that another program edits is in HubSpot before others would be due", async () => {
    watching();

    scene.sql("update customers set current_balance = 12.34");
    const ms = await msUntil(() => scene.company("B-1")["warp_current_balance"] === "12.34");

    expect(ms).toBeLessThan(DEBOUNCE_MS);
    expect(scene.sent()).toEqual([["warp_current_balance"]]);
  });

  test("other fields wait for further edits of their record", async () => {
    watching();

    scene.sql("update customers set company_name = 'Acme Ltd'");
    scene.sql("update customers set legal_name = 'Acme Limited'");
    const ms = await msUntil(() => scene.company("B-1")["name"] === "Acme Ltd");

    expect(ms).toBeGreaterThan(1_000);
    expect(scene.sent()).toEqual([["name", "warp_legal_name"]]);
  });

  test("a contact's edits go out too", async () => {
    watching();

    scene.sql("update contacts set city = 'Bonn'");

    await msUntil(() => scene.remote(ADA)["city"] === "Bonn");
    await expect.poll(async () => (await scene.one(ADA)).status).toBe("synced");
  });

  test("a customer that is new is created", async () => {
    watching();

    scene.sql(
      "insert into customers (ban, company_name, created_at, updated_at) values ('B-2', 'New', '2026-01-01', '2026-01-01')",
    );

    await msUntil(() => scene.company("B-2")["name"] === "New");
  });

  test("what a sync brings home does not come back as work", async () => {
    scene.editCompany("B-1", { warp_tier: "PREMIUM", name: "Acme Ltd", phone: "+49 30 901820" });
    scene.editContact(ADA, { city: "Bonn" });
    await scene.look("customers", 1);
    await scene.look("contacts", 1);

    expect((await scene.sync()).counts).toEqual({ pulled: 2 });

    expect(await scene.local("B-1")).toMatchObject({ tier: "PREMIUM", company_name: "Acme Ltd" });
    expect(scene.rows("select * from change_log")).toEqual([]);
    expect(scene.rows("select * from sync_queue")).toEqual([]);
  });

  test("what was sent is no pending change any more", async () => {
    scene.sql("update customers set company_name = 'Acme Ltd', current_balance = 11");
    await scene.live(never);
    await scene.sync();

    expect(scene.company("B-1")).toMatchObject({ name: "Acme Ltd", warp_current_balance: "11" });
    expect(scene.rows("select * from change_log")).toEqual([]);
    expect(scene.rows("select * from sync_queue")).toEqual([]);
  });

  test("stopping ends soon, also in the middle of a request, and loses nothing", async () => {
    const live = watching();
    scene.simulator.faults.add({
      service: "hubspot",
      name: "slow",
      delayMs: SLOW_MS,
      path: "/companies/batch/read",
    });
    scene.sql("update customers set current_balance = 12");
    await msUntil(() => scene.requests().length > 0);

    const begun = performance.now();
    await live.stop();

    expect(performance.now() - begun).toBeLessThan(SLOW_MS / 2);
    expect(scene.queued("customers")).toEqual([1]);
    await scene.sync();
    expect(scene.company("B-1")["warp_current_balance"]).toBe("12");
  });
});

describe("a look at the queue", () => {
  beforeEach(async () => {
    scene = await syncScene();
  });

  test("sends nothing before somebody asked for a first sync", async () => {
    await scene.contact(ADA, { first_name: "Ada" });
    await scene.look("contacts", 1);
    await scene.customer({ ban: "B-1", company_name: "Acme" });

    await scene.live(never);

    expect(scene.requests()).toEqual([]);
    expect(scene.queued("customers")).toEqual([1]);
    expect(await scene.one(ADA)).toMatchObject({ status: "enriched" });
  });

  test("sends nothing of a kind that was not part of the first sync", async () => {
    await scene.contact(ADA, { first_name: "Ada" });
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync({ object: "contacts" });
    scene.forget();

    await scene.live(never);

    expect(scene.requests()).toEqual([]);
  });

  test("creates nothing before somebody asked for a whole sync, and sends what HubSpot has already", async () => {
    const [first] = [
      await scene.customer({ ban: "B-1", company_name: "Acme", current_balance: "1" }),
      await scene.customer({ ban: "B-2", company_name: "Birch" }),
    ];
    await scene.sync({ object: "customers", ids: [first] });
    await scene.store.customers.update(
      [{ id: first, set: { current_balance: "2" } }],
      scene.clock.iso(),
    );
    await scene.look("customers", first);

    await scene.live(never);

    expect(scene.company("B-1")["warp_current_balance"]).toBe("2");
    expect(scene.company("B-2")).toEqual({});
    await scene.sync();
    expect(scene.company("B-2")["name"]).toBe("Birch");
  });

  test("sends nothing of its own before a dry run was followed by a sync", async () => {
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync({ dry_run: true });

    await scene.live(never);

    expect(scene.writes()).toEqual([]);
  });

  test("takes only records with real-time changes while a sync job is at work", async () => {
    const first = await scene.customer({ ban: "B-1", company_name: "Acme" });
    const second = await scene.customer({ ban: "B-2", company_name: "Acme" });
    await scene.sync();
    scene.sql("update customers set company_name = 'Acme Ltd'");
    scene.sql("update customers set current_balance = 5 where id = ?", first);
    scene.sql("update sync_queue set due_at = '2026-01-01T00:00:00.000Z'");
    await scene.store.jobs.create({
      job_id: "sync_other",
      kind: "sync",
      args: {},
      now: scene.clock.iso(),
    });
    await scene.store.jobs.claim({
      owner: "elsewhere",
      now: scene.clock.iso(),
      lease_until: "2999-01-01T00:00:00.000Z",
    });

    await scene.live(never);

    expect(scene.company("B-1")).toMatchObject({ name: "Acme Ltd", warp_current_balance: "5" });
    expect(scene.company("B-2")).toMatchObject({ name: "Acme" });
    expect(scene.queued("customers")).toEqual([second]);
  });

  test("rests after a refused token instead of asking again and again", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync();
    await scene.look("customers", id);
    scene.simulator.hubspot.configure({ tokenExpiredSecondsAgo: 60 });
    scene.forget();

    for (let look = 0; look < 20; look++) await scene.live(never);

    expect(scene.requests().length).toBeLessThanOrEqual(2);
    expect(scene.queued("customers")).toEqual([id]);
    scene.simulator.hubspot.configure({ tokenExpiredSecondsAgo: null });
    scene.forget();
    scene.clock.advance(15 * 60_000);
    await scene.live(never);
    expect(scene.requests()).toHaveLength(2);
    expect(scene.queued("customers")).toEqual([]);
  });

  test("parks what a HubSpot that is down did not take, until a quarter of an hour is over", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync();
    scene.sql("update customers set company_name = 'Acme Ltd'");
    await scene.look("customers", id);
    scene.simulator.faults.add({
      service: "hubspot",
      name: "http-503",
      times: 1_000,
      path: "/companies/batch/update",
    });

    // Nobody knows what a 503 to a write did: it is read back twice, soon, before the record is parked.
    for (const quickMs of [0, 2_000, 4_000]) {
      scene.clock.advance(quickMs);
      await scene.live(never);
    }

    const [entry] = scene.rows("select * from sync_queue");
    const waitMs = Date.parse(String(entry?.["due_at"])) - scene.clock.now();
    expect(waitMs).toBeGreaterThan(14 * 60_000);
    scene.forget();
    await scene.live(never);
    expect(scene.requests()).toEqual([]);
    scene.simulator.faults.clear();
    scene.clock.advance(15 * 60_000);
    await scene.live(never);
    expect(scene.company("B-1")["name"]).toBe("Acme Ltd");
  });

  test("parks what could not even be read, and rests a minute", async () => {
    const id = await scene.customer({ ban: "B-1", company_name: "Acme" });
    await scene.sync();
    await scene.look("customers", id);
    scene.simulator.faults.add({
      service: "hubspot",
      name: "http-503",
      times: 1_000,
      path: "/companies/batch/read",
    });
    await scene.live(never);
    scene.simulator.faults.clear();
    const other = await scene.customer({ ban: "B-2", company_name: "Other" });
    scene.forget();

    await scene.live(never);
    expect(scene.requests()).toEqual([]);
    scene.clock.advance(60_000);
    await scene.live(never);

    expect(scene.company("B-2")["name"]).toBe("Other");
    expect(scene.queued("customers")).toEqual([id]);
    expect(other).toBeGreaterThan(id);
  });

  test("stays within the caps of a run, and leaves the records due", async () => {
    for (const ban of ["B-1", "B-2", "B-3"]) await scene.customer({ ban, company_name: "Acme" });
    await scene.sync();
    const limited = await scene.process({ caps: { updates: 2 } });
    scene.sql("update customers set company_name = 'Acme Ltd'");
    scene.sql("update sync_queue set due_at = '2026-01-01T00:00:00.000Z'");
    scene.forget();

    await limited.live(never);

    expect(scene.writes()).toEqual([]);
    expect(scene.queued("customers")).toEqual([1, 2, 3]);
    expect(scene.log.lines.map(({ fields }) => fields["code"])).toContain("RUN_CAP_EXCEEDED");
  });
});
