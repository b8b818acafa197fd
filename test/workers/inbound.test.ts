/** What HubSpot notified arrives here, once, whatever HubSpot doubled, reordered or sent again. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { syncRig } from "../support/sync-rig.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

const never = new AbortController().signal;

let scene: InboundScene;
beforeEach(async () => {
  scene = await inboundScene();
});
afterEach(() => scene.close());

describe("a linked contact", () => {
  test("takes over what was changed in HubSpot, and nothing is written there", async () => {
    scene.edit({ city: "Berlin" });
    await scene.hear();

    await scene.look();

    expect(await scene.one(ADA)).toMatchObject({ city: "Berlin", status: "synced" });
    expect(scene.requests()).toHaveLength(1);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("is read once for many notifications", async () => {
    scene.edit({ city: "Berlin", phone: "+493012345", jobtitle: "CEO" });
    scene.edit({ city: "Potsdam" });
    expect((await scene.hear()).length).toBeGreaterThan(3);

    await scene.look();

    expect(await scene.one(ADA)).toMatchObject({ city: "Potsdam", job_title: "CEO" });
    expect(scene.requests()).toHaveLength(1);
  });

  test("our own write comes back as no work for either side", async () => {
    await scene.editHere({ city: "Potsdam" });
    await scene.sync({ emails: [ADA] });
    expect(scene.remote(ADA)["city"]).toBe("Potsdam");
    expect((await scene.hear()).length).toBeGreaterThan(0);
    scene.forget();

    await scene.look();

    expect(scene.writes()).toEqual([]);
    expect(await scene.hear()).toEqual([]);
    expect(await scene.one(ADA)).toMatchObject({ city: "Potsdam", status: "synced" });
    scene.forget();
    await scene.look();
    expect(scene.requests()).toEqual([]);
  });

  test("doubled, reordered and repeated notifications end the same", async () => {
    scene.edit({ city: "Berlin" });
    scene.edit({ city: "Potsdam" });
    const [...events] = await scene.hear();
    await scene.notify(...events.toReversed(), ...events);
    await scene.look();
    const after = await scene.one(ADA);

    await scene.notify(...events);
    await scene.look();

    const { synced_at: _, updated_at: __, ...fields } = after;
    expect(await scene.one(ADA)).toMatchObject(fields);
    expect(after.city).toBe("Potsdam");
    expect(scene.writes()).toEqual([]);
  });

  test("what was edited here meanwhile travels with the same look", async () => {
    scene.edit({ city: "Berlin" });
    await scene.editHere({ last_name: "Lovelace" });
    await scene.hear();

    await scene.look();

    expect(scene.remote(ADA)).toMatchObject({ city: "Berlin", lastname: "Lovelace" });
    expect(await scene.one(ADA)).toMatchObject({ city: "Berlin", last_name: "Lovelace" });
  });
});

test("the inbox keeps what became of each notification", async () => {
  scene.edit({ city: "Berlin" });
  const { length } = await scene.hear();
  await scene.notify(scene.notification("deal.creation", 5), "nonsense");

  await scene.look();

  expect(await scene.store.inbox.outcomesSince("2000-01-01")).toEqual({
    signalled: length,
    ignored: 1,
    quarantined: 1,
  });
});

test("two processes share one inbox, and each change is applied once", async () => {
  const other = await syncRig({ beside: scene });
  const emails = Array.from({ length: 20 }, (_, n) => `p${n}@acme-robotics.com`);
  for (const email of emails) await scene.contact(email, { city: "Bonn" });
  await scene.sync();
  for (const email of emails)
    scene.simulator.hubspot.editAsUser("contacts", email, { city: "Berlin" });
  await scene.hear();
  scene.forget();

  await Promise.all([scene.look(), other.live(never), scene.look(), other.live(never)]);
  await scene.look();

  const pulls = emails.map(async (email) => {
    const { id, city } = await scene.one(email);
    const rows = await scene.store.syncLog.forRecord("contacts", id, 50);
    return { city, pulls: rows.filter(({ action }) => action === "pull").length };
  });
  expect(await Promise.all(pulls)).toEqual(emails.map(() => ({ city: "Berlin", pulls: 1 })));
  expect(scene.writes()).toEqual([]);
  expect(await scene.waiting()).toEqual([0, 0, 0]);
  await other.close();
});

test("what a process marked before it ended is synced by the next one, from the rows alone", async () => {
  scene.edit({ city: "Berlin" });
  await scene.hear();
  const slow = { service: "hubspot", name: "slow", delayMs: 60_000, path: "/batch/read" } as const;
  scene.simulator.faults.add(slow);
  const ending = new AbortController();
  const look = scene.live(ending.signal);
  await expect.poll(() => scene.requests().length).toBeGreaterThan(0);
  expect((await scene.store.inbox.depth(10)).waiting).toBe(0);
  scene.simulator.faults.clear();
  ending.abort();
  await look;

  const next = await syncRig({ beside: scene });
  scene.clock.advance(61_000);
  await next.live(never);

  expect(await scene.one(ADA)).toMatchObject({ city: "Berlin", status: "synced" });
  await next.close();
});

test("a HubSpot that is down is left alone for a while, and the inbox goes on being emptied", async () => {
  scene.simulator.faults.add({ service: "hubspot", name: "http-503", times: 1_000 });
  await scene.notify(scene.notification("contact.propertyChange", scene.adaThere));
  await scene.look();
  scene.forget();

  for (let n = 0; n < 20; n++) {
    await scene.notify(
      scene.notification("contact.propertyChange", scene.adaThere),
      scene.notification("contact.creation", 777),
    );
    await scene.look();
  }

  expect(scene.requests()).toEqual([]);
  expect(await scene.waiting()).toEqual([0, 1, 1]);
  scene.simulator.faults.clear();
  scene.edit({ city: "Berlin" });
  scene.clock.advance(16 * 60_000);
  await scene.look();
  expect((await scene.one(ADA)).city).toBe("Berlin");
  expect(await scene.waiting()).toEqual([0, 0, 0]);
});
