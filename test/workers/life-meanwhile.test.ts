/** Records that end while something else about them is under way or undecided. */
import { afterEach, expect, test } from "vitest";
import { eraseContacts } from "../../mcp-server/src/workers/erase-contacts.ts";
import { ADA } from "./inbound-scene.ts";
import { type LifeScene, lifeScene } from "./life-scene.ts";
import { mapsWith } from "./sync-scene.ts";

let scene: LifeScene;
afterEach(() => scene.close());

test("a person who is erased while a sync finds the record gone leaves nothing behind", async () => {
  scene = await lifeScene("keep");
  const { store, crm, clock } = scene;
  await scene.change(scene.ada, { first_name: "Adeline" });
  scene.simulator.hubspot.eraseAsUser("contacts", ADA);
  const run = { store, crm, call: {}, now: () => clock.now() };
  scene.whileWaitingFor("batch/read", () => eraseContacts(run, [scene.adaThere]));

  await scene.sync({ ids: [scene.ada], object: "contacts" });

  expect(await scene.here(scene.ada)).toBeUndefined();
  expect(await scene.open()).toEqual([]);
  const log = await store.syncLog.forRecord("contacts", scene.ada, 100);
  expect(JSON.stringify(log)).not.toMatch(/Adeline/);
  const stones = await store.tombstones.byHubspotIds("contacts", [scene.adaThere]);
  expect(stones).toMatchObject([{ reason: "erased" }]);
});

// HubSpot docs, error handling: 404 for a record that is not there any more (read 2026-04).
test("a record that HubSpot deletes between the read and the write is found missing in the same run", async () => {
  scene = await lifeScene("keep");
  await scene.change(scene.ada, { first_name: "Adeline" });
  scene.whileWaitingFor("contacts/batch/update", () =>
    scene.simulator.hubspot.archiveAsUser("contacts", scene.adaThere),
  );

  const job = await scene.sync({ ids: [scene.ada], object: "contacts" });

  expect(job).toMatchObject({ status: "completed", counts: { conflicts: 1 }, errors: [] });
  expect(await scene.open()).toMatchObject([{ field: "@record" }]);
  const stones = await scene.store.tombstones.byHubspotIds("contacts", [scene.adaThere]);
  expect(stones).toMatchObject([{ reason: "deleted", policy: "waiting" }]);
});

test("a field's conflict ends with its record, whose own end is asked about instead", async () => {
  scene = await lifeScene("keep", {
    maps: mapsWith({ contacts: { job_title: { conflict_resolution: "MANUAL" } } }),
  });
  const { hubspot } = scene.simulator;
  await scene.change(scene.ada, { job_title: "CIO" });
  hubspot.editAsUser("contacts", ADA, { jobtitle: "CFO" });
  const look = () => scene.sync({ ids: [scene.ada], object: "contacts" });
  await look();
  expect(await scene.open()).toMatchObject([{ field: "job_title" }]);
  hubspot.archiveAsUser("contacts", scene.adaThere);

  await look();

  expect(await scene.open()).toMatchObject([{ field: "@record" }]);
  hubspot.restoreAsUser("contacts", scene.adaThere);
  await look();
  expect(await scene.open()).toMatchObject([{ field: "job_title", local: "CIO", hubspot: "CFO" }]);
});
