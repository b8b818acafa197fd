/** HubSpot contacts that nobody here knows: who becomes a local contact, who is one already, and who never comes back. */
import { afterEach, describe, expect, test } from "vitest";
import type { RigOptions } from "../support/sync-rig.ts";
import { syncRig } from "../support/sync-rig.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

const BOB = "bob@acme-robotics.com";
const never = new AbortController().signal;

let scene: InboundScene;
afterEach(() => scene.close());

async function begin(options: RigOptions = {}): Promise<void> {
  scene = await inboundScene(options);
  // The first look is what tells old contacts from new ones.
  await scene.look();
  scene.forget();
}

const there = () => scene.simulator.hubspot;
const createBob = (values: Readonly<Record<string, string>> = {}) =>
  there().seed("contacts", [{ email: BOB, firstname: "Bob", ...values }])[0] ?? "";
const tellOf = (id: string, kind = "contact.creation") =>
  scene.notify(scene.notification(kind, id));
const isHere = async (email: string) =>
  (await scene.store.contacts.findByEmails([email])).length === 1;

describe("a contact that was created in HubSpot", () => {
  test("becomes a local one, imported and linked, and enrichment is told", async () => {
    await begin();
    const counts: number[] = [];
    scene.events.on("contacts-imported", ({ count }) => counts.push(count));
    const id = createBob({ city: "Bonn" });
    await tellOf(id);

    await scene.look();

    const bob = await scene.one(BOB);
    expect(bob).toMatchObject({
      first_name: "Bob",
      city: "Bonn",
      status: "imported",
      source: "hubspot",
    });
    expect(await scene.store.links.byLocalIds("contacts", [bob.id])).toMatchObject([
      { hubspot_id: id },
    ]);
    expect(counts).toEqual([1]);
    expect(scene.requests()).toHaveLength(1);
    expect(scene.writes()).toEqual([]);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("goes the whole way: enriched, written back, and then everything is quiet", async () => {
    await begin();
    const id = createBob();
    await tellOf(id);
    await scene.look();

    const { job } = await scene.jobs.start("enrich", {});
    await scene.jobs.wait(job.job_id, 20_000);
    await scene.sync({ filter: { status: "enriched" } });

    expect((await scene.one(BOB)).status).toBe("synced");
    expect(scene.remote(BOB)["sync_quality_score"]).toBeDefined();
    await scene.hear();
    scene.forget();
    for (let n = 0; n < 3; n++) await scene.look();
    expect(scene.writes()).toEqual([]);
    expect(there().all("contacts")).toHaveLength(2);
  });

  test("arrives once, however often and from whom it is told", async () => {
    await begin();
    const other = await syncRig({ beside: scene });
    const id = createBob();
    for (let n = 0; n < 5; n++) await tellOf(id);

    await Promise.all([scene.look(), other.live(never)]);
    await tellOf(id, "contact.propertyChange");
    await Promise.all([scene.look(), other.live(never)]);

    expect((await scene.store.contacts.countByStatus())["imported"]).toBe(1);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
    await other.close();
  });

  test("of somebody who is here already is joined to that one", async () => {
    await begin();
    await scene.contact(BOB, { first_name: "Robert", status: "synced" });
    const id = createBob({ city: "Bonn" });
    await tellOf(id);

    await scene.look();

    const bob = await scene.one(BOB);
    expect(bob.city).toBe("Bonn");
    expect(await scene.store.links.byLocalIds("contacts", [bob.id])).toMatchObject([
      { hubspot_id: id },
    ]);
  });

  test("without an e-mail is passed over, and the log says that there was one", async () => {
    await begin();
    const id = there().seed("contacts", [{ firstname: "Nobody" }])[0] ?? "";
    await tellOf(id);

    await scene.look();

    expect((await scene.store.contacts.countByStatus())["imported"] ?? 0).toBe(0);
    expect(scene.log.lines.map(({ fields }) => fields["without_email"])).toContain(1);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("and is gone before anybody looked leaves nothing behind", async () => {
    await begin();
    const id = createBob();
    await tellOf(id);
    there().archiveAsUser("contacts", id);
    await tellOf(id, "contact.deletion");

    await scene.look();

    expect(await isHere(BOB)).toBe(false);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });
});

describe("a contact that HubSpot had long before", () => {
  test("is not taken over when it changes, by default", async () => {
    await begin();
    const id = there().seed("contacts", [{ email: BOB }], scene.clock.now() - 1_000)[0] ?? "";
    await scene.store.cursors.set("inbound-since", "2099-01-01T00:00:00.000Z", scene.clock.iso());
    await tellOf(id, "contact.propertyChange");

    await scene.look();

    expect(await isHere(BOB)).toBe(false);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("is taken over when it changes, where that is wanted", async () => {
    await begin({ live: { newContacts: "changed" } });
    const id = createBob();
    await scene.store.cursors.set("inbound-since", "2099-01-01T00:00:00.000Z", scene.clock.iso());
    await tellOf(id, "contact.propertyChange");

    await scene.look();

    expect(await isHere(BOB)).toBe(true);
  });
});

test("nobody is taken over where that is switched off", async () => {
  await begin({ live: { newContacts: "off" } });
  await tellOf(createBob());

  await scene.look();

  expect(await isHere(BOB)).toBe(false);
});

test("a record that ours was merged into leads to ours, whatever its address is by now", async () => {
  await begin();
  createBob();
  const survivor = there().mergeAsUser("contacts", BOB, ADA);
  await scene.editHere({ email: "countess@acme-robotics.com" });
  await tellOf(survivor, "contact.propertyChange");

  await scene.look();

  expect(await scene.store.links.byLocalIds("contacts", [scene.ada])).toMatchObject([
    { hubspot_id: survivor },
  ]);
  expect(await isHere(BOB)).toBe(false);
});

describe("after an end", () => {
  test("a contact that was erased for privacy stays away, even under a new id", async () => {
    await begin();
    there().eraseAsUser("contacts", ADA);
    await tellOf(scene.adaThere, "contact.privacyDeletion");
    await scene.look();
    expect(await isHere(ADA)).toBe(false);

    const again = there().seed("contacts", [{ email: ADA }])[0] ?? "";
    await tellOf(again);
    await scene.look();

    expect(await isHere(ADA)).toBe(false);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("a privacy deletion erases, whether its deletion comes before or after it", async () => {
    for (const kinds of [
      ["contact.deletion", "contact.privacyDeletion"],
      ["contact.privacyDeletion", "contact.deletion"],
    ]) {
      await begin();
      there().eraseAsUser("contacts", ADA);
      for (const kind of kinds) {
        await tellOf(scene.adaThere, kind);
        await scene.look();
      }
      expect(await isHere(ADA)).toBe(false);
      expect(await scene.store.tombstones.counts()).toMatchObject([
        { reason: "erased", policy: "erased", count: 1 },
      ]);
      await scene.close();
    }
    await begin();
  });
});

describe("what goes wrong", () => {
  test("is tried again in a quarter of an hour, and the reason is kept", async () => {
    await begin();
    const id = createBob();
    await tellOf(id);
    const { faults } = scene.simulator;
    faults.add({
      service: "hubspot",
      name: "http-503",
      times: 1_000,
      path: "/contacts/batch/read",
    });
    await scene.look();
    expect((await scene.store.remoteQueue.depth(scene.clock.iso())).due).toBe(0);
    faults.clear();

    scene.clock.advance(15 * 60_000);
    await scene.look();

    expect(await isHere(BOB)).toBe(true);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("a refused token makes looks rest, and nothing is lost", async () => {
    await begin();
    await tellOf(createBob());
    scene.simulator.faults.add({ service: "hubspot", name: "unauthorized", times: 1 });
    await scene.look();
    scene.forget();

    for (let n = 0; n < 10; n++) await scene.look();
    expect(scene.requests()).toEqual([]);
    expect(JSON.parse((await scene.store.cursors.get("live-trouble")) ?? "{}")).toMatchObject({
      code: "HUBSPOT_TOKEN_REFUSED",
    });
    scene.clock.advance(15 * 60_000);
    await scene.look();
    expect(await isHere(BOB)).toBe(true);
  });

  test("a look that is stopped gives its records back at once", async () => {
    await begin();
    await tellOf(createBob());
    const slow = {
      service: "hubspot",
      name: "slow",
      delayMs: 60_000,
      path: "/batch/read",
    } as const;
    scene.simulator.faults.add(slow);
    const ending = new AbortController();
    const look = scene.live(ending.signal);
    await expect.poll(() => scene.requests().length).toBeGreaterThan(0);
    ending.abort();
    await look;
    scene.simulator.faults.clear();

    await scene.look();

    expect(await isHere(BOB)).toBe(true);
  });
});
