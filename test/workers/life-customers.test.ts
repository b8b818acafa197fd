import { afterEach, beforeEach, expect, test } from "vitest";
import { customerKind } from "../../mcp-server/src/workers/customer-kind.ts";
import { endRemoved } from "../../mcp-server/src/workers/life-removed.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
});
afterEach(() => scene.close());

const BAN = "B-1";
const KEY = `warp_ban=${BAN}`;

async function synced(): Promise<{ readonly id: number; readonly hubspotId: string }> {
  const id = await scene.customer({ ban: BAN, company_name: "Acme", status: "ACTIVE" });
  await scene.sync();
  return { id, hubspotId: scene.companyId(BAN) };
}

const stoneOf = async (hubspotId: string) =>
  (await scene.store.tombstones.byHubspotIds("customers", [hubspotId]))[0];

test("a customer whose company HubSpot deleted is kept and marked, and not created anew", async () => {
  const { id, hubspotId } = await synced();
  scene.simulator.hubspot.archiveAsUser("companies", KEY);
  await scene.look("customers", id);

  const job = await scene.sync();

  expect(job).toMatchObject({ counts: { deleted_in_hubspot: 1 }, errors: [] });
  expect(await stoneOf(hubspotId)).toMatchObject({ policy: "kept", local_id: id });
  expect((await scene.sync()).counts).toEqual({});
  expect(scene.simulator.hubspot.all("companies")).toEqual([]);
});

test("a customer that the billing system changed meanwhile becomes a person's decision", async () => {
  const { hubspotId } = await synced();
  scene.simulator.hubspot.archiveAsUser("companies", KEY);
  scene.sql("update customers set company_name = 'Acme Ltd'");

  const job = await scene.sync();

  expect(job).toMatchObject({ counts: { conflicts: 1 }, errors: [] });
  expect(await stoneOf(hubspotId)).toMatchObject({ policy: "waiting" });
  expect(await scene.local(BAN)).toMatchObject({ company_name: "Acme Ltd" });
  scene.simulator.hubspot.restoreAsUser("companies", hubspotId);
  await scene.look("customers", 1);
  expect((await scene.sync()).counts).toEqual({ updated: 1 });
  expect(await stoneOf(hubspotId)).toBeUndefined();
});

test("an edit that comes while a deletion is being settled is not lost", async () => {
  const { id } = await synced();
  scene.simulator.hubspot.archiveAsUser("companies", KEY);
  await scene.look("customers", id);
  scene.whileWaitingFor("/companies/batch/read", () =>
    scene.sql("update customers set company_name = 'Acme Ltd'"),
  );

  await scene.sync();

  const { conflicts } = await scene.store.conflicts.list({}, { afterId: 0, limit: 5 });
  expect(conflicts).toMatchObject([
    {
      field: "@record",
      local: 'edited here: company_name = "Acme Ltd"',
      hubspot_at: expect.stringMatching(/^\d{4}-/u),
    },
  ]);
});

test("a preview of a deletion writes nothing", async () => {
  const { id } = await synced();
  scene.simulator.hubspot.archiveAsUser("companies", KEY);
  await scene.look("customers", id);
  const before = scene.everything();

  const job = await scene.sync({ dry_run: true });

  expect(job.counts).toEqual({ deleted_in_hubspot: 1 });
  expect(scene.everything()).toEqual(before);
});

test("a customer that was deleted here leaves its company, and is joined with it when it is billed again", async () => {
  const { id, hubspotId } = await synced();
  scene.sql("delete from customers");
  const kind = customerKind(scene.maps.customers);
  if (!kind) throw new Error("the map has no customers");
  const { store, crm, clock } = scene;

  await endRemoved({ store, crm, kind, call: {}, now: () => clock.now(), runId: "removal" }, [id]);

  expect(await store.links.byHubspotIds("customers", [hubspotId])).toEqual([]);
  expect(await stoneOf(hubspotId)).toMatchObject({ reason: "removed", local_id: null });
  const anew = await scene.customer({ ban: BAN, company_name: "Acme" });
  expect(await scene.sync()).toMatchObject({ errors: [] });
  expect(await store.links.byLocalIds("customers", [anew])).toMatchObject([
    { hubspot_id: hubspotId },
  ]);
});
