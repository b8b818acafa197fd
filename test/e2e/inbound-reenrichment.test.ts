/** A contact that waits for enrichment goes on waiting, whatever befalls the process or HubSpot meanwhile. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
import { ADA, type InboundScene, inboundScene } from "../workers/inbound-scene.ts";

let scene: InboundScene;
afterEach(() => scene.close());

/** A significant change has arrived, and another one is notified. */
beforeEach(async () => {
  scene = await inboundScene({
    live: { significant: significantFields("job_title"), enrichesByItself: true },
  });
  scene.edit({ jobtitle: "CEO" });
  await scene.hear();
  await scene.look();
  scene.edit({ city: "Berlin" });
  await scene.hear();
});

const statusOfAda = async () => (await scene.one(ADA)).status;

/** As a notification does that was taken in. */
async function queue(local_id: number): Promise<void> {
  const due_at = scene.clock.iso();
  const entry = { object: "contacts", local_id, reason: "hubspot", due_at } as const;
  await scene.store.queue.add([{ ...entry, urgent: true, inbound: true }]);
}

test("when the process dies while it looks", async () => {
  const seen: string[] = [];
  scene.whileWaitingFor("/contacts/batch/read", async () => seen.push(await statusOfAda()));

  await scene.look();

  // What a process that was killed there would leave.
  expect(seen).toEqual(["imported"]);
});

test("when HubSpot fails, and the look is taken again", async () => {
  scene.simulator.faults.add({ service: "hubspot", name: "http-503", times: 3 });
  await scene.look();
  expect(await statusOfAda()).toBe("imported");

  scene.clock.advance(16 * 60_000);
  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ status: "imported", city: "Berlin", error: null });
});

test("when a sync of all that is queued takes it", async () => {
  await queue(scene.ada);

  await scene.sync({ queued_only: true });

  expect(await scene.one(ADA)).toMatchObject({ status: "imported", city: "Berlin" });
});

test("when the process dies while a sync that was asked for has it", async () => {
  const seen: string[] = [];
  scene.whileWaitingFor("/contacts/batch/read", async () => seen.push(await statusOfAda()));

  await scene.sync({ emails: [ADA] });

  expect(seen).toEqual(["imported"]);
  expect(await statusOfAda()).toBe("imported");
});

test("when it was never enriched, and a sync of all that is queued takes it", async () => {
  const id = await scene.contact("bob@bob.com", { status: "imported", enriched_at: null });
  scene.simulator.hubspot.seedContacts([{ email: "bob@bob.com", city: "Bonn" }]);
  await queue(id);

  await scene.sync({ queued_only: true });

  expect(await scene.one("bob@bob.com")).toMatchObject({ status: "imported", city: "Bonn" });
});

test("an edit made here while it is looked at is not passed over", async () => {
  scene.whileWaitingFor("/contacts/batch/read", () => scene.editHere({ phone: "+4930123456" }));

  await scene.look();
  await scene.look();

  expect(scene.remote(ADA)["phone"]).toBe("+4930123456");
});
