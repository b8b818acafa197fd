import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { linkImported } from "../../mcp-server/src/workers/link-imported.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

const file = "data/field-map.json";
const map = parseFieldMap(readFileSync(file, "utf8"), file).contacts;

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

/** What an import reads of a HubSpot contact. */
async function readFrom(email: string, contactId: number) {
  const { found } = await rig.crm.read("contacts", {
    ids: [email],
    idProperty: "email",
    properties: map.properties,
  });
  const [record] = found;
  if (!record) throw new Error(`HubSpot has no ${email}`);
  const { id, properties, updatedAt } = record;
  return { contactId, remote: { hubspot_id: id, properties, updated_at: updatedAt } };
}

test("links an imported contact, so that a sync with nothing to say sends nothing", async () => {
  rig.simulator.hubspot.seedContacts([{ email: "ada@acme-robotics.com", firstname: "Ada" }]);
  const id = await rig.contact("ada@acme-robotics.com", { first_name: "Ada", enriched_at: null });
  const origins = [await readFrom("ada@acme-robotics.com", id)];

  await linkImported(rig.store, map, { origins, now: rig.clock.iso() });
  const [state] = await rig.store.fieldStates.get("contacts", [id]);
  const job = await rig.sync();

  expect(state?.base).toMatchObject({ email: "ada@acme-robotics.com", first_name: "Ada" });
  expect(job.counts).toMatchObject({ unchanged: 1 });
});

test("marks a linked contact for the next sync when HubSpot says something new", async () => {
  const id = await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });
  await rig.sync();
  rig.simulator.hubspot.editAsUser("contacts", "ada@acme-robotics.com", { firstname: "Augusta" });
  const origins = [await readFrom("ada@acme-robotics.com", id)];

  await linkImported(rig.store, map, { origins, now: rig.clock.iso() });
  const job = await rig.sync();

  expect(job.counts).toMatchObject({ pulled: 1 });
  expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ first_name: "Augusta" });
});

test("marks nobody when HubSpot says what was said before", async () => {
  const id = await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });
  await rig.sync();
  const origins = [await readFrom("ada@acme-robotics.com", id)];

  await linkImported(rig.store, map, { origins, now: rig.clock.iso() });

  expect(await rig.store.queue.depth(rig.clock.iso())).toMatchObject({ due: 0 });
});

test("leaves a HubSpot record with the local contact that holds it", async () => {
  const first = await rig.contact("ada@acme-robotics.com", { first_name: "Ada" });
  await rig.sync();
  const second = await rig.contact("ada@private-mail.com");
  const { remote } = await readFrom("ada@acme-robotics.com", first);

  await linkImported(rig.store, map, {
    origins: [{ contactId: second, remote }],
    now: rig.clock.iso(),
  });

  expect(await rig.store.links.byLocalIds("contacts", [first, second])).toMatchObject([
    { local_id: first },
  ]);
});
