/** Links, bases, the sync log, conflicts and cursors, on both engines alike. */
import { expect, test } from "vitest";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, NOW } from "./builders.ts";

describeEachEngine("links", (open) => {
  const link = (local: number, hubspot: string) =>
    ({ object: "contacts", local_id: local, hubspot_id: hubspot }) as const;

  test("are found from either side, for one kind of record", async () => {
    const store = await open();
    await store.links.put(
      [link(1, "901"), link(2, "902"), { ...link(1, "901"), object: "companies" }],
      NOW,
    );

    expect(await store.links.byLocalIds("contacts", [1, 7])).toEqual([link(1, "901")]);
    expect(await store.links.byHubspotIds("contacts", ["902", "7"])).toEqual([link(2, "902")]);
    expect(await store.links.byLocalIds("companies", [1, 2])).toHaveLength(1);
    expect(await store.links.byLocalIds("customers", [1, 2])).toEqual([]);
  });

  test("stay one to one: a new link replaces whatever either side had", async () => {
    const store = await open();
    await store.links.put([link(1, "901"), link(2, "902"), link(3, "903")], NOW);

    await store.links.put([link(1, "902"), link(3, "903"), link(4, "904"), link(4, "905")], LATER);

    const all = await store.links.byLocalIds("contacts", [1, 2, 3, 4]);
    expect(all.toSorted((a, b) => a.local_id - b.local_id)).toEqual([
      link(1, "902"),
      link(3, "903"),
      link(4, "905"),
    ]);
  });

  test("may trade places in one call", async () => {
    const store = await open();
    await store.links.put([link(1, "901"), link(2, "902")], NOW);

    await store.links.put([link(1, "902"), link(2, "901")], LATER);

    expect(await store.links.byHubspotIds("contacts", ["901"])).toEqual([link(2, "901")]);
    expect(await store.links.byHubspotIds("contacts", ["902"])).toEqual([link(1, "902")]);
  });

  test("are removed by local id", async () => {
    const store = await open();
    await store.links.put([link(1, "901"), link(2, "902")], NOW);

    await store.links.remove("contacts", [1, 5]);

    expect(await store.links.byLocalIds("contacts", [1, 2])).toEqual([link(2, "902")]);
  });
});

describeEachEngine("bases", (open) => {
  test("come back as they were put, the last one of a record", async () => {
    const store = await open();
    const base = { email: "ada@example.com", phone: null, name: "Zoë" };
    const state = { object: "contacts", local_id: 1, base, synced_at: NOW } as const;
    await store.fieldStates.put([
      { ...state, base: {} },
      { ...state, local_id: 2 },
    ]);

    await store.fieldStates.put([{ ...state, base: {} }, state]);

    expect(await store.fieldStates.get("contacts", [1])).toEqual([state]);
    expect(await store.fieldStates.get("companies", [1])).toEqual([]);
    expect(await store.fieldStates.get("contacts", [])).toEqual([]);
  });

  test("of fields are forgotten with their companions, on every record of one kind", async () => {
    const store = await open();
    const base = {
      phone: "+1",
      "phone@sent": "1",
      phone_2: null,
      "it's": 'a "b" \\ \u0001 ü',
      "it's@sent": null,
    };
    const state = (object: "contacts" | "customers", local_id: number) =>
      ({ object, local_id, base, synced_at: NOW }) as const;
    await store.fieldStates.put([
      state("contacts", 1),
      state("contacts", 2),
      state("customers", 1),
    ]);

    await store.fieldStates.forget("contacts", ["phone", "gone"]);
    await store.fieldStates.forget("customers", ["phone", "phone_2", "it's"]);

    const { phone: _, "phone@sent": __, ...rest } = base;
    const kept = await store.fieldStates.get("contacts", [1, 2]);
    expect(kept.map((one) => one.base)).toEqual([rest, rest]);
    expect(await store.fieldStates.get("customers", [1])).toMatchObject([{ base: {} }]);
  });
});

describeEachEngine("the sync log", (open) => {
  const row = (given: Partial<Omit<SyncLogEntry, "id">> = {}): Omit<SyncLogEntry, "id"> => ({
    run_id: "run_1",
    object: "contacts",
    local_id: 1,
    hubspot_id: null,
    action: "update",
    outcome: "intent",
    fields: [{ field: "phone", before: null, after: "+49", rule: "push", lost: "+48" }],
    marker: null,
    error: null,
    created_at: NOW,
    finished_at: null,
    ...given,
  });

  test("gives ids in the order of the rows, and shows a record's rows newest first", async () => {
    const store = await open();

    const ids = await store.syncLog.add(
      [1, 2, 1, 1].map((local_id, i) => row({ local_id, run_id: `run_${i}` })),
    );

    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const shown = await store.syncLog.forRecord("contacts", 1, 2);
    expect(shown).toEqual([
      { ...row({ run_id: "run_3" }), id: ids[3] },
      { ...row({ run_id: "run_2" }), id: ids[2] },
    ]);
  });

  test("an intent is settled with its outcome; what is not said stays", async () => {
    const store = await open();
    const [first = 0, second = 0] = await store.syncLog.add([
      row({ hubspot_id: "901" }),
      row({ local_id: 2 }),
    ]);

    await store.syncLog.settle(
      [
        { id: first, outcome: "failed", error: "no" },
        { id: second, outcome: "done", hubspot_id: "902" },
      ],
      LATER,
    );

    expect(await store.syncLog.forRecord("contacts", 1, 1)).toMatchObject([
      { outcome: "failed", hubspot_id: "901", error: "no", finished_at: LATER },
    ]);
    expect(await store.syncLog.forRecord("contacts", 2, 1)).toMatchObject([
      { outcome: "done", hubspot_id: "902", error: null, finished_at: LATER },
    ]);
  });

  test("ends what a crash cut off of records, whichever run it was, notes included", async () => {
    const store = await open();
    await store.syncLog.add([
      row(),
      row({ object: "customers" }),
      row({ object: "companies" }),
      row({ marker: "m1", action: "note" }),
      row({ run_id: "run_2" }),
      row({ outcome: "done" }),
      row({ local_id: 2 }),
    ]);

    await store.syncLog.abandon("contacts", [1], LATER);

    const outcomes = async (object: "contacts" | "customers" | "companies", id: number) =>
      (await store.syncLog.forRecord(object, id, 9)).map((entry) => entry.outcome);
    expect(await outcomes("contacts", 1)).toEqual(["done", "unknown", "unknown", "unknown"]);
    expect(await outcomes("customers", 1)).toEqual(["intent"]);
    expect(await outcomes("companies", 1)).toEqual(["intent"]);
    expect(await outcomes("contacts", 2)).toEqual(["intent"]);
  });

  test("finds notes by marker, whatever became of them, and keeps a marker for one row", async () => {
    const store = await open();
    await store.syncLog.add([
      row({ marker: "m1" }),
      row({ marker: "m2", outcome: "failed" }),
      row(),
    ]);

    const found = await store.syncLog.byMarkers(["m2", "m1", "m3"]);

    expect(found.map((entry) => entry.marker).sort()).toEqual(["m1", "m2"]);
    await expect(store.syncLog.add([row({ marker: "m1" })])).rejects.toMatchObject({
      kind: "conflict",
    });
  });

  test("groups failures since a time, the most frequent first", async () => {
    const store = await open();
    const failed = (error: string, local_id: number, finished_at = LATER) =>
      row({ outcome: "failed", error, local_id, finished_at });
    await store.syncLog.add([
      failed("rare", 3),
      failed("often", 5),
      failed("often", 4),
      failed("old", 6, NOW),
      row({ outcome: "done", error: "mended since", finished_at: LATER }),
      row({ outcome: "done", finished_at: LATER }),
    ]);

    expect(await store.syncLog.failuresSince(LATER, 10)).toEqual([
      {
        error: "often",
        count: 2,
        examples: [
          { object: "contacts", local_id: 4 },
          { object: "contacts", local_id: 5 },
        ],
      },
      { error: "rare", count: 1, examples: [{ object: "contacts", local_id: 3 }] },
    ]);
    expect(await store.syncLog.failuresSince(LATER, 1)).toHaveLength(1);
  });

  test("tells failures of one cause together, with the latest three of their records", async () => {
    const store = await open();
    const failed = (error: string, local_id: number) =>
      row({ outcome: "failed", error, local_id, finished_at: LATER });
    await store.syncLog.add([
      failed("HubSpot is not available now (HTTP 503).", 1),
      ...[1, 2, 2, 3, 4, 4].map((id) => failed("HubSpot is not available now (HTTP 502).", id)),
      failed("HubSpot holds this contact and the local contact 17 as a single record.", 1),
      failed("HubSpot holds this contact and the local contact 4 as a single record.", 2),
    ]);

    const groups = await store.syncLog.failuresSince(LATER, 10);

    expect(
      groups.map(({ examples, ...rest }) => ({ ...rest, ids: examples.map((e) => e.local_id) })),
    ).toEqual([
      { error: "HubSpot is not available now (HTTP 502).", count: 6, ids: [4, 3, 2] },
      {
        error: "HubSpot holds this contact and the local contact … as a single record.",
        count: 2,
        ids: [2, 1],
      },
      { error: "HubSpot is not available now (HTTP 503).", count: 1, ids: [1] },
    ]);
  });
});

describeEachEngine("cursors", (open) => {
  test("hold the last value, null before the first", async () => {
    const store = await open();

    expect(await store.cursors.get("setup")).toBeNull();
    await store.cursors.set("setup", "a", NOW);
    await store.cursors.set("setup", "b", LATER);

    expect(await store.cursors.get("setup")).toBe("b");
  });
});
