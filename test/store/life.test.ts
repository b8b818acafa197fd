/** Tombstones, leases and reports keep what they are told, one for each key. */
import { expect, test } from "vitest";
import type { ReconciliationReport, Tombstone } from "../../mcp-server/src/ports/life-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

describeEachEngine("tombstones", (open) => {
  test("are found by HubSpot id, local id and key, each within its object", async () => {
    const store = await open();
    const unknown = stone("3", { local_id: null, key_hash: null });
    await store.tombstones.put([stone("1"), stone("2", { object: "customers" }), unknown]);

    expect(await store.tombstones.byHubspotIds("contacts", ["1", "2", "3"])).toEqual(
      expect.arrayContaining([stone("1"), unknown]),
    );
    expect(await store.tombstones.byLocalIds("contacts", [1, 2, 3])).toEqual([stone("1")]);
    expect(await store.tombstones.byKeyHashes("customers", ["k1", "k2"])).toEqual([
      stone("2", { object: "customers" }),
    ]);
    expect(await store.tombstones.byKeyHashes("contacts", [])).toEqual([]);
  });

  test("a later one of the same HubSpot record takes the earlier one's place", async () => {
    const store = await open();
    await store.tombstones.put([stone("1"), stone("1", { policy: "unlinked" })]);
    const later = stone("1", { local_id: null, reason: "erased", policy: "erased" });

    await store.tombstones.put([later]);

    expect(await store.tombstones.byHubspotIds("contacts", ["1"])).toEqual([later]);
    expect(await store.tombstones.byLocalIds("contacts", [1])).toEqual([]);
  });

  test("tell whether there are any, how many of each kind, and go when lifted", async () => {
    const store = await open();
    expect(await store.tombstones.any()).toBe(false);
    await store.tombstones.put([stone("1"), stone("2"), stone("3", { policy: "waiting" })]);

    expect(await store.tombstones.any()).toBe(true);
    expect(await store.tombstones.counts()).toEqual([
      { object: "contacts", reason: "deleted", policy: "kept", count: 2 },
      { object: "contacts", reason: "deleted", policy: "waiting", count: 1 },
    ]);
    await store.tombstones.remove("customers", ["1"]);
    await store.tombstones.remove("contacts", ["1", "2", "3", "4"]);
    expect(await store.tombstones.any()).toBe(false);
  });
});

describeEachEngine("leases", (open) => {
  test("one owner has a name until its time is over or it gives it back", async () => {
    const store = await open();
    const until = (time: string) => ({ now: NOW, until: time });

    expect(await store.leases.take("poll", "a", until(LATER))).toBe(true);
    expect(await store.leases.take("poll", "b", until(LATER))).toBe(false);
    expect(await store.leases.take("night", "b", until(LATER))).toBe(true);
    await store.leases.release("poll", "b");
    expect(await store.leases.take("poll", "b", until(LATER))).toBe(false);
    await store.leases.release("poll", "a");
    expect(await store.leases.take("poll", "b", until(LATER))).toBe(true);
  });

  test("the owner renews it, and at its end another takes it over", async () => {
    const store = await open();
    await store.leases.take("poll", "a", { now: NOW, until: LATER });

    expect(await store.leases.take("poll", "a", { now: NOW, until: MUCH_LATER })).toBe(true);
    expect(await store.leases.take("poll", "b", { now: LATER, until: MUCH_LATER })).toBe(false);
    const heir = { now: MUCH_LATER, until: "2026-11-21T13:00:00.000Z" };
    expect(await store.leases.take("poll", "b", heir)).toBe(true);
    expect(await store.leases.take("poll", "a", heir)).toBe(false);
  });

  test("of many that ask at once one gets it", async () => {
    const store = await open();
    const owners = Array.from({ length: 12 }, (_, i) => `owner ${i}`);

    const answers = await Promise.all(
      owners.map((owner) => store.leases.take("poll", owner, { now: NOW, until: LATER })),
    );

    expect(answers.filter((isMine) => isMine)).toHaveLength(1);
  });
});

describeEachEngine("reports", (open) => {
  test("a part of a run is one row, which its end completes", async () => {
    const store = await open();
    const running = report("run_1", { counts: { compared: 1 } });
    const done = report("run_1", {
      finished_at: LATER,
      counts: { compared: 9 },
      report: { a: [1] },
    });

    await store.reports.put(running);
    await store.reports.put({ ...running, object: "customers" });
    await store.reports.put(done);

    expect(await store.reports.byRun("run_1")).toEqual([done, { ...running, object: "customers" }]);
    expect(await store.reports.byRun("run_2")).toEqual([]);
  });

  test("are listed newest first, as many as asked for", async () => {
    const store = await open();
    await store.reports.put(report("run_2", { started_at: LATER }));
    await store.reports.put(report("run_3", { started_at: MUCH_LATER }));
    await store.reports.put(report("run_1"));

    const listed = await store.reports.list(2);

    expect(listed.map((each) => each.run_id)).toEqual(["run_3", "run_2"]);
  });
});

function stone(hubspotId: string, said: Partial<Tombstone> = {}): Tombstone {
  return {
    object: "contacts",
    hubspot_id: hubspotId,
    local_id: Number(hubspotId),
    key_hash: `k${hubspotId}`,
    reason: "deleted",
    policy: "kept",
    created_at: NOW,
    ...said,
  };
}

function report(runId: string, said: Partial<ReconciliationReport> = {}): ReconciliationReport {
  return {
    run_id: runId,
    object: "contacts",
    started_at: NOW,
    finished_at: null,
    counts: {},
    report: null,
    ...said,
  };
}
