/** What HubSpot spoke of can be worked on alone, and what only a sending run could finish waits for one. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { QueueItem } from "../../mcp-server/src/ports/sync-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

describeEachEngine("inbound entries of the sync queue", (open, { engine, empty, openAt }) => {
  test("are claimed alone when asked, urgent ones first", async () => {
    const store = await open();
    await store.queue.add([
      entry(1),
      inbound(2),
      { ...inbound(3), urgent: true },
      inbound(4, LATER),
    ]);

    const taken = await claim(store, { inboundOnly: true });

    expect(taken.map(({ local_id, inbound: isInbound }) => [local_id, isInbound])).toEqual([
      [3, true],
      [2, true],
    ]);
    expect(await claim(store)).toMatchObject([{ local_id: 1, inbound: false }]);
  });

  test("stay inbound whatever signals come after, also in one call", async () => {
    const store = await open();
    await store.queue.add([inbound(1), entry(1), entry(2)]);
    await store.queue.add([entry(1), inbound(2)]);

    expect(await claim(store, { inboundOnly: true })).toHaveLength(2);
  });

  test("tell which kinds have something inbound to take now", async () => {
    const store = await open();
    await store.queue.add([
      entry(1),
      { ...inbound(1), object: "customers" },
      { ...inbound(1, LATER), object: "companies" },
    ]);

    expect(await store.queue.dueObjects(NOW, true)).toEqual(["customers"]);
    expect((await store.queue.dueObjects(NOW)).toSorted()).toEqual(["contacts", "customers"]);
    await claim(store, { object: "customers" });
    expect(await store.queue.dueObjects(NOW, true)).toEqual([]);
  });

  test("that are left wait, as they are, for a run that sends", async () => {
    const store = await open();
    await store.queue.add([{ ...inbound(1), urgent: true }, inbound(2)]);
    await claim(store, { inboundOnly: true });

    await store.queue.leave("contacts", [1], "other");
    await store.queue.leave("contacts", [1], "me");

    expect(await store.queue.dueObjects(NOW, true)).toEqual([]);
    expect(await claim(store, { inboundOnly: true })).toEqual([]);
    expect(await claim(store)).toMatchObject([
      { ...inbound(1), attempts: 0, urgent: true, inbound: false },
    ]);
  });

  test("that were signalled again while leased are still inbound when they are left", async () => {
    const store = await open();
    await store.queue.add([inbound(1)]);
    await claim(store, { inboundOnly: true });
    await store.queue.add([inbound(1, MUCH_LATER)]);

    await store.queue.leave("contacts", [1], "me");

    expect(await claim(store, { inboundOnly: true })).toMatchObject([{ local_id: 1, due_at: NOW }]);
  });

  test("are inbound after a retry, too", async () => {
    const store = await open();
    await store.queue.add([inbound(1)]);
    await claim(store, { inboundOnly: true });

    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: LATER }], "me");

    const then = { inboundOnly: true, now: LATER, lease_until: MUCH_LATER };
    expect(await claim(store, then)).toMatchObject([{ local_id: 1, attempts: 1 }]);
  });

  test.runIf(engine === "sqlite")("are sought in an index of their own", async () => {
    const url = await empty();
    await openAt(url);
    const other = await foreignProgram(url);

    const plan = await other.rows(`explain query plan select local_id from sync_queue
      where object = 'contacts' and urgent = 0 and due_at <= 'x' and inbound = 1
      order by due_at, local_id limit 9`);

    expect(plan.map((row) => row["detail"]).join("; ")).toContain("sync_queue_inbound");
  });

  // One process has one connection to a SQLite file; there nobody waits for a row.
  test.runIf(engine === "postgres")(
    "signals in any order never block those who settle, leave and retry the same entries",
    async () => {
      const url = await empty();
      const [signals, worker] = [await openAt(url), await openAt(url)];
      const all = Array.from({ length: 300 }, (_, i) => i + 1);
      const flood = async () => {
        for (let turn = 0; turn < 15; turn += 1) {
          const ids = turn % 2 === 0 ? all : all.toReversed();
          await signals.queue.add(ids.map((id) => inbound(id)));
        }
      };
      const work = async () => {
        for (let turn = 0; turn < 15; turn += 1) {
          const ids = (await claim(worker, { limit: 300 })).map((item) => item.local_id);
          const [left, again] = [ids.slice(0, 100).toReversed(), ids.slice(100, 200)];
          await worker.queue.leave("contacts", left, "me");
          await worker.queue.retry(
            again.toReversed().map((id) => ({ object: "contacts", local_id: id, due_at: NOW })),
            "me",
          );
          await worker.queue.settle("contacts", ids.slice(200), "me");
        }
      };

      await Promise.all([flood(), work()]);

      expect((await worker.queue.depth(NOW)).due).toBeGreaterThan(0);
    },
  );
});

type Entry = Omit<QueueItem, "attempts">;

function entry(id: number, dueAt = NOW): Entry {
  return { object: "contacts", local_id: id, reason: "webhook", due_at: dueAt };
}

function inbound(id: number, dueAt = NOW): Entry {
  return { ...entry(id, dueAt), inbound: true };
}

function claim(store: Store, take: Partial<Parameters<Store["queue"]["claim"]>[0]> = {}) {
  return store.queue.claim({
    object: "contacts",
    owner: "me",
    now: NOW,
    lease_until: LATER,
    limit: 100,
    ...take,
  });
}
