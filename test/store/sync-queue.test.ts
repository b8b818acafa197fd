/** The queue of dirty records forgets no signal and hands no record out twice. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

describeEachEngine("the sync queue", (open) => {
  test("hands out what is due, oldest first, as much as asked for", async () => {
    const store = await open();
    await dirty(store, 1, LATER);
    await dirty(store, 2, NOW);
    await dirty(store, 3, "2026-11-21T09:00:00.000Z");
    await dirty(store, 4, NOW);

    const taken = await claim(store, { limit: 2 });

    expect(taken).toMatchObject([
      {
        object: "contacts",
        local_id: 3,
        reason: "import",
        attempts: 0,
        due_at: "2026-11-21T09:00:00.000Z",
        urgent: false,
        inbound: false,
      },
      {
        object: "contacts",
        local_id: 2,
        reason: "import",
        attempts: 0,
        due_at: NOW,
        urgent: false,
        inbound: false,
      },
    ]);
    expect((await claim(store)).map((item) => item.local_id)).toEqual([4]);
    expect(await claim(store)).toEqual([]);
  });

  test("a record is one entry however many signals came, due at the earliest of them", async () => {
    const store = await open();
    await store.queue.add([
      { object: "contacts", local_id: 1, reason: "import", due_at: MUCH_LATER },
      { object: "contacts", local_id: 1, reason: "poll", due_at: NOW },
      { object: "contacts", local_id: 1, reason: "webhook", due_at: LATER },
    ]);
    await dirty(store, 1, MUCH_LATER);

    expect(await claim(store)).toMatchObject([{ local_id: 1, due_at: NOW }]);
  });

  test("keeps objects apart", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await store.queue.add([{ object: "customers", local_id: 1, reason: "x", due_at: NOW }]);

    expect(await claim(store, { object: "customers" })).toHaveLength(1);
    expect(await claim(store, { object: "companies" })).toEqual([]);
    expect(await claim(store)).toHaveLength(1);
  });

  test("takes only among the named ids when there are any named", async () => {
    const store = await open();
    for (const id of [1, 2, 3]) await dirty(store, id, NOW);

    expect(await claim(store, { ids: [] })).toEqual([]);
    expect((await claim(store, { ids: [3, 1, 99] })).map((item) => item.local_id)).toEqual([1, 3]);
    expect((await claim(store)).map((item) => item.local_id)).toEqual([2]);
  });

  test("an entry under a lease that ran out is handed out again, and the late owner settles nothing", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store, { owner: "dead" });

    const taken = await claim(store, { owner: "heir", now: LATER, lease_until: MUCH_LATER });
    await store.queue.settle("contacts", [1], "dead");

    expect(taken).toHaveLength(1);
    expect((await store.queue.depth(LATER)).due).toBe(1);
    await store.queue.settle("contacts", [1], "heir");
    expect((await store.queue.depth(LATER)).due).toBe(0);
  });

  test("frees at once what a dead owner held, and nothing of others", async () => {
    const store = await open();
    for (const id of [3, 1, 2]) await dirty(store, id, NOW);
    await claim(store, { owner: "job-1/dead", ids: [3, 1] });
    await claim(store, { owner: "job-10/alive", ids: [2] });

    const freed = await store.queue.release("contacts", "job-1/");

    expect(freed).toEqual([1, 3]);
    expect(await store.queue.release("companies", "job-10/")).toEqual([]);
    expect((await claim(store)).map((item) => item.local_id)).toEqual([1, 3]);
  });

  test("an entry marked dirty again while leased stays after settling, due now, as new work", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await dirty(store, 2, NOW);
    await claim(store);
    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: NOW }], "me");
    await claim(store);
    await dirty(store, 1, MUCH_LATER);

    await store.queue.settle("contacts", [1, 2], "me");

    expect(await claim(store)).toMatchObject([
      {
        object: "contacts",
        local_id: 1,
        reason: "import",
        attempts: 0,
        due_at: NOW,
        urgent: false,
        inbound: false,
      },
    ]);
  });

  test("a retry counts the try and waits until it is due", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store);

    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: LATER }], "me");

    expect(await claim(store)).toEqual([]);
    const again = { now: LATER, lease_until: MUCH_LATER };
    expect(await claim(store, again)).toMatchObject([{ local_id: 1, attempts: 1, due_at: LATER }]);
  });

  test("a lease that ran out was a try; one that was given free was none", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store, { owner: "dead", lease_until: LATER });

    const heir = { now: LATER, lease_until: MUCH_LATER, owner: "heir/1" };
    expect(await claim(store, heir)).toMatchObject([{ local_id: 1, attempts: 1 }]);
    await store.queue.release("contacts", "heir/");

    expect(await claim(store, heir)).toMatchObject([{ local_id: 1, attempts: 1 }]);
  });

  test("a retry of an entry marked dirty again while leased does not wait", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store);
    await dirty(store, 1, NOW);

    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: LATER }], "me");

    expect(await claim(store)).toMatchObject([{ local_id: 1, attempts: 1, due_at: NOW }]);
  });

  test("a signal keeps the tries of an entry that waits", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store);
    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: LATER }], "me");

    await dirty(store, 1, NOW);

    expect(await claim(store)).toMatchObject([{ local_id: 1, attempts: 1, due_at: NOW }]);
  });

  test("only the owner of a lease can give an entry back", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await claim(store);

    await store.queue.retry([{ object: "contacts", local_id: 1, due_at: NOW }], "other");

    expect(await claim(store, { owner: "other" })).toEqual([]);
  });

  test("hands out urgent entries first, however long others wait", async () => {
    const store = await open();
    await dirty(store, 1, "2026-11-21T09:00:00.000Z");
    await dirty(store, 2, NOW, true);
    await dirty(store, 3, "2026-11-21T09:30:00.000Z");
    await dirty(store, 4, LATER, true);

    const first = await claim(store, { limit: 2 });

    expect(first.map(({ local_id, urgent }) => [local_id, urgent])).toEqual([
      [2, true],
      [1, false],
    ]);
    expect((await claim(store)).map((item) => item.local_id)).toEqual([3]);
  });

  test("hands out urgent entries alone, or what comes due soon, when asked", async () => {
    const store = await open();
    await dirty(store, 1, NOW);
    await dirty(store, 2, NOW, true);
    await dirty(store, 3, LATER);
    await dirty(store, 4, MUCH_LATER);

    expect((await claim(store, { urgentOnly: true })).map((item) => item.local_id)).toEqual([2]);
    const soon = await claim(store, { due_by: LATER });
    expect(soon.map((item) => item.local_id)).toEqual([1, 3]);
  });

  test("an entry stays urgent whatever signals come after, and in one call", async () => {
    const store = await open();
    const signal = { object: "contacts", reason: "x", due_at: NOW } as const;
    await store.queue.add([
      { ...signal, local_id: 1, urgent: true },
      { ...signal, local_id: 1 },
    ]);
    await dirty(store, 1, NOW);

    expect(await claim(store)).toMatchObject([{ local_id: 1, urgent: true }]);
  });

  test("marks every linked contact, or every customer, at once", async () => {
    const store = await open();
    const link = (local_id: number) =>
      ({ object: "contacts", local_id, hubspot_id: `9${local_id}` }) as const;
    await store.links.put([link(1), link(2), { ...link(3), object: "companies" }], NOW);
    await store.by("sync").customers.upsert([{ ban: "a" }, { ban: "b" }, { ban: "c" }], NOW);
    await dirty(store, 2, LATER);

    expect(await store.queue.addAll("contacts", "map", NOW)).toBe(2);
    expect(await store.queue.addAll("customers", "map", LATER)).toBe(3);

    const taken = await claim(store);
    expect(taken.map(({ local_id, reason, due_at }) => [local_id, reason, due_at])).toEqual([
      [1, "map", NOW],
      [2, "map", NOW],
    ]);
    expect(await claim(store, { object: "customers" })).toEqual([]);
    expect(await claim(store, { object: "customers", now: LATER })).toHaveLength(3);
  });

  test("tells which kinds have something to take now", async () => {
    const store = await open();
    expect(await store.queue.dueObjects(NOW)).toEqual([]);
    await dirty(store, 1, NOW);
    await store.queue.add([
      { object: "customers", local_id: 1, reason: "x", due_at: NOW, urgent: true },
      { object: "companies", local_id: 1, reason: "x", due_at: LATER },
    ]);

    expect((await store.queue.dueObjects(NOW)).toSorted()).toEqual(["contacts", "customers"]);
    await claim(store, { object: "customers" });
    expect(await store.queue.dueObjects(NOW)).toEqual(["contacts"]);
    expect((await store.queue.dueObjects(LATER)).toSorted()).toEqual([
      "companies",
      "contacts",
      "customers",
    ]);
  });

  test("shows what is due without taking it, leased or not, in pages by id", async () => {
    const store = await open();
    for (const id of [3, 1, 2]) await dirty(store, id, NOW);
    await dirty(store, 4, LATER);
    await claim(store, { ids: [1] });

    const first = await store.queue.dueIds("contacts", NOW, { afterId: 0, limit: 2 });
    const rest = await store.queue.dueIds("contacts", NOW, { afterId: 2, limit: 2 });

    expect([first, rest]).toEqual([[1, 2], [3]]);
    expect(await store.queue.dueIds("customers", NOW, { afterId: 0, limit: 2 })).toEqual([]);
  });

  test("tells how much is due, how much waits and since when", async () => {
    const store = await open();
    expect(await store.queue.depth(NOW)).toEqual({ due: 0, waiting: 0, oldest_due_at: null });
    await dirty(store, 1, NOW);
    await dirty(store, 2, "2026-11-21T09:00:00.000Z");
    await dirty(store, 3, LATER);

    expect(await store.queue.depth(NOW)).toEqual({
      due: 2,
      waiting: 1,
      oldest_due_at: "2026-11-21T09:00:00.000Z",
    });
  });
});

function dirty(store: Store, id: number, due_at: string, urgent = false): Promise<void> {
  return store.queue.add([{ object: "contacts", local_id: id, reason: "import", due_at, urgent }]);
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
