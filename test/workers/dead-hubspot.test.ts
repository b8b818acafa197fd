/** A HubSpot that is dead for an hour while thousands of records wait: it costs next to nothing, and everything arrives once it is back. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const CUSTOMERS = 3_000;
const CONTACTS = 200;
const MINUTE = 60_000;
const never = new AbortController().signal;

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const one = (query: string) => Number(Object.values(scene.rows(query)[0] ?? {})[0]);
const loud = () => scene.log.lines.filter(({ level }) => level !== "debug").length;

/** Everybody is in HubSpot, and has been edited here since. */
async function everybodyEdited(): Promise<void> {
  const rows = Array.from({ length: CUSTOMERS }, (_, n) => ({
    ban: `B-${n}`,
    company_name: `Customer ${n}`,
    current_balance: "1",
  }));
  await scene.store.by("sync").customers.upsert(rows, "2026-01-01T00:00:00.000Z");
  await scene.store.queue.addAll("customers", "test", scene.clock.iso());
  for (let n = 0; n < CONTACTS; n += 1) await scene.contact(`c${n}@acme-robotics.com`);
  await scene.sync();
  scene.sql("update customers set current_balance = 2");
  scene.sql("update contacts set city = 'Bonn', status = 'enriched'");
  scene.clock.advance(3_000);
  scene.forget();
}

/** As the server does it: a look every few seconds, and a job every quarter of an hour. */
async function anHour(): Promise<void> {
  for (let seconds = 0; seconds < 3_600; seconds += 4) {
    await scene.live(never);
    if (seconds % 900 === 0) await scene.sync({ filter: { status: "enriched" } });
    scene.clock.advance(4_000);
  }
}

test("an hour of it", async () => {
  await everybodyEdited();
  const logged = one("select count(*) from sync_log");
  const said = loud();
  scene.simulator.faults.add({ service: "hubspot", name: "reset-before-commit", times: 100_000 });

  await anHour();

  expect(scene.requests().length).toBeGreaterThan(5);
  expect(scene.requests().length).toBeLessThan(40);
  expect(loud() - said).toBeLessThan(80);
  expect(one("select count(*) from sync_log") - logged).toBeLessThanOrEqual(200);
  // What met the fault before it was known for one is parked; nobody else has changed, or counts a try.
  expect(one("select count(*) from sync_queue where object = 'customers'")).toBe(CUSTOMERS);
  expect(one("select count(*) from sync_queue where due_at is null")).toBe(0);
  expect(one("select count(*) from sync_queue where attempts > 0")).toBeLessThanOrEqual(200);
  expect(one("select count(*) from contacts where status = 'syncing'")).toBe(0);
  expect(one("select count(*) from sync_queue where lease_owner is not null")).toBe(0);

  scene.simulator.faults.clear();
  for (let minutes = 0; minutes < 20; minutes += 1) {
    scene.clock.advance(MINUTE);
    await scene.live(never);
    await scene.sync();
  }

  expect(one("select count(*) from sync_queue")).toBe(0);
  expect(one("select count(*) from contacts where status <> 'synced'")).toBe(0);
  const { hubspot } = scene.simulator;
  const balances = hubspot.all("companies").map((each) => each.properties["warp_current_balance"]);
  expect(balances.filter((balance) => balance === "2")).toHaveLength(CUSTOMERS);
  const cities = hubspot.all("contacts").map(({ properties }) => properties["city"]);
  expect(cities.filter((city) => city === "Bonn")).toHaveLength(CONTACTS);
}, 120_000);
