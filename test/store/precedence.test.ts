/** Notifications are kept at once, however much work waits for the database. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { connectionGate, type Lane } from "../../mcp-server/src/store/connection-gate.ts";
import { turns } from "../../mcp-server/src/store/turns.ts";
import { describeEachEngine } from "../support/store.ts";
import { NOW } from "./builders.ts";

describeEachEngine("the inbox among others", (open, { engine }) => {
  test.runIf(engine === "sqlite")(
    "keeps an event before transactions that waited longer, and after the one that runs",
    async () => {
      const store = await open();
      const done: string[] = [];
      const running = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const first = store.transaction(async (within) => {
        begun.resolve();
        await within.cursors.set("a", "1", NOW);
        await running.promise;
        done.push("running");
      });
      await begun.promise;
      const waiting = Array.from({ length: 8 }, () =>
        store.transaction(async (within) => {
          await within.cursors.get("a");
          // Each takes a while, as a claim of many records does.
          await new Promise((resolve) => setImmediate(resolve));
          done.push("waiting");
        }),
      );
      for (let round = 0; round < 10; round += 1) await aRound();

      const kept = keep(store).then(() => done.push("kept"));
      running.resolve();
      await Promise.all([first, kept, ...waiting]);

      expect(done.slice(0, 2)).toEqual(["running", "kept"]);
      expect(done).toHaveLength(10);
    },
  );

  test.runIf(engine === "postgres")(
    "keeps an event while all others hold their connections",
    async () => {
      const store = await open();
      const held = Promise.withResolvers<void>();
      const others = Array.from({ length: 12 }, () =>
        store.transaction(async (within) => {
          await within.cursors.get("a");
          await held.promise;
        }),
      );
      for (let round = 0; round < 15; round += 1) await aRound();

      await keep(store);
      held.resolve();

      await Promise.all(others);
      expect(await store.inbox.any()).toBe(true);
    },
  );

  test("many adds at once are all kept, each as one", async () => {
    const store = await open();

    await Promise.all(Array.from({ length: 60 }, () => keep(store)));

    expect(await store.inbox.depth(1_000)).toMatchObject({ waiting: 120 });
  });

  test.runIf(engine === "sqlite")("a transaction is told that somebody waits for it", async () => {
    const store = await open();
    let kept: Promise<void> | null = null;

    const told = await store.transaction(async (within) => {
      const before = within.by("import").isAwaited();
      kept = keep(store);
      await aRound();
      return [before, within.by("import").isAwaited()];
    });
    await kept;

    expect(told).toEqual([false, true]);
    expect(store.isAwaited()).toBe(false);
  });

  test("within a transaction the inbox is part of it", async () => {
    const store = await open();

    const failed = store.transaction(async (within) => {
      await keep(within);
      throw new Error("The process stumbled.");
    });

    await expect(failed).rejects.toThrow("stumbled");
    expect(await store.inbox.any()).toBe(false);
  });
});

test("whoever waits in the first lane is next; within a lane the first come is", async () => {
  const { first, other } = connectionGate();
  const order: string[] = [];
  const pass = async (lane: Lane, name: string) => {
    await lane.enter();
    order.push(name);
    await aRound();
    lane.leave();
  };

  await Promise.all([
    pass(other, "other 1"),
    pass(other, "other 2"),
    pass(other, "other 3"),
    pass(first, "first 1"),
    pass(first, "first 2"),
  ]);
  await pass(other, "later");

  expect(order).toEqual(["other 1", "first 1", "first 2", "other 2", "other 3", "later"]);
});

test("of many turns that are asked for at once one comes in each round of the event loop", async () => {
  const turn = turns();
  let rounds = 0;
  let isOver = false;
  const count = (): void => {
    rounds += 1;
    if (!isOver) setImmediate(count);
  };
  const before = setImmediate(count);
  const taken: number[] = [];

  await Promise.all([1, 2, 3].map(() => turn().then(() => taken.push(rounds))));
  isOver = true;
  clearImmediate(before);

  expect(new Set(taken).size).toBe(3);
});

function keep(store: Store): Promise<void> {
  const event = {
    event_id: "1",
    subscription_type: "contact.creation",
    object: "contacts",
    object_id: "1",
    occurred_at: NOW,
    payload: "{}",
    error: null,
  };
  return store.inbox.add([event, event], NOW);
}

function aRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
