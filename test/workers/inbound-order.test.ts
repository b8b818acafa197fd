/** What HubSpot notifies has its turn before a first sync, and before whatever else is due. */
import { afterEach, expect, test } from "vitest";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

const never = new AbortController().signal;

let rig: SyncRig | InboundScene;
afterEach(() => rig.close());

test("a contact that came from HubSpot follows it before anybody asked for a first sync", async () => {
  rig = await syncRig();
  await rig.live(never);
  rig.listen();
  const { hubspot } = rig.simulator;
  const [id = ""] = hubspot.seed("contacts", [{ email: ADA, city: "Bonn" }]);
  await rig.notify({ subscriptionType: "contact.creation", objectId: Number(id) });
  await rig.live(never);
  expect(await rig.one(ADA)).toMatchObject({ status: "imported", city: "Bonn" });

  hubspot.editAsUser("contacts", ADA, { city: "Berlin" });
  await rig.hear();
  await rig.live(never);

  expect(await rig.one(ADA)).toMatchObject({ status: "imported", city: "Berlin" });
  expect(rig.requests().filter((line) => !line.includes("/batch/read"))).toEqual([]);
});

test("a contact that is here and unlinked is joined before a whole sync, and not created", async () => {
  rig = await syncRig();
  const id = await rig.contact(ADA, { city: "Bonn" });
  await rig.contact("other@acme-robotics.com");
  await rig.live(never);
  const [there = ""] = rig.simulator.hubspot.seed("contacts", [{ email: ADA, jobtitle: "CTO" }]);
  await rig.notify({ subscriptionType: "contact.creation", objectId: Number(there) });

  await rig.live(never);

  expect(await rig.store.links.byLocalIds("contacts", [id])).toMatchObject([{ hubspot_id: there }]);
  expect(await rig.one(ADA)).toMatchObject({ job_title: "CTO", city: "Bonn" });
  expect(rig.simulator.hubspot.all("contacts")).toHaveLength(1);
});

test("a notification is taken in between the chunks of a long look", async () => {
  const scene = await inboundScene();
  rig = scene;
  const emails = Array.from({ length: 250 }, (_, n) => `p${n}@acme-robotics.com`);
  const ids: number[] = [];
  for (const email of emails) ids.push(await scene.contact(email, { city: "Bonn" }));
  await scene.sync();
  await scene.hear();
  await scene.look();
  await scene.store.contacts.updateAll(ids, { city: "Potsdam" }, scene.clock.iso());
  const due_at = scene.clock.iso();
  await scene.store.queue.add(
    ids.map((local_id) => ({ object: "contacts", local_id, reason: "test", due_at })),
  );

  scene.whileWaitingFor("/contacts/batch/update", async () => {
    scene.edit({ city: "Berlin" });
    await scene.hear();
  });
  await scene.look();

  const logged = async (id: number) =>
    (await scene.store.syncLog.forRecord("contacts", id, 1))[0]?.id ?? 0;
  expect((await scene.one(ADA)).city).toBe("Berlin");
  const others = await Promise.all(ids.map(logged));
  expect(await logged(scene.ada)).toBeLessThan(Math.max(...others));
});
