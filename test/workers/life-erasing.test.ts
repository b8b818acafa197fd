/** Privacy deletions that meet merges, deletions and people who look alike. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import { eraseContacts } from "../../mcp-server/src/workers/erase-contacts.ts";
import { ADA } from "./inbound-scene.ts";
import { GRACE, type LifeScene, lifeScene, PRIVATE } from "./life-scene.ts";

let scene: LifeScene;
afterEach(() => scene.close());

async function begin(policy: DeletionPolicy = "keep"): Promise<void> {
  scene = await lifeScene(policy);
}

describe("erasing", () => {
  const erase = (...ids: readonly string[]) =>
    eraseContacts(
      {
        store: scene.store,
        crm: scene.crm,
        call: {},
        now: () => scene.clock.now(),
        log: scene.log,
      },
      ids,
    );

  test.each(["keep", "unlink", "delete"] as const)(
    "after the deletion was carried out leaves no value of the person (%s)",
    async (policy) => {
      await begin(policy);
      await scene.change(scene.ada, { first_name: "Adeline", phone: "+4930123456" });
      await scene.sync();
      scene.simulator.hubspot.archiveAsUser("contacts", ADA);
      await scene.hearAll();
      scene.simulator.hubspot.eraseAsUser("contacts", scene.adaThere);
      await scene.hearAll();

      expect(await scene.all()).toEqual([]);
      const log = await scene.store.syncLog.forRecord("contacts", scene.ada, 100);
      expect(log.length).toBeGreaterThan(0);
      expect(JSON.stringify(log)).not.toMatch(/ada@|Adeline|4930123456/);
      const stones = await scene.store.tombstones.byHubspotIds("contacts", [scene.adaThere]);
      expect(stones).toMatchObject([{ reason: "erased", key_hash: expect.any(String) }]);
      await scene.quiet();
    },
  );

  test("leaves people with a similar address alone", async () => {
    await begin();
    const similar = ["xada@acme-robotics.com", "ada@acme-robotics.com.au", "ada@acme-robotics.co"];
    for (const email of similar) await scene.contact(email, { first_name: "Ada" });
    await scene.sync({ emails: [...similar, ADA] });
    await scene.hearAll();
    scene.simulator.hubspot.eraseAsUser("contacts", ADA);
    await scene.hearAll();

    expect([...(await scene.all())].sort()).toEqual([...similar].sort());
    for (const email of similar) {
      const { id } = await scene.one(email);
      expect(await scene.linkOf(id)).toBeDefined();
      const log = await scene.store.syncLog.forRecord("contacts", id, 100);
      expect(JSON.stringify(log)).toContain(email);
    }
    const jobs = await scene.store.jobs.active("sync");
    expect(jobs).toBeNull();
    await scene.quiet();
  });

  test("follows a merge that nobody looked at", async () => {
    await begin();
    scene.simulator.hubspot.seedContacts([{ email: PRIVATE }]);
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    scene.simulator.hubspot.eraseAsUser("contacts", survivor);

    await scene.hearAll();

    expect(await scene.all()).toEqual([]);
    await scene.sync();
    expect(scene.simulator.hubspot.all("contacts")).toEqual([]);
  });

  test("of a merged contact erases the local twin, too", async () => {
    await begin();
    await scene.grace();
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);
    await scene.hearAll();
    scene.simulator.hubspot.eraseAsUser("contacts", survivor);
    await scene.hearAll();

    expect(await scene.all()).toEqual([]);
  });

  test("knows secondary addresses when somebody imports the person under one", async () => {
    await begin();
    scene.simulator.hubspot.seedContacts([{ email: PRIVATE }]);
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    await scene.hearAll();
    scene.simulator.hubspot.eraseAsUser("contacts", survivor);
    await scene.hearAll();
    await scene.contact(PRIVATE, { first_name: "Ada" });

    await scene.sync();

    expect(scene.simulator.hubspot.all("contacts")).toEqual([]);
  });

  test("spares a contact that has had one of the person's addresses since", async () => {
    await begin();
    scene.simulator.hubspot.seedContacts([{ email: GRACE }]);
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);
    await scene.hearAll();
    scene.simulator.hubspot.editAsUser("contacts", survivor, { hs_additional_emails: "" });
    const other = await scene.grace();
    expect(await scene.linkOf(other)).not.toBe(survivor);
    scene.simulator.hubspot.eraseAsUser("contacts", survivor);

    await scene.hearAll();

    expect(await scene.all()).toEqual([GRACE]);
    expect(await scene.linkOf(other)).toBeDefined();
    await scene.quiet();
  });

  test("twice, and of one that is unknown, is harmless", async () => {
    await begin();
    scene.simulator.hubspot.eraseAsUser("contacts", ADA);
    await scene.hearAll();
    await erase(scene.adaThere);
    await erase(scene.adaThere, "987654");
    expect(await scene.all()).toEqual([]);
    await scene.quiet();
  });
});
