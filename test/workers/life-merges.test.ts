import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contactKind } from "../../mcp-server/src/workers/contact-kind.ts";
import { endRemoved } from "../../mcp-server/src/workers/life-removed.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";
const PRIVATE = "ada@private-mail.com";

async function synced(email: string, first_name = "Ada"): Promise<number> {
  const id = await rig.contact(email, { first_name });
  await rig.sync();
  return id;
}

const idOf = (email: string) => rig.simulator.hubspot.find("contacts", email)?.id ?? "";
const look = (...ids: readonly number[]) => rig.sync({ ids, object: "contacts" });

async function linkOf(id: number): Promise<string | undefined> {
  const [link] = await rig.store.links.byLocalIds("contacts", [id]);
  return link?.hubspot_id;
}

async function moves(id: number) {
  const log = await rig.store.syncLog.forRecord("contacts", id, 50);
  return log
    .filter(({ action }) => action === "link")
    .flatMap(({ fields }) => fields.map(({ before, after, rule }) => ({ before, after, rule })));
}

async function baseOf(id: number) {
  const [state] = await rig.store.fieldStates.get("contacts", [id]);
  return state?.base;
}

/** Deletes the row here, as another program would. */
async function deleteHere(contactIds: readonly number[]): Promise<void> {
  const links = await rig.store.links.byLocalIds("contacts", contactIds);
  await rig.store.privacy.erase({ contactIds, emails: [], hubspotIds: [] }, rig.clock.iso());
  await rig.store.links.put(links, rig.clock.iso());
}

const removal = () => ({
  store: rig.store,
  crm: rig.crm,
  kind: contactKind(rig.maps.contacts),
  call: {},
  now: () => rig.clock.now(),
  runId: "removal",
});

describe("the link of a merged contact", () => {
  test("follows to the new record although nothing else changed, and the log says from where", async () => {
    const ada = await synced(ADA);
    const before = idOf(ADA);
    rig.simulator.hubspot.seedContacts([{ email: PRIVATE }]);
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);

    await look(ada);
    await look(ada);

    expect(await linkOf(ada)).toBe(survivor);
    expect(await moves(ada)).toEqual([{ before, after: survivor, rule: "merged in HubSpot" }]);
  });

  test("follows a chain of merges at once", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.seedContacts([{ email: PRIVATE }, { email: "a@private-mail.com" }]);
    rig.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, "a@private-mail.com");

    await look(ada);

    expect(await linkOf(ada)).toBe(survivor);
  });

  test("follows again when the new record is merged once more", async () => {
    const ada = await synced(ADA);
    rig.simulator.hubspot.seedContacts([{ email: PRIVATE }, { email: "a@private-mail.com" }]);
    rig.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    await look(ada);
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, "a@private-mail.com");

    await look(ada);

    expect(await linkOf(ada)).toBe(survivor);
    expect(await moves(ada)).toHaveLength(2);
  });
});

describe("two local contacts that HubSpot merged", () => {
  test.each([
    ["together", (a: number, b: number) => [[a, b]]],
    ["the first one first", (a: number, b: number) => [[a], [b]]],
    ["the second one first", (a: number, b: number) => [[b], [a]]],
  ])("leave the link to the one with the primary e-mail, looked at %s", async (_how, order) => {
    const ada = await synced(ADA);
    const grace = await synced(GRACE, "Grace");
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);

    for (const ids of order(ada, grace)) await look(...ids);
    await rig.sync();

    expect(await linkOf(ada)).toBe(survivor);
    expect(await linkOf(grace)).toBeUndefined();
    expect(await rig.one(GRACE)).toMatchObject({
      status: "failed",
      retry_at: null,
      error: expect.stringContaining("single record"),
    });
    expect(await baseOf(grace)).toEqual({});
    expect(await rig.one(ADA)).toMatchObject({ status: "synced" });
    rig.clock.advance(24 * 60 * 60_000);
    expect((await rig.sync()).counts).toEqual({});
  });

  test("heal when the one that kept the link is deleted here", async () => {
    const ada = await synced(ADA);
    const grace = await synced(GRACE, "Grace");
    const survivor = rig.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);
    await look(ada, grace);
    await deleteHere([ada]);

    await endRemoved(removal(), [ada]);
    const job = await rig.sync();

    expect(job.errors).toEqual([]);
    expect(await linkOf(grace)).toBe(survivor);
    expect(await rig.one(GRACE)).toMatchObject({ status: "synced", email: GRACE });
    expect(idOf(ADA)).toBe(survivor);
  });
});

describe("a contact that was deleted here", () => {
  test("leaves HubSpot's as it is, and a tombstone without a link", async () => {
    const ada = await synced(ADA);
    const hubspotId = idOf(ADA);
    await deleteHere([ada]);

    await endRemoved(removal(), [ada]);
    await endRemoved(removal(), [ada]);

    expect(await linkOf(ada)).toBeUndefined();
    expect(await rig.store.tombstones.byHubspotIds("contacts", [hubspotId])).toMatchObject([
      { reason: "removed", local_id: null },
    ]);
    expect(rig.simulator.hubspot.all("contacts")).toHaveLength(1);
  });

  test("is joined with HubSpot's again when a person imports it once more", async () => {
    const ada = await synced(ADA);
    const hubspotId = idOf(ADA);
    await deleteHere([ada]);
    await endRemoved(removal(), [ada]);
    const anew = await rig.contact(ADA, { first_name: "Ada" });

    const job = await rig.sync();

    expect(job.errors).toEqual([]);
    expect(await linkOf(anew)).toBe(hubspotId);
    expect(await rig.store.tombstones.byHubspotIds("contacts", [hubspotId])).toEqual([]);
  });

  test("ends no link of a contact that is stored", async () => {
    const ada = await synced(ADA);

    await endRemoved(removal(), [ada]);

    expect(await linkOf(ada)).toBe(idOf(ADA));
  });
});

describe("an e-mail", () => {
  test("that HubSpot has as a secondary one finds its contact, and both addresses stay", async () => {
    const [hubspotId] = rig.simulator.hubspot.seedContacts([
      { email: PRIVATE, hs_additional_emails: ADA },
    ]);

    const ada = await synced(ADA);
    await look(ada);

    expect(await linkOf(ada)).toBe(hubspotId);
    expect(await rig.one(ADA)).toMatchObject({ email: ADA, status: "synced" });
    expect(rig.remote(PRIVATE)).toMatchObject({ email: PRIVATE, hs_additional_emails: ADA });
  });

  test("that changes in HubSpot comes here over the same link", async () => {
    const ada = await synced(ADA);
    const hubspotId = idOf(ADA);
    rig.simulator.hubspot.editAsUser("contacts", hubspotId, { email: PRIVATE });

    const job = await look(ada);

    expect(job.counts).toEqual({ pulled: 1 });
    expect(await linkOf(ada)).toBe(hubspotId);
    expect(await rig.one(PRIVATE)).toMatchObject({ id: ada });
  });

  test("that changes here goes to HubSpot over the same link", async () => {
    const ada = await synced(ADA);
    const hubspotId = idOf(ADA);
    await rig.store
      .by("person")
      .contacts.update([{ id: ada, set: { email: PRIVATE } }], rig.clock.iso());

    const job = await look(ada);

    expect(job.counts).toEqual({ updated: 1 });
    expect(await linkOf(ada)).toBe(hubspotId);
    expect(idOf(PRIVATE)).toBe(hubspotId);
    expect(rig.simulator.hubspot.all("contacts")).toHaveLength(1);
  });

  test("that HubSpot swaps with a secondary one keeps the link, and nothing flips afterwards", async () => {
    const ada = await synced(ADA);
    const hubspotId = idOf(ADA);
    rig.simulator.hubspot.editAsUser("contacts", hubspotId, {
      email: PRIVATE,
      hs_additional_emails: ADA,
    });

    const job = await look(ada);

    expect(job.errors).toEqual([]);
    expect(await linkOf(ada)).toBe(hubspotId);
    rig.forget();
    expect((await look(ada)).counts).toEqual({ unchanged: 1 });
    expect(rig.remote(PRIVATE)).toMatchObject({ email: PRIVATE, hs_additional_emails: ADA });
  });

  test("that another local contact has is not taken over, visibly", async () => {
    const ada = await synced(ADA);
    const grace = await synced(GRACE, "Grace");
    rig.simulator.hubspot.editAsUser("contacts", idOf(GRACE), { email: "g@private-mail.com" });
    rig.simulator.hubspot.editAsUser("contacts", idOf(ADA), { email: GRACE });

    const job = await look(ada);

    expect(job.errors).toEqual([expect.objectContaining({ code: "EMAIL_TAKEN" })]);
    expect(await rig.one(ADA)).toMatchObject({ id: ada, status: "failed" });
    expect(await linkOf(grace)).toBeDefined();
  });
});
