/** A customer whose company HubSpot deleted, and whom people then enter there anew by hand: signals and polls find it by its account number. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SyncRig } from "../support/sync-rig.ts";
import { type InboundScene, inboundScene } from "./inbound-scene.ts";
import { type PollRig, pollRig } from "./poll-rig.ts";

/** A customer that both sides knew until HubSpot's people deleted the company; its local id. */
async function deletedThere(rig: SyncRig, tellIt: () => Promise<unknown>): Promise<number> {
  await rig.store
    .by("sync")
    .customers.upsert([{ ban: "B-1", company_name: "Acme" }], rig.clock.iso());
  await rig.sync({ object: "customers" });
  rig.simulator.hubspot.archiveAsUser("companies", "warp_ban=B-1");
  await tellIt();
  expect(await rig.store.tombstones.counts()).toMatchObject([{ policy: "kept", count: 1 }]);
  const [customer] = await rig.store.customers.findByBans(["B-1"]);
  return customer?.id ?? 0;
}

/** As an integration or a person in HubSpot's pages enters it. */
async function enterAnew(rig: SyncRig, ban = "B-1"): Promise<string> {
  const properties = { name: "Acme by hand", warp_ban: ban };
  await rig.crm.create("companies", [{ ref: "1", properties, associations: [] }]);
  return rig.simulator.hubspot.find("companies", `warp_ban=${ban}`)?.id ?? "";
}

const linkOf = async (rig: SyncRig, id: number) =>
  (await rig.store.links.byLocalIds("customers", [id]))[0]?.hubspot_id;

describe("by webhook", () => {
  let scene: InboundScene;
  beforeEach(async () => {
    scene = await inboundScene();
  });
  afterEach(() => scene.close());

  const hearAll = async () => {
    await scene.hear();
    await scene.look();
  };

  const companyReads = () =>
    scene.requests().filter((line) => line.includes("companies/batch/read"));

  test("the company entered anew is the customer's from then on", async () => {
    const id = await deletedThere(scene, hearAll);
    const anew = await enterAnew(scene);

    await hearAll();

    expect(await linkOf(scene, id)).toBe(anew);
    expect(await scene.store.tombstones.counts()).toEqual([]);
    const [customer] = await scene.store.customers.findByBans(["B-1"]);
    expect(customer).toMatchObject({
      company_name: "Acme by hand",
      external_ids: { hubspot_company_id: anew },
    });
  });

  test("its number may be written in another case", async () => {
    const id = await deletedThere(scene, hearAll);
    const anew = await enterAnew(scene, "b-1");

    await hearAll();

    expect(await linkOf(scene, id)).toBe(anew);
  });

  test("a company of another number costs one look and marks nobody", async () => {
    const id = await deletedThere(scene, hearAll);
    const before = await linkOf(scene, id);
    await enterAnew(scene, "B-2");
    scene.forget();

    await hearAll();

    expect(companyReads()).not.toEqual([]);
    expect(await linkOf(scene, id)).toBe(before);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
  });

  test("while nothing was deleted, companies that nobody knows are not even read", async () => {
    await scene.store.by("sync").customers.upsert([{ ban: "B-1" }], scene.clock.iso());
    scene.forget();
    await scene.notify(scene.notification("company.creation", "4711"));

    await scene.look();

    expect(companyReads()).toEqual([]);
  });
});

describe("by poll", () => {
  let rig: PollRig;
  beforeEach(async () => {
    rig = await pollRig();
  });
  afterEach(() => rig.close());

  test("the company entered anew marks the customer", async () => {
    const id = await deletedThere(rig, async () => {
      await rig.calm();
      await rig.sync({ object: "customers" });
    });
    await enterAnew(rig);
    rig.minutes(15);

    await rig.pass();

    expect(await rig.inbound("customers")).toEqual([id]);
  });
});
