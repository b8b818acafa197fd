import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";

describe("what a sync says it did", () => {
  test("counts in its event what changed, not what failed or was passed over", async () => {
    const heard: number[] = [];
    rig.events.on("contacts-synced", ({ count }) => heard.push(count));
    await rig.contact(ADA);
    await rig.contact("broken@nodot");
    await rig.contact("no@acme-robotics.com", { unsubscribed: true });

    await rig.sync();
    await rig.sync();

    expect(heard).toEqual([1]);
  });

  test("counts each contact once in its progress, also one that was looked at twice", async () => {
    const id = await rig.contact(ADA, { first_name: "Ada" });
    rig.whileWaitingFor("/contacts/batch/upsert", () =>
      rig.store.contacts.update([{ id, set: { city: "Bonn" } }], rig.clock.iso()),
    );

    const job = await rig.sync();

    expect(job.progress).toMatchObject({ done: 1, total: 1 });
  });
});

describe("a dry run", () => {
  test("passes over only those who objected and are not in HubSpot, as the sync does", async () => {
    await rig.contact(ADA, { first_name: "Ada" });
    await rig.sync();
    const { id } = await rig.one(ADA);
    await rig.store.contacts.update(
      [{ id, set: { unsubscribed: true, city: "Bonn", status: "enriched" } }],
      rig.clock.iso(),
    );
    await rig.contact("no@acme-robotics.com", { unsubscribed: true });

    const preview = await rig.sync({ dry_run: true });
    const job = await rig.sync();

    expect(preview.counts).toEqual({ would_update: 1, skipped: 1 });
    expect(job.counts).toEqual({ updated: 1, skipped: 1 });
  });
});

test("sets HubSpot up again after a property of ours was deleted there", async () => {
  await rig.contact(ADA, { quality_score: 80 });
  await rig.sync();
  await fetch(`${rig.simulator.hubspotUrl}/crm/v3/properties/contacts/sync_quality_score`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rig.simulator.hubspotToken}` },
  });
  const id = await rig.contact("grace@acme-robotics.com", { quality_score: 70 });

  await rig.sync();
  await rig.sync({ ids: [id] });

  const remote = rig.simulator.hubspot.find("contacts", "grace@acme-robotics.com");
  expect(remote?.properties).toMatchObject({ sync_quality_score: "70" });
});
