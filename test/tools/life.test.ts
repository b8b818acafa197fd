/** Records that people deleted in HubSpot, as tools show them and as a person decides about them. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import type { Services } from "../doors/stack.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { open, run, silent } from "./calls.ts";

const ADA = "ada@acme-robotics.com";

const rigs: SyncRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

interface World {
  readonly rig: SyncRig;
  readonly services: Services;
  readonly id: number;
  readonly hubspotId: string;
}

/** A contact that HubSpot deleted, edited here before that was found unless `edited` is null. */
async function deleted(
  policy: DeletionPolicy,
  edited: { readonly job_title: string } | null = { job_title: "CTO" },
): Promise<World> {
  const rig = await syncRig({
    live: { deletions: { contacts: policy, customers: policy } },
  });
  rigs.push(rig);
  const id = await rig.contact(ADA, { first_name: "Ada", job_title: "Engineer" });
  await rig.sync();
  const hubspotId = rig.simulator.hubspot.find("contacts", ADA)?.id ?? "";
  rig.simulator.hubspot.archiveAsUser("contacts", ADA);
  if (edited) await edit(rig, id, edited);
  await look(rig, id);
  const { maps, clock } = rig;
  const services = await open({ store: rig.store, services: { fieldMaps: maps, clock } });
  return { rig, services, id, hubspotId };
}

async function edit(rig: SyncRig, id: number, set: { readonly job_title: string }): Promise<void> {
  await rig.store.by("person").contacts.update([{ id, set }], rig.clock.iso());
}

const look = (rig: SyncRig, id: number) => rig.sync({ ids: [id], object: "contacts" });

async function openConflict({ rig }: World) {
  const { conflicts } = await rig.store.conflicts.list({}, { afterId: 0, limit: 10 });
  const [conflict] = conflicts;
  if (!conflict) throw new Error("there is no open conflict");
  return conflict;
}

async function resolve(world: World, resolution: string, more: object = {}) {
  const { conflict_id, version } = await openConflict(world);
  const named = { conflict_id: String(conflict_id), version, resolution, ...more };
  return await run(world.services, "resolve-conflict", named);
}

async function view(world: World): Promise<unknown> {
  const answer = await run(world.services, "query-contacts", { email: ADA });
  return answer["contacts"];
}

const remoteIds = ({ rig }: World) => rig.simulator.hubspot.all("contacts").map(({ id }) => id);

describe("query-contacts", () => {
  test("says since when HubSpot has deleted a contact, and what that means", async () => {
    const world = await deleted("keep", null);

    expect(await view(world)).toMatchObject([
      {
        status: "synced",
        deleted_in_hubspot_at: world.rig.clock.iso(),
        deleted_in_hubspot: expect.stringContaining("kept here"),
      },
    ]);
    const list = await run(world.services, "query-contacts", { fields: ["email"] });
    expect(list["contacts"]).toMatchObject([{ deleted_in_hubspot_at: world.rig.clock.iso() }]);
  });

  test("says of one that is held back why, and the mend", async () => {
    const world = await deleted("unlink", null);
    await look(world.rig, world.id);

    expect(await view(world)).toMatchObject([
      { deleted_in_hubspot: expect.stringMatching(/no sync creates it.*keep_local/) },
    ]);
  });

  test("says it of one that was imported again after it was deleted here", async () => {
    const world = await deleted("delete", null);
    await world.rig.contact(ADA, { first_name: "Ada" });
    await world.rig.sync();

    expect(await view(world)).toMatchObject([
      { deleted_in_hubspot: expect.stringContaining("keep_local") },
    ]);
  });

  test("says nothing of the kind about a contact that HubSpot has", async () => {
    const world = await deleted("keep", null);
    world.rig.simulator.hubspot.restoreAsUser("contacts", world.hubspotId);
    await look(world.rig, world.id);

    expect(JSON.stringify(await view(world))).not.toContain("deleted_in_hubspot");
  });
});

describe("list-conflicts", () => {
  test("shows a deletion against an edit as a conflict of the whole record", async () => {
    const world = await deleted("delete");

    const answer = await run(world.services, "list-conflicts", { field: "@record" });

    expect(answer).toMatchObject({
      total: 1,
      conflicts: [
        {
          field: "@record",
          local: 'edited here: job_title = "CTO"',
          hubspot: "deleted in HubSpot",
          record: { email: ADA },
        },
      ],
    });
  });

  test("takes the whole record for a field even where there is no such conflict", async () => {
    const world = await deleted("keep", null);

    const answer = await run(world.services, "list-conflicts", { field: "@record" });

    expect(answer).toMatchObject({ total: 0 });
  });
});

describe("keep_local", () => {
  test.each(["keep", "unlink", "delete"] as const)(
    "creates the record anew with its edit, once (%s)",
    async (policy) => {
      const world = await deleted(policy);

      expect(await resolve(world, "keep_local")).toMatchObject({ counts: { resolved: 1 } });
      const job = await look(world.rig, world.id);
      await look(world.rig, world.id);

      expect(job).toMatchObject({ counts: { created: 1 }, errors: [] });
      expect(remoteIds(world)).toHaveLength(1);
      expect(remoteIds(world)).not.toContain(world.hubspotId);
      expect(world.rig.remote(ADA)).toMatchObject({ jobtitle: "CTO" });
      expect(JSON.stringify(await view(world))).not.toContain("deleted_in_hubspot");
    },
  );

  test("also does so for one that was unlinked before it was edited", async () => {
    const world = await deleted("unlink", null);
    await edit(world.rig, world.id, { job_title: "CTO" });
    await look(world.rig, world.id);

    await resolve(world, "keep_local");
    await look(world.rig, world.id);

    expect(remoteIds(world)).toHaveLength(1);
  });

  test("joins HubSpot's record when it was restored meanwhile", async () => {
    const world = await deleted("keep");
    world.rig.simulator.hubspot.restoreAsUser("contacts", world.hubspotId);

    await resolve(world, "keep_local");
    await look(world.rig, world.id);

    expect(remoteIds(world)).toEqual([world.hubspotId]);
  });
});

describe("keep_hubspot", () => {
  test("lets the policy be carried out: kept and marked", async () => {
    const world = await deleted("keep");

    const answer = await resolve(world, "keep_hubspot");
    const job = await look(world.rig, world.id);

    expect(answer).toMatchObject({ next: expect.stringContaining("ON_DELETED_CONTACTS") });
    expect(job.counts).toEqual({ deleted_in_hubspot: 1 });
    expect(await world.rig.one(ADA)).toMatchObject({ job_title: "CTO", status: "synced" });
    expect(remoteIds(world)).toEqual([]);
    const { total } = await world.rig.store.conflicts.list({}, { afterId: 0, limit: 1 });
    expect(total).toBe(0);
  });

  test("lets the policy be carried out: deleted here as well", async () => {
    const world = await deleted("delete");

    await resolve(world, "keep_hubspot");
    await look(world.rig, world.id);

    expect(await world.rig.store.contacts.findByIds([world.id])).toEqual([]);
    expect(remoteIds(world)).toEqual([]);
  });

  test("holds back for good what was unlinked before it was edited", async () => {
    const world = await deleted("unlink", null);
    await edit(world.rig, world.id, { job_title: "CTO" });
    await look(world.rig, world.id);

    await resolve(world, "keep_hubspot");
    const job = await look(world.rig, world.id);

    expect(job.counts).toEqual({ deleted_in_hubspot: 1 });
    expect(remoteIds(world)).toEqual([]);
  });
});

describe("a decision that cannot hold", () => {
  test("sets no value on a record that is gone", async () => {
    const world = await deleted("keep");

    expect(await resolve(world, "set", { value: "x" })).toMatchObject({
      refused: [{ code: "NO_VALUE_TO_SET", message: expect.stringContaining("keep_local") }],
    });
    expect((await openConflict(world)).status).toBe("open");
  });

  test("is refused when the record was edited again, and the conflict shows the edit", async () => {
    const world = await deleted("delete");
    const before = await openConflict(world);
    await edit(world.rig, world.id, { job_title: "CEO" });

    expect(await resolve(world, "keep_hubspot")).toMatchObject({
      counts: { resolved: 0, refused: 1 },
      refused: [{ code: "STALE_CONFLICT" }],
    });
    expect(await openConflict(world)).toMatchObject({
      version: before.version + 1,
      local: 'edited here: job_title = "CEO"',
    });
    await look(world.rig, world.id);
    expect(await world.rig.one(ADA)).toMatchObject({ job_title: "CEO" });
  });
});

test("a person who is asked about many is told what becomes of deleted records", async () => {
  const world = await deleted("keep");
  const asked: string[] = [];
  const context = {
    ...silent,
    confirm: async (question: string) => {
      asked.push(question);
      return "accepted" as const;
    },
  };

  await run(
    world.services,
    "resolve-conflict",
    { filter: { object: "contacts" }, resolution: "keep_local" },
    context,
  );

  expect(asked).toEqual([
    expect.stringMatching(/created there anew[\s\S]*"ada@acme-robotics.com", the whole record/),
  ]);
});
