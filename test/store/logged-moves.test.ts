/** What the log tells of single fields of the records of which much was done a short while ago. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { LoggedField, SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

const row: Omit<SyncLogEntry, "id"> = {
  run_id: "run",
  object: "customers",
  local_id: 1,
  hubspot_id: "9",
  action: "update",
  outcome: "done",
  fields: [],
  marker: null,
  error: null,
  created_at: LATER,
  finished_at: LATER,
};

function line(field: string, after = "x"): LoggedField {
  return { field, before: null, after, rule: "one way" };
}

const ofTier = (more: Partial<SyncLogEntry> = {}) => ({ ...row, fields: [line("tier")], ...more });

const ask = { ids: [1, 2, 3], fields: ["tier", "name"], since: LATER, atLeast: 2 };

async function synced(store: Store, ...ids: readonly number[]): Promise<void> {
  await store.fieldStates.put(
    ids.map((local_id) => ({ object: "customers", local_id, base: {}, synced_at: NOW })),
  );
}

describeEachEngine("logged moves", (open) => {
  test("are told of busy records alone, oldest first", async () => {
    const store = await open();
    await synced(store, 1, 2, 3);
    await store.syncLog.add([
      ofTier({ fields: [line("tier", "a"), line("city")] }),
      ofTier({ local_id: 2 }),
      ofTier({ action: "pull", fields: [line("name", "b")] }),
    ]);

    const moves = await store.syncLog.movesOfBusy("customers", ask);

    expect(moves).toMatchObject([
      { local_id: 1, action: "update", fields: [{ field: "tier", after: "a" }, {}] },
      { local_id: 1, action: "pull", fields: [{ field: "name", after: "b" }] },
    ]);
  });

  test("leave out what is older, of other kinds, of other fields, or was not done", async () => {
    const store = await open();
    await synced(store, 1);
    await store.syncLog.add([
      ofTier({ created_at: NOW }),
      ofTier({ object: "contacts" }),
      ofTier({ outcome: "intent" }),
      ofTier({ outcome: "rejected" }),
      ofTier({ outcome: "unknown" }),
      ofTier({ action: "conflict" }),
      ofTier({ fields: [line("tiers")] }),
      ofTier({ action: "resolve", created_at: MUCH_LATER }),
    ]);

    const moves = await store.syncLog.movesOfBusy("customers", ask);

    expect(moves.map(({ action }) => action)).toEqual(["resolve"]);
  });

  test("count a record as busy only by rows of the time that was asked for", async () => {
    const store = await open();
    await synced(store, 1);
    await store.syncLog.add([ofTier({ created_at: NOW }), ofTier({ created_at: NOW }), ofTier()]);

    expect(await store.syncLog.movesOfBusy("customers", ask)).toEqual([]);
    expect(await store.syncLog.movesOfBusy("customers", { ...ask, atLeast: 1 })).toHaveLength(1);
  });

  test("are none for nobody, for no field, and of records without a base", async () => {
    const store = await open();
    await store.syncLog.add([ofTier(), ofTier()]);

    expect(await store.syncLog.movesOfBusy("customers", ask)).toEqual([]);
    await synced(store, 1);
    expect(await store.syncLog.movesOfBusy("customers", { ...ask, ids: [] })).toEqual([]);
    expect(await store.syncLog.movesOfBusy("customers", { ...ask, fields: [] })).toEqual([]);
    expect(await store.syncLog.movesOfBusy("customers", ask)).toHaveLength(2);
  });

  test("find a field behind an hour of others that are sent every second, and not behind more", async () => {
    const store = await open();
    await synced(store, 1, 2);
    const stream = (local_id: number, rows: number) =>
      Array.from({ length: rows }, () => ({ ...row, local_id, fields: [line("balance")] }));
    await store.syncLog.add([ofTier(), ...stream(1, 3_600), ofTier({ local_id: 2 })]);
    await store.syncLog.add(stream(2, 4_001));

    const moves = await store.syncLog.movesOfBusy("customers", ask);

    expect(moves.map(({ local_id }) => local_id)).toEqual([1]);
  });
});
