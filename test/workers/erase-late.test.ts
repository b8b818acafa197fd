/** A person who is erased after HubSpot took a write and before that is noted here. */
import { afterEach, expect, test } from "vitest";
import type { Crm } from "../../mcp-server/src/ports/crm.ts";
import { eraseContacts } from "../../mcp-server/src/workers/erase-contacts.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const ADA = "ada@acme-robotics.com";

let scene: SyncScene;
afterEach(() => scene.close());

test("nothing of the person is written down again", async () => {
  let afterUpdate = async (): Promise<void> => undefined;
  const between = (rig: { readonly crm: Crm }): Crm => ({
    ...rig.crm,
    update: async (object, inputs, call) => {
      const outcomes = await rig.crm.update(object, inputs, call);
      await afterUpdate();
      return outcomes;
    },
  });
  scene = await syncScene({ between });
  const { store, crm, clock, simulator } = scene;
  const id = await scene.contact(ADA);
  await scene.sync();
  const there = simulator.hubspot.find("contacts", ADA)?.id ?? "";
  scene.sql("update contacts set job_title = 'Countess'");
  await scene.look("contacts", id);
  afterUpdate = async () => {
    simulator.hubspot.eraseAsUser("contacts", ADA);
    await eraseContacts({ store, crm, call: {}, now: () => clock.now() }, [there]);
  };

  await scene.sync({ ids: [id], object: "contacts" });

  expect(scene.rows("select id from contacts")).toEqual([]);
  expect(await store.links.byLocalIds("contacts", [id])).toEqual([]);
  expect(await scene.base("contacts", id)).toEqual({});
  expect(JSON.stringify(await scene.history("contacts", id))).not.toContain("Countess");
});
