/** Columns that another program filled with something that is no JSON: one record harms only itself. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const maps = mapsWith({
  contacts: {
    colour: {
      hubspot_property: "our_colour",
      warp_field: "custom",
      warp_field_path: "custom->>'colour'",
      sync_direction: "BIDIRECTIONAL",
      conflict_resolution: "LATEST_WINS",
      propagate_clear: true,
    },
  },
});

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene({ maps });
});
afterEach(() => scene.close());

test.each(["n/a", "[1]", '"text"', "{"])("custom = %s", async (text) => {
  const id = await scene.contact("ada@acme.com", { custom: { colour: "red" } });
  await scene.contact("bob@acme.com");
  await scene.sync();
  scene.sql("update contacts set custom = ?, city = 'Bonn' where id = ?", text, id);
  await scene.look("contacts", id);

  const job = await scene.sync();

  expect(job).toMatchObject({ status: "completed", errors: [] });
  expect(scene.remote("ada@acme.com")).toMatchObject({ city: "Bonn", our_colour: "red" });
  expect(scene.rows("select custom from contacts where id = ?", id)).toEqual([{ custom: text }]);
});

test("provenance and generated texts that cannot be read count as none", async () => {
  const id = await scene.contact("ada@acme.com", { first_name: "Ada" });
  scene.sql(
    "update contacts set provenance = 'x', intelligence = '{', quality_reasons = '7' where id = ?",
    id,
  );

  const job = await scene.sync();

  expect(job).toMatchObject({ status: "completed", counts: { created: 1 } });
});
