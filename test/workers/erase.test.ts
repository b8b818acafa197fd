import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eraseContacts } from "../../mcp-server/src/workers/erase-contacts.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";

async function synced(email: string): Promise<{ readonly id: number; readonly hubspotId: string }> {
  const id = await rig.contact(email, { first_name: "Ada" });
  await rig.sync();
  return { id, hubspotId: rig.simulator.hubspot.find("contacts", email)?.id ?? "" };
}

const erase = (...ids: readonly string[]) =>
  eraseContacts(
    { store: rig.store, crm: rig.crm, call: {}, now: () => rig.clock.now(), log: rig.log },
    ids,
  );

const stonesOf = (id: string) =>
  rig.store.tombstones.byHubspotIds("contacts", [id, `${id}/2`, `${id}/3`]);

async function contactsHere(): Promise<readonly string[]> {
  const page = await rig.store.contacts.query({ filter: {}, limit: 10 });
  return page.items.map(({ email }) => email);
}

describe("a contact that HubSpot deleted for privacy", () => {
  test("is erased here, and a tombstone without a name stays", async () => {
    const ada = await synced(ADA);
    await synced(GRACE);
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);

    await erase(ada.hubspotId);

    expect(await contactsHere()).toEqual([GRACE]);
    expect(await rig.store.links.byHubspotIds("contacts", [ada.hubspotId])).toEqual([]);
    const stones = await stonesOf(ada.hubspotId);
    expect(stones).toMatchObject([{ reason: "erased", policy: "erased", local_id: null }]);
    expect(JSON.stringify(stones)).not.toContain("ada");
  });

  test("does not come back as another contact's e-mail, and the refusal names nobody", async () => {
    const ada = await synced(ADA);
    const grace = await synced(GRACE);
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);
    await erase(ada.hubspotId);
    rig.simulator.hubspot.editAsUser("contacts", GRACE, { email: ADA });

    const job = await rig.sync({ ids: [grace.id], object: "contacts" });

    expect(job.errors).toEqual([expect.objectContaining({ code: "EMAIL_ERASED" })]);
    expect(JSON.stringify(job.errors)).not.toContain("ada@");
    expect(await contactsHere()).toEqual([GRACE]);
    expect(await rig.one(GRACE)).toMatchObject({ status: "failed", retry_at: null });
  });

  test("leaves a line in the log that names nobody", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);

    await erase(ada.hubspotId);

    const log = await rig.store.syncLog.forRecord("contacts", ada.id, 50);
    expect(log[0]?.fields).toMatchObject([
      { field: "@record", rule: "deleted for privacy in HubSpot: erased here" },
    ]);
    expect(JSON.stringify(log).toLowerCase()).not.toContain("ada");
  });

  test.each(["deletion first", "erasure first", "erasure twice"])(
    "ends the same whatever HubSpot says first (%s)",
    async (order) => {
      const ada = await synced(ADA);
      rig.simulator.hubspot.eraseAsUser("contacts", ADA);
      if (order === "deletion first") await rig.sync({ ids: [ada.id], object: "contacts" });

      await erase(ada.hubspotId);
      if (order === "erasure twice") await erase(ada.hubspotId);
      await rig.sync({ ids: [ada.id], object: "contacts" });

      expect(await contactsHere()).toEqual([]);
      const [stone, ...others] = await stonesOf(ada.hubspotId);
      expect(stone).toMatchObject({ reason: "erased", key_hash: expect.any(String) });
      expect(others).toEqual([]);
    },
  );

  test("is never sent to HubSpot again when somebody gets it into the database all the same", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);
    await erase(ada.hubspotId);
    await rig.contact(ADA, { first_name: "Ada" });

    const job = await rig.sync();

    expect(job.errors).toEqual([expect.objectContaining({ code: "ERASED_FOR_PRIVACY" })]);
    expect(rig.simulator.hubspot.all("contacts")).toEqual([]);
    expect(await rig.one(ADA)).toMatchObject({ status: "failed", retry_at: null });
  });

  test("is remembered by the address that HubSpot knew and by the one it never got", async () => {
    const ada = await synced(ADA);
    await rig.store
      .by("person")
      .contacts.update([{ id: ada.id, set: { email: GRACE } }], rig.clock.iso());
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);

    await erase(ada.hubspotId);

    const hashes = (await stonesOf(ada.hubspotId)).map(({ key_hash }) => key_hash);
    expect(new Set(hashes).size).toBe(2);
  });

  test("keeps an unknown person out, too, without a key", async () => {
    await erase("4711");

    expect(await stonesOf("4711")).toMatchObject([{ reason: "erased", key_hash: null }]);
  });

  test("is not written down again by a sync that was under way", async () => {
    const ada = await synced(ADA);
    await rig.store
      .by("person")
      .contacts.update([{ id: ada.id, set: { job_title: "Countess" } }], rig.clock.iso());
    rig.whileWaitingFor("/contacts/batch/update", async () => {
      rig.simulator.hubspot.eraseAsUser("contacts", ADA);
      await erase(ada.hubspotId);
    });

    await rig.sync({ ids: [ada.id], object: "contacts" });

    expect(await contactsHere()).toEqual([]);
    expect(await rig.store.links.byLocalIds("contacts", [ada.id])).toEqual([]);
    const [state] = await rig.store.fieldStates.get("contacts", [ada.id]);
    expect(state?.base ?? {}).toEqual({});
    const log = await rig.store.syncLog.forRecord("contacts", ada.id, 50);
    expect(JSON.stringify(log)).not.toContain("Countess");
  });
});

describe("a contact that HubSpot still has", () => {
  test("is not erased by an announcement alone", async () => {
    const ada = await synced(ADA);

    await erase(ada.hubspotId);

    expect(await contactsHere()).toEqual([ADA]);
    expect(await stonesOf(ada.hubspotId)).toEqual([]);
    expect(rig.log.lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("privacy deletion"),
    );
  });

  // HubSpot docs: a privacy deletion may take up to 30 days to be purged (read 2026-11).
  test("only in its recycle bin is erased: the purge may take HubSpot weeks", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.archiveAsUser("contacts", ADA);

    await erase(ada.hubspotId);

    expect(await contactsHere()).toEqual([]);
    expect(await stonesOf(ada.hubspotId)).not.toEqual([]);
  });

  test("under another id since a merge is not erased", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.seedContacts([{ email: GRACE }]);
    rig.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);

    await erase(ada.hubspotId);

    expect(await contactsHere()).toEqual([ADA]);
  });

  test("is not erased while HubSpot cannot be asked", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.eraseAsUser("contacts", ADA);
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-500",
      times: 60,
      path: "/contacts/batch/read",
    });

    await expect(erase(ada.hubspotId)).rejects.toMatchObject({ kind: "unavailable" });

    expect(await contactsHere()).toEqual([ADA]);
  });
});
