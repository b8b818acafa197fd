import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContactPatch } from "../../mcp-server/src/core/contact.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";

/** Edits the contact as another program would, while a request to this path waits to be tried again. */
function editWhileWaitingFor(path: string, id: number, set: ContactPatch): void {
  rig.whileWaitingFor(path, () => rig.store.contacts.update([{ id, set }], rig.clock.iso()));
}

describe("a contact that is edited while it is being synced", () => {
  test("reaches HubSpot with the edit, not only with what was planned on", async () => {
    const id = await rig.contact(ADA, { first_name: "Ada", city: "Bonn" });
    editWhileWaitingFor("/contacts/batch/upsert", id, { first_name: "Augusta" });

    await rig.sync();

    expect(rig.remote(ADA)).toMatchObject({ firstname: "Augusta", city: "Bonn" });
    expect(await rig.one(ADA)).toMatchObject({ first_name: "Augusta", status: "synced" });
  });

  test("keeps an edit of the very field that HubSpot's value was about to replace", async () => {
    const id = await rig.contact(ADA, { first_name: "Ada" });
    await rig.sync();
    rig.simulator.hubspot.editAsUser("contacts", ADA, { firstname: "Augusta", city: "Bonn" });
    const at = "2099-01-01T00:00:00.000Z";
    await rig.store.contacts.update([{ id, set: { job_title: "CTO" } }], rig.clock.iso());
    editWhileWaitingFor("/contacts/batch/update", id, {
      first_name: "Adele",
      provenance: { first_name: { source: "csv", at } },
    });

    await rig.sync({ ids: [id] });

    expect(await rig.one(ADA)).toMatchObject({ first_name: "Adele", city: "Bonn" });
    expect(rig.remote(ADA)).toMatchObject({ firstname: "Adele", jobtitle: "CTO" });
    const pulled = (await rig.store.syncLog.forRecord("contacts", id, 20))
      .filter((row) => row.action === "pull")
      .flatMap((row) => row.fields.map(({ field }) => field));
    expect(pulled).toEqual(["city"]);
  });

  test("is not looked at a second time when nothing but the sync itself changed it", async () => {
    await rig.contact(ADA, { first_name: "Ada" });
    rig.simulator.hubspot.seedContacts([{ email: ADA, jobtitle: "CTO" }]);

    const job = await rig.sync();

    expect(job.counts).toEqual({ updated: 1 });
    expect(job.progress.done).toBe(1);
  });
});

test("says so when HubSpot's new e-mail belongs to another local contact", async () => {
  const id = await rig.contact(ADA, { first_name: "Ada" });
  await rig.sync();
  await rig.contact("countess@acme-robotics.com", { status: "imported" });
  rig.simulator.hubspot.editAsUser("contacts", ADA, {
    email: "countess@acme-robotics.com",
    city: "Bonn",
  });

  const job = await rig.sync({ ids: [id] });

  expect(job.counts).toEqual({ failed: 1 });
  expect(job.errors).toContainEqual(expect.objectContaining({ code: "EMAIL_TAKEN" }));
  expect(JSON.stringify(job.errors)).not.toContain("countess");
  const local = await rig.one(ADA);
  expect(local).toMatchObject({ status: "failed", retry_at: null, city: "Bonn" });
  const fields = (await rig.store.syncLog.forRecord("contacts", id, 20))
    .filter((row) => row.action === "pull")
    .flatMap((row) => row.fields.map(({ field }) => field));
  expect(fields).toEqual(["city"]);
});
