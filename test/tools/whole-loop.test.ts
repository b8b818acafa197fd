/** The tools over the real sync against the simulator: decisions reach both sides, plans are carried out as shown. */
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../mcp-server/src/clock.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { createTools } from "../../mcp-server/src/tools/catalogue.ts";
import { storedContact } from "../doors/contacts.ts";
import { mapText } from "../doors/stack.ts";
import { realClock } from "../support/clock.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { refused, silent } from "./calls.ts";

const rigs: SyncRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

const listSchema = z.object({
  conflicts: z.array(z.looseObject({ conflict_id: z.string(), version: z.number() })),
});

/** A customer whose company name both sides changed since they agreed, with the tools over it. */
async function divided() {
  const maps = parseFieldMap(JSON.stringify(mapText), "test map");
  const rig = await syncRig({ maps, clock: realClock() });
  rigs.push(rig);
  const { store, jobs, clock } = rig;
  const capabilities = { hubspot: true, lemlist: true, explorium: true, anthropic: true };
  const tools = createTools({
    store,
    jobs,
    clock,
    newId,
    capabilities,
    fieldMaps: maps,
    sendsByItself: false,
    version: "0.0.0-test",
  });
  const call = async (name: string, input: object) => {
    const tool = tools.find((each) => each.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    return await tool.run(input, silent);
  };
  await store.customers.upsert([{ ban: "B-1", company_name: "Acme" }], rig.clock.iso());
  await rig.sync({ object: "customers" });
  const [customer] = await store.customers.findByBans(["B-1"]);
  const id = customer?.id ?? 0;
  const here = (company_name: string) =>
    store.customers.update([{ id, set: { company_name } }], rig.clock.iso());
  const there = (name: string) =>
    rig.simulator.hubspot.editAsUser("companies", "warp_ban=B-1", { name }, {});
  const sides = async () => ({
    local: (await store.customers.findByBans(["B-1"]))[0]?.company_name,
    hubspot: rig.simulator.hubspot.find("companies", "warp_ban=B-1")?.properties["name"],
  });
  await here("Acme Here");
  there("Acme There");
  await rig.sync({ object: "customers", ids: [id] });
  // The properties that each request to HubSpot has set since `forget`.
  const written = () =>
    rig.simulator.requests
      .list({ service: "hubspot" })
      .map(({ properties }) => properties)
      .filter((properties) => properties !== null);
  const open = async () => listSchema.parse(await call("list-conflicts", {})).conflicts;
  return { rig, call, id, there, sides, written, open };
}

describe("a decision", () => {
  test.each([
    [{ resolution: "keep_local" }, "Acme Here"],
    [{ resolution: "keep_hubspot" }, "Acme There"],
    [{ resolution: "set", value: "Acme Both" }, "Acme Both"],
  ])("%j reaches both sides with the next sync and leaves no conflict", async (choice, kept) => {
    const { rig, call, sides, open, written } = await divided();
    const [conflict] = await open();
    expect(conflict).toMatchObject({ local: "Acme Here", hubspot: "Acme There", base: "Acme" });

    const { conflict_id, version } = conflict ?? {};
    await call("resolve-conflict", { conflict_id, version, ...choice });
    await rig.sync({ queued_only: true });
    rig.forget();
    await rig.sync({ object: "customers" });

    expect(await sides()).toEqual({ local: kept, hubspot: kept });
    expect(await open()).toEqual([]);
    expect(written()).toEqual([]);
  });

  test("that a newer edit in HubSpot overtakes becomes a conflict again instead of overrunning it", async () => {
    const { rig, call, sides, there, open } = await divided();
    const [conflict] = await open();
    const { conflict_id, version } = conflict ?? {};

    await call("resolve-conflict", { conflict_id, version, resolution: "keep_local" });
    there("Acme Newest");
    await rig.sync({ queued_only: true });

    expect(await sides()).toEqual({ local: "Acme Here", hubspot: "Acme Newest" });
    expect(await open()).toMatchObject([{ local: "Acme Here", hubspot: "Acme Newest" }]);
  });
});

const storySchema = z.object({
  story: z.object({ fields: z.array(z.looseObject({ field: z.string() })) }),
});

describe("a story, once both sides hold the value,", () => {
  const SINCE = /^20\d\d-/;

  test.each([
    [{ resolution: "keep_local", note: "as said" }, "sql", "keep_local by test: as said"],
    [{ resolution: "keep_hubspot" }, "hubspot", "keep_hubspot by test"],
    [{ resolution: "set", value: "Acme Both" }, "person", "set by test"],
  ])("tells that a person decided %j and who said the value", async (choice, source, rule) => {
    const { rig, call, open } = await divided();
    const [conflict] = await open();
    const { conflict_id, version } = conflict ?? {};

    await call("resolve-conflict", { conflict_id, version, ...choice });
    await rig.sync({ queued_only: true });

    const { story } = storySchema.parse(await call("query-contacts", { ban: "B-1" }));
    const lost = choice.resolution === "keep_hubspot" ? "Acme Here" : "Acme There";
    expect(story.fields.find(({ field }) => field === "company_name")).toMatchObject({
      state: "equal",
      source,
      last_decision: { action: "resolve", rule, lost },
    });
  });

  test("names another program that set it, and when, of customers and of contacts", async () => {
    const { rig, call, id } = await divided();
    const { store } = rig;
    const contactId = await storedContact(store, "ada@example.com", {
      fields: { first_name: "Ada" },
      set: { status: "enriched" },
    });
    await rig.sync({});
    await store.customers.update([{ id, set: { status: "CLOSED" } }], rig.clock.iso());
    await store.contacts.update([{ id: contactId, set: { first_name: "Adah" } }], rig.clock.iso());
    const changes = [
      ...(await store.changes.latest("customers", [id])),
      ...(await store.changes.latest("contacts", [contactId])),
    ];
    const setAt = (field: string) => changes.find((each) => each.field === field)?.changed_at;

    await rig.sync({ ids: [id], object: "customers" });
    await rig.sync({ ids: [contactId], object: "contacts" });

    const fieldOf = async (named: object, name: string) => {
      const { story } = storySchema.parse(await call("query-contacts", named));
      return story.fields.find(({ field }) => field === name);
    };
    expect(await store.changes.latest("contacts", [contactId])).toEqual([]);
    expect(setAt("status")).toMatch(SINCE);
    expect(await fieldOf({ ban: "B-1" }, "status")).toMatchObject({
      value: "CLOSED",
      state: "equal",
      source: "sql",
      at: setAt("status"),
    });
    expect(await fieldOf({ email: "ada@example.com" }, "first_name")).toMatchObject({
      value: "Adah",
      state: "equal",
      source: "sql",
      at: setAt("first_name"),
    });
  });
});

describe("a plan", () => {
  test("is shown, carried out as it was shown, and then used up", async () => {
    const { call, rig, id, sides, open, written } = await divided();
    const [conflict] = await open();
    const { conflict_id, version } = conflict ?? {};
    await call("resolve-conflict", { conflict_id, version, resolution: "keep_local" });
    rig.forget();

    const shown = await call("sync", { object: "customers", ids: [id], dry_run: true });
    const writtenByLook = written();
    const done = await call("sync", { plan_id: shown["plan_id"] });
    const again = await refused(call("sync", { plan_id: shown["plan_id"] }));

    expect(writtenByLook).toEqual([]);
    expect(written()).toEqual([["name"]]);
    expect(shown).toMatchObject({ status: "completed", plan_id: expect.stringMatching(/^plan_/) });
    expect(done).toMatchObject({ status: "completed" });
    expect(await sides()).toEqual({ local: "Acme Here", hubspot: "Acme Here" });
    expect([again.code, again.details]).toEqual(["PLAN_STALE", { reason: "used" }]);
  });
});
