/** Where nothing is sent by itself, HubSpot's changes arrive all the same, and what would have to be sent waits without being looked at again and again. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

const BOB = "bob@acme-robotics.com";

let scene: InboundScene;
afterEach(() => scene.close());

beforeEach(async () => {
  scene = await inboundScene({ live: { sendsByItself: false } });
});

test("what HubSpot changed is taken over, and what was changed here waits for a sync", async () => {
  await scene.editHere({ last_name: "Lovelace" });
  scene.edit({ city: "Berlin" });
  await scene.hear();

  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ city: "Berlin", status: "synced" });
  expect(scene.remote(ADA)).not.toHaveProperty("lastname", "Lovelace");
  expect(scene.writes()).toEqual([]);
  scene.forget();
  for (let n = 0; n < 5; n++) await scene.look();
  expect(scene.requests()).toEqual([]);
  await scene.sync();
  expect(scene.remote(ADA)).toMatchObject({ lastname: "Lovelace", city: "Berlin" });
  expect(await scene.waiting()).toEqual([0, 0, 0]);
});

test("a change that HubSpot makes while another waits is taken over too", async () => {
  await scene.editHere({ last_name: "Lovelace" });
  scene.edit({ city: "Berlin" });
  await scene.hear();
  await scene.look();

  scene.edit({ city: "Potsdam" });
  await scene.hear();
  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ city: "Potsdam", last_name: "Lovelace" });
  expect(scene.writes()).toEqual([]);
});

test("a local change alone is no reason to ask HubSpot", async () => {
  await scene.store.queue.add([
    { object: "contacts", local_id: scene.ada, reason: "test", due_at: scene.clock.iso() },
  ]);

  await scene.look();

  expect(scene.requests()).toEqual([]);
});

test("a contact that was never synced takes changes over and goes on waiting", async () => {
  const { hubspot } = scene.simulator;
  const [bob] = hubspot.seed("contacts", [{ email: BOB, city: "Bonn" }]);
  await scene.notify(scene.notification("contact.creation", String(bob)));
  await scene.look();
  expect(await scene.one(BOB)).toMatchObject({ status: "imported", city: "Bonn" });

  hubspot.editAsUser("contacts", BOB, { city: "Berlin" });
  await scene.hear();
  await scene.look();

  expect(await scene.one(BOB)).toMatchObject({ status: "imported", city: "Berlin" });
  expect(scene.writes()).toEqual([]);
  expect(await scene.waiting()).toEqual([0, 0, 0]);
});

test("a customer's change arrives likewise", async () => {
  await scene.store
    .by("sync")
    .customers.upsert([{ ban: "B-1", company_name: "Acme" }], scene.clock.iso());
  await scene.sync({ object: "customers" });
  scene.simulator.hubspot.editAsUser("companies", "warp_ban=B-1", { name: "Acme Ltd" });
  await scene.hear();
  scene.forget();

  await scene.look();

  const [customer] = await scene.store.customers.findByBans(["B-1"]);
  expect(customer?.company_name).toBe("Acme Ltd");
  expect(scene.writes()).toEqual([]);
  expect(await scene.waiting()).toEqual([0, 0, 0]);
});
