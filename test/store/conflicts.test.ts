/** One open conflict a field, with a version that moves with its values; decided once. */
import { expect, test } from "vitest";
import type { OpenConflict } from "../../mcp-server/src/ports/conflict-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

const conflict: OpenConflict = {
  object: "contacts",
  local_id: 1,
  field: "phone",
  base: "+1",
  local: "+2",
  hubspot: null,
  local_at: NOW,
  local_by: "sql",
  hubspot_at: null,
  hubspot_by: null,
};
const first = { afterId: 0, limit: 10 };
const decision = { resolution: "keep_local", note: "asked her", resolved_by: "ada" } as const;

describeEachEngine("conflicts", (open) => {
  test("are open once for a field, until both sides agree", async () => {
    const store = await open();

    await store.conflicts.open([conflict, { ...conflict, field: "city" }, conflict], NOW);
    await store.conflicts.open([{ ...conflict, hubspot: "+3" }], LATER);
    expect(await store.conflicts.countOpen()).toBe(2);
    await store.conflicts.closeAgreed("companies", [{ local_id: 1, field: "phone" }], LATER);
    await store.conflicts.closeAgreed("contacts", [{ local_id: 1, field: "phone" }], LATER);

    expect(await store.conflicts.countOpen()).toBe(1);
  });

  test("a closed one opens anew, and both are kept", async () => {
    const store = await open();
    await store.conflicts.open([conflict], NOW);
    await store.conflicts.closeAgreed("contacts", [{ local_id: 1, field: "phone" }], LATER);

    await store.conflicts.open([conflict], LATER);

    expect(await store.conflicts.countOpen()).toBe(1);
    const closed = await store.conflicts.list({ status: "closed" }, first);
    expect(closed).toMatchObject({ total: 1, conflicts: [{ closed_at: LATER, resolution: null }] });
  });

  test("are shown as they were found", async () => {
    const store = await open();
    await store.conflicts.open([conflict], NOW);

    const { conflicts } = await store.conflicts.list({}, first);

    expect(conflicts).toEqual([
      {
        ...conflict,
        conflict_id: expect.any(Number),
        version: 1,
        status: "open",
        created_at: NOW,
        updated_at: NOW,
        closed_at: null,
        resolution: null,
        note: null,
        resolved_by: null,
        reason: "both_changed",
        history: null,
      },
    ]);
    expect(await store.conflicts.findByIds([conflicts[0]?.conflict_id ?? 0, 99])).toEqual(
      conflicts,
    );
  });

  test("the version moves with a value and not with anything else", async () => {
    const store = await open();
    await store.conflicts.open([conflict], NOW);
    const shown = async () => (await store.conflicts.list({}, first)).conflicts[0];

    await store.conflicts.open([conflict], LATER);
    expect(await shown()).toMatchObject({ version: 1, updated_at: NOW });
    await store.conflicts.open([{ ...conflict, hubspot_at: LATER, hubspot_by: "user 7" }], LATER);
    expect(await shown()).toMatchObject({ version: 1, hubspot_at: LATER, hubspot_by: "user 7" });
    await store.conflicts.open([{ ...conflict, hubspot: "+3" }], MUCH_LATER);
    expect(await shown()).toMatchObject({ version: 2, hubspot: "+3", updated_at: MUCH_LATER });
  });

  test("a time stays known while its value stays, and no longer", async () => {
    const store = await open();
    await store.conflicts.open([{ ...conflict, hubspot_at: NOW, hubspot_by: "user 7" }], NOW);

    const unknown = { local_at: null, local_by: null, hubspot_at: null, hubspot_by: null };
    await store.conflicts.open([{ ...conflict, ...unknown, hubspot: "+3" }], LATER);

    expect((await store.conflicts.list({}, first)).conflicts).toMatchObject([
      { local_at: NOW, local_by: "sql", hubspot_at: null, hubspot_by: null },
    ]);
  });

  test("are listed by what is asked, in pages by id, with the count of all", async () => {
    const store = await open();
    const at = (local_id: number, field: string, object = conflict.object) => ({
      ...conflict,
      local_id,
      field,
      object,
    });
    await store.conflicts.open(
      [at(1, "city"), at(1, "phone"), at(2, "phone"), at(3, "phone"), at(1, "tier", "customers")],
      NOW,
    );
    const listed = async (filter: Parameters<typeof store.conflicts.list>[0], page = first) => {
      const { total, conflicts } = await store.conflicts.list(filter, page);
      return [total, conflicts.map((one) => `${one.object} ${one.local_id} ${one.field}`)];
    };

    expect(await listed({ field: "phone" }, { afterId: 0, limit: 2 })).toEqual([
      3,
      ["contacts 1 phone", "contacts 2 phone"],
    ]);
    const [, second] = (await store.conflicts.list({ field: "phone" }, first)).conflicts;
    expect(
      await listed({ field: "phone" }, { afterId: second?.conflict_id ?? 0, limit: 2 }),
    ).toEqual([3, ["contacts 3 phone"]]);
    expect(await listed({ object: "contacts", local_ids: [1, 3] })).toEqual([
      3,
      ["contacts 1 city", "contacts 1 phone", "contacts 3 phone"],
    ]);
    expect(await listed({ object: "customers" })).toEqual([1, ["customers 1 tier"]]);
    expect(await listed({ local_ids: [] })).toEqual([0, []]);
    expect(await listed({ status: "resolved" })).toEqual([0, []]);
  });

  test("are resolved only in the version that was decided on, and once", async () => {
    const store = await open();
    await store.conflicts.open([conflict], NOW);
    const [shown] = (await store.conflicts.list({}, first)).conflicts;
    const conflict_id = shown?.conflict_id ?? 0;
    await store.conflicts.open([{ ...conflict, local: "+9" }], LATER);

    const resolve = (version: number) =>
      store.conflicts.resolve({ conflict_id, version, ...decision }, LATER);

    expect(await resolve(1)).toBe(false);
    expect(await Promise.all([resolve(2), resolve(2)])).toEqual(
      expect.arrayContaining([true, false]),
    );
    expect(await store.conflicts.list({ status: "resolved" }, first)).toMatchObject({
      total: 1,
      conflicts: [{ ...decision, local: "+9", version: 2, closed_at: LATER, updated_at: LATER }],
    });
    expect(await store.conflicts.countOpen()).toBe(0);
  });

  test("a resolved one opens anew as another", async () => {
    const store = await open();
    await store.conflicts.open([conflict], NOW);
    const [one] = (await store.conflicts.list({}, first)).conflicts;
    await store.conflicts.resolve(
      { conflict_id: one?.conflict_id ?? 0, version: 1, ...decision },
      LATER,
    );

    await store.conflicts.open([conflict], LATER);

    const [again] = (await store.conflicts.list({}, first)).conflicts;
    expect(again).toMatchObject({ version: 1, resolution: null });
    expect(again?.conflict_id).not.toBe(one?.conflict_id);
  });

  test("of loops keep their history while values move, and are counted and found by themselves", async () => {
    const store = await open();
    const history = [{ at: NOW, side: "hubspot", value: "+4", by: null }] as const;
    await store.conflicts.open([{ ...conflict, reason: "loop", history }], NOW);
    await store.conflicts.open([{ ...conflict, field: "city" }], NOW);

    await store.conflicts.open([{ ...conflict, reason: "loop", local: "+9" }], LATER);

    const loops = await store.conflicts.list({ reason: "loop" }, first);
    expect(loops).toMatchObject({
      total: 1,
      conflicts: [{ field: "phone", local: "+9", version: 2, reason: "loop", history }],
    });
    expect(await store.conflicts.countOpen("loop")).toBe(1);
    expect(await store.conflicts.countOpen("both_changed")).toBe(1);
    expect(await store.conflicts.countOpen()).toBe(2);
  });

  test("that wait for another reason now are another question, without the old history", async () => {
    const store = await open();
    const history = [{ at: NOW, side: "local", value: null, by: "sql" }] as const;
    await store.conflicts.open([{ ...conflict, reason: "loop", history }], NOW);

    await store.conflicts.open([conflict], LATER);

    expect((await store.conflicts.list({}, first)).conflicts).toMatchObject([
      { version: 2, reason: "both_changed", history: null },
    ]);
  });
});
