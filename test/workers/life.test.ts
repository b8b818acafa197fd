import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeletionPolicies } from "../../mcp-server/src/core/life.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";

async function withPolicy(contacts: DeletionPolicies["contacts"]): Promise<void> {
  await rig.close();
  rig = await syncRig({
    live: { deletions: { contacts, customers: "keep" } },
  });
}

async function synced(email: string): Promise<{ readonly id: number; readonly hubspotId: string }> {
  const id = await rig.contact(email, { first_name: "Ada", job_title: "Engineer" });
  await rig.sync();
  return { id, hubspotId: rig.simulator.hubspot.find("contacts", email)?.id ?? "" };
}

/** As a person edits it here, through a tool. */
async function edit(id: number, set: { readonly job_title: string }): Promise<void> {
  await rig.store.by("person").contacts.update([{ id, set }], rig.clock.iso());
}

async function look(id: number) {
  return rig.sync({ ids: [id], object: "contacts" });
}

async function linkOf(id: number): Promise<string | undefined> {
  const [link] = await rig.store.links.byLocalIds("contacts", [id]);
  return link?.hubspot_id;
}

async function stoneOf(hubspotId: string) {
  const [stone] = await rig.store.tombstones.byHubspotIds("contacts", [hubspotId]);
  return stone;
}

async function openConflicts() {
  const { conflicts } = await rig.store.conflicts.list({}, { afterId: 0, limit: 10 });
  return conflicts;
}

function thereAre(count: number): void {
  expect(rig.simulator.hubspot.all("contacts")).toHaveLength(count);
}

const rules = async (id: number) =>
  (await rig.store.syncLog.forRecord("contacts", id, 50))
    .filter(({ fields }) => fields.some(({ field }) => field === "@record"))
    .map(({ action, fields }) => [action, fields[0]?.rule]);

describe("a contact that was deleted in HubSpot", () => {
  test("is kept and marked, settled and not tried again", async () => {
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);

    const job = await look(id);

    expect(job).toMatchObject({ counts: { deleted_in_hubspot: 1 }, errors: [] });
    expect(await rig.one(ADA)).toMatchObject({ status: "synced", error: null, retry_at: null });
    expect(await stoneOf(hubspotId)).toMatchObject({ policy: "kept", local_id: id });
    expect(await linkOf(id)).toBe(hubspotId);
    rig.forget();
    rig.clock.advance(24 * 60 * 60_000);
    expect((await rig.sync()).counts).toEqual({});
    expect(rig.requests().filter((each) => each.includes("contacts"))).toEqual([]);
    thereAre(0);
  });

  test("is told of once, however often it is looked at", async () => {
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    const stone = await stoneOf(hubspotId);
    rig.clock.advance(60_000);

    await look(id);

    expect(await stoneOf(hubspotId)).toEqual(stone);
    expect(await rules(id)).toEqual([["none", "deleted in HubSpot: kept"]]);
  });

  test("is unlinked where the policy says so, and never created again", async () => {
    await withPolicy("unlink");
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);

    const job = await look(id);
    const again = await look(id);

    expect(job.counts).toEqual({ deleted_in_hubspot: 1 });
    expect(again).toMatchObject({ counts: { deleted_in_hubspot: 1 }, errors: [] });
    expect(await linkOf(id)).toBeUndefined();
    expect(await stoneOf(hubspotId)).toMatchObject({ policy: "unlinked", local_id: id });
    thereAre(0);
  });

  test("is deleted here where the policy says so, and held back when it is imported again", async () => {
    await withPolicy("delete");
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);

    const job = await look(id);

    expect(job.counts).toEqual({ deleted_in_hubspot: 1 });
    expect(await rig.store.contacts.findByIds([id])).toEqual([]);
    expect(await stoneOf(hubspotId)).toMatchObject({ policy: "deleted", local_id: null });
    const anew = await rig.contact(ADA, { first_name: "Ada" });
    expect(await rig.sync()).toMatchObject({ counts: { deleted_in_hubspot: 1 }, errors: [] });
    thereAre(0);
    expect(await stoneOf(hubspotId)).toMatchObject({ policy: "deleted", local_id: anew });
  });

  test("is a person's decision when it was edited here, whatever the policy", async () => {
    await withPolicy("delete");
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await edit(id, { job_title: "CTO" });

    const job = await look(id);

    expect(job).toMatchObject({ counts: { conflicts: 1 }, errors: [] });
    expect(await openConflicts()).toMatchObject([
      {
        local_id: id,
        field: "@record",
        local: 'edited here: job_title = "CTO"',
        hubspot: "deleted in HubSpot",
        local_by: "person",
      },
    ]);
    expect(await stoneOf(hubspotId)).toMatchObject({ policy: "waiting" });
    expect(await rig.one(ADA)).toMatchObject({ job_title: "CTO" });
    thereAre(0);
  });

  test("becomes a person's decision when it is edited after it was kept", async () => {
    const { id } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    await edit(id, { job_title: "CTO" });

    await look(id);

    expect(await openConflicts()).toMatchObject([{ field: "@record" }]);
    await edit(id, { job_title: "Engineer" });
    await look(id);
    expect(await openConflicts()).toEqual([]);
    thereAre(0);
  });

  test("becomes a person's decision when it is edited after it was unlinked", async () => {
    await withPolicy("unlink");
    const { id } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    await edit(id, { job_title: "CTO" });

    const job = await look(id);

    expect(job.counts).toEqual({ conflicts: 1 });
    expect(await openConflicts()).toMatchObject([{ field: "@record" }]);
    thereAre(0);
  });

  test("is not taken for deleted when HubSpot cannot be asked", async () => {
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-500",
      times: 60,
      path: "/contacts/batch/read",
    });

    await look(id);

    expect(await stoneOf(hubspotId)).toBeUndefined();
    expect(await linkOf(id)).toBe(hubspotId);
  });

  test("harms no other contact of its batch", async () => {
    const ada = await synced(ADA);
    const grace = await synced(GRACE);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await edit(grace.id, { job_title: "Admiral" });

    const job = await rig.sync({ ids: [ada.id, grace.id], object: "contacts" });

    expect(job.counts).toMatchObject({ updated: 1, deleted_in_hubspot: 1 });
    expect(rig.remote(GRACE)).toMatchObject({ jobtitle: "Admiral" });
  });

  test("and entered there anew is joined with the new record, which it fills", async () => {
    const { id } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    const [anew] = rig.simulator.hubspot.seedContacts([{ email: ADA, city: "Bonn" }]);

    const job = await look(id);

    expect(job.errors).toEqual([]);
    expect(await linkOf(id)).toBe(anew);
    expect(rig.remote(ADA)).toMatchObject({ jobtitle: "Engineer", city: "Bonn" });
    expect(await rig.one(ADA)).toMatchObject({ job_title: "Engineer", city: "Bonn" });
    expect((await look(id)).counts).toEqual({ unchanged: 1 });
  });
});

describe("a contact that HubSpot restored", () => {
  test("goes on where it was: the tombstone is lifted and the old base decides", async () => {
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    rig.simulator.hubspot.restoreAsUser("contacts", hubspotId);
    rig.simulator.hubspot.editAsUser("contacts", hubspotId, { jobtitle: "CTO" });

    const job = await look(id);

    expect(job.counts).toEqual({ pulled: 1 });
    expect(await rig.one(ADA)).toMatchObject({ job_title: "CTO" });
    expect(await stoneOf(hubspotId)).toBeUndefined();
    expect(await rules(id)).toContainEqual(["link", "HubSpot has it again"]);
  });

  test("is linked again when it had been unlinked, even under another e-mail", async () => {
    await withPolicy("unlink");
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await look(id);
    rig.simulator.hubspot.restoreAsUser("contacts", hubspotId);
    rig.simulator.hubspot.editAsUser("contacts", hubspotId, { email: "ada@private-mail.com" });

    const job = await look(id);

    expect(job.errors).toEqual([]);
    expect(await linkOf(id)).toBe(hubspotId);
    expect(await stoneOf(hubspotId)).toBeUndefined();
    thereAre(1);
  });

  test("closes the conflict that its deletion had opened", async () => {
    const { id, hubspotId } = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);
    await edit(id, { job_title: "CTO" });
    await look(id);
    rig.simulator.hubspot.restoreAsUser("contacts", hubspotId);

    const job = await look(id);

    expect(job.counts).toEqual({ updated: 1 });
    expect(await openConflicts()).toEqual([]);
    expect(rig.remote(ADA)).toMatchObject({ jobtitle: "CTO" });
  });
});
