/** Merges and changed addresses that meet other changes in awkward orders. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import { ADA } from "./inbound-scene.ts";
import { GRACE, type LifeScene, lifeScene, PRIVATE } from "./life-scene.ts";

let scene: LifeScene;
afterEach(() => scene.close());

async function begin(policy: DeletionPolicy = "keep"): Promise<void> {
  scene = await lifeScene(policy);
}

describe("a merge", () => {
  test.each(["with its notification", "without any"])(
    "of ours into an unlinked one takes the link along (%s)",
    async (how) => {
      await begin();
      scene.simulator.hubspot.seedContacts([{ email: PRIVATE, city: "Paris" }]);
      const survivor = scene.simulator.hubspot.mergeAsUser("contacts", PRIVATE, ADA);
      if (how === "without any") await scene.sync({ mode: "reconcile", object: "contacts" });
      await scene.hearAll();

      expect(await scene.linkOf(scene.ada)).toBe(survivor);
      expect(await scene.all()).toHaveLength(1);
      expect(scene.simulator.hubspot.all("contacts")).toHaveLength(1);
      await scene.quiet();
    },
  );

  test("that is followed by an edit and a deletion ends as the deletion of the record that lives on", async () => {
    await begin("delete");
    scene.simulator.hubspot.seedContacts([{ email: PRIVATE }]);
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    scene.simulator.hubspot.editAsUser("contacts", survivor, { city: "Berlin" });
    scene.simulator.hubspot.archiveAsUser("contacts", survivor);

    await scene.hearAll();

    expect(await scene.here(scene.ada)).toBeUndefined();
    await scene.sync();
    expect(scene.simulator.hubspot.all("contacts")).toEqual([]);
    await scene.quiet();
  });

  test("that was followed, then deleted and restored, brings the contact back once", async () => {
    await begin("delete");
    scene.simulator.hubspot.seedContacts([{ email: PRIVATE }]);
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, PRIVATE);
    await scene.hearAll();
    scene.simulator.hubspot.archiveAsUser("contacts", survivor);
    await scene.hearAll();
    expect(await scene.all()).toEqual([]);
    scene.simulator.hubspot.restoreAsUser("contacts", survivor);
    await scene.hearAll();

    expect(await scene.all()).toEqual([ADA]);
    expect(await scene.linkOf((await scene.one(ADA)).id)).toBe(survivor);
  });

  test("of two of ours, deleted afterwards, leaves one visible outcome each", async () => {
    await begin("delete");
    const other = await scene.grace();
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);
    await scene.hearAll();
    expect(await scene.linkOf(scene.ada)).toBe(survivor);
    expect(await scene.here(other)).toMatchObject({ status: "failed" });
    scene.simulator.hubspot.archiveAsUser("contacts", survivor);
    await scene.hearAll();

    expect(await scene.here(scene.ada)).toBeUndefined();
    // Grace was part of what was deleted: she is not created anew.
    await scene.sync();
    await scene.sync({ ids: [other], object: "contacts" });
    expect(scene.simulator.hubspot.all("contacts")).toEqual([]);
  });

  test("of two of ours in which both had been edited here loses neither edit", async () => {
    await begin();
    const other = await scene.grace();
    await scene.change(scene.ada, { city: "Rome" });
    await scene.change(other, { city: "Oslo" });
    const survivor = scene.simulator.hubspot.mergeAsUser("contacts", ADA, GRACE);

    await scene.hearAll();
    await scene.sync();
    await scene.hearAll();

    expect(scene.simulator.hubspot.find("contacts", survivor)?.properties["city"]).toBe("Rome");
    expect(await scene.here(other)).toMatchObject({ city: "Oslo", status: "failed" });
  });
});

describe("e-mail addresses", () => {
  test("that two contacts swapped in HubSpot are swapped here, or visibly not", async () => {
    await begin();
    const other = await scene.grace();
    const there = scene.simulator.hubspot.find("contacts", GRACE)?.id ?? "";
    scene.simulator.hubspot.editAsUser("contacts", there, { email: "swap@acme-robotics.com" });
    scene.simulator.hubspot.editAsUser("contacts", scene.adaThere, { email: GRACE });
    scene.simulator.hubspot.editAsUser("contacts", there, { email: ADA });

    await scene.hearAll();
    for (let n = 0; n < 3; n++) {
      scene.clock.advance(20 * 60_000);
      await scene.sync({ queued_only: true });
    }

    expect(await scene.linkOf(scene.ada)).toBe(scene.adaThere);
    expect(await scene.linkOf(other)).toBe(there);
    const [ada, second] = [await scene.here(scene.ada), await scene.here(other)];
    const isSwapped = ada?.email === GRACE && second?.email === ADA;
    const isTold = [ada, second].every((one) => one?.error?.includes("e-mail"));
    expect({ ada: ada?.email, other: second?.email, ok: isSwapped || isTold }).toMatchObject({
      ok: true,
    });
    expect(scene.simulator.hubspot.find("contacts", scene.adaThere)?.properties["email"]).toBe(
      GRACE,
    );
    expect(scene.simulator.hubspot.find("contacts", there)?.properties["email"]).toBe(ADA);
  });

  test("that change in case only change nothing", async () => {
    await begin();
    await scene.change(scene.ada, { email: ADA });
    scene.edit({ email: ADA.toUpperCase() });
    await scene.hearAll();
    expect(await scene.one(ADA)).toMatchObject({ status: "synced" });
    await scene.quiet();
  });

  test("that both sides changed are decided by the field's rule, and the link stays", async () => {
    await begin();
    await scene.change(scene.ada, { email: "a@acme-robotics.com" });
    scene.clock.advance(60_000);
    scene.edit({ email: "b@acme-robotics.com" });

    await scene.hearAll();
    await scene.sync();
    await scene.hearAll();

    expect(await scene.linkOf(scene.ada)).toBe(scene.adaThere);
    const there = scene.simulator.hubspot.find("contacts", scene.adaThere)?.properties["email"];
    const local = (await scene.here(scene.ada))?.email;
    expect(there === local || (await scene.open()).length === 1).toBe(true);
    expect(scene.simulator.hubspot.all("contacts")).toHaveLength(1);
  });
});
