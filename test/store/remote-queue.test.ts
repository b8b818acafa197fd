/** The queue of HubSpot's records forgets no signal, hands no record out twice and never weakens an erasure. */
import { expect, test } from "vitest";
import type { RemoteItem } from "../../mcp-server/src/ports/inbox-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

describeEachEngine("the queue of HubSpot's records", (open, { empty, openAt }) => {
  test("hands out what is due, oldest first, as much as asked for", async () => {
    const store = await open();
    await store.remoteQueue.add([
      look("1", LATER),
      look("2"),
      { ...look("3", "2026-11-21T09:00:00.000Z"), object: "companies" },
      { ...look("4"), kind: "erase" },
    ]);

    const taken = await claim(store, { limit: 2 });

    expect(taken).toMatchObject([
      { ...look("3", "2026-11-21T09:00:00.000Z"), object: "companies", attempts: 0 },
      { ...look("2"), attempts: 0 },
    ]);
    expect(await claim(store)).toMatchObject([{ hubspot_id: "4", kind: "erase" }]);
    expect(await claim(store)).toEqual([]);
  });

  test("a record is one entry however many signals came; objects with one id are two", async () => {
    const store = await open();
    await store.remoteQueue.add([look("1", LATER), look("1"), look("1", MUCH_LATER)]);
    await store.remoteQueue.add([look("1", LATER), { ...look("1"), object: "companies" }]);

    expect(await claim(store)).toMatchObject([
      { object: "companies", hubspot_id: "1" },
      { object: "contacts", hubspot_id: "1", due_at: NOW },
    ]);
  });

  test("an erasure stays one whatever signals come before and after, also in one call", async () => {
    const store = await open();
    const erase = { ...look("1"), kind: "erase" } as const;

    await store.remoteQueue.add([look("1"), erase, look("1")]);
    await store.remoteQueue.add([look("1"), look("2")]);
    await store.remoteQueue.add([{ ...look("2"), kind: "erase" }]);

    expect((await claim(store)).map((item) => item.kind)).toEqual(["erase", "erase"]);
  });

  test("an entry signalled again while leased stays after settling, as new work", async () => {
    const store = await open();
    await store.remoteQueue.add([look("1"), look("2")]);
    await claim(store);
    await store.remoteQueue.retry([{ ...look("1"), error: "Busy." }], "me");
    await claim(store);
    await store.remoteQueue.add([look("1", MUCH_LATER)]);

    await store.remoteQueue.settle([look("1"), look("2")], "me");

    expect(await claim(store)).toMatchObject([{ ...look("1"), attempts: 0 }]);
  });

  test("a retry counts the try, keeps the reason and waits, unless there was a signal meanwhile", async () => {
    const url = await empty();
    const store = await openAt(url);
    await store.remoteQueue.add([look("1"), look("2")]);
    await claim(store);
    await store.remoteQueue.add([look("2")]);

    await store.remoteQueue.retry(
      [
        { ...look("1", LATER), error: "HubSpot did not answer." },
        { ...look("2", LATER), error: null },
      ],
      "me",
    );

    const other = await foreignProgram(url);
    const rows = await other.rows("select hubspot_id, error from hubspot_queue order by 1");
    expect(rows).toEqual([
      { hubspot_id: "1", error: "HubSpot did not answer." },
      { hubspot_id: "2", error: null },
    ]);
    expect(await claim(store)).toMatchObject([{ ...look("2"), attempts: 1 }]);
    const then = { now: LATER, lease_until: MUCH_LATER };
    expect(await claim(store, then)).toMatchObject([{}, { ...look("1", LATER), attempts: 1 }]);
  });

  test("a lease that ran out was a try, and its late owner neither settles nor retries", async () => {
    const store = await open();
    await store.remoteQueue.add([look("1")]);
    await claim(store, { owner: "dead" });
    const heir = { owner: "heir", now: LATER, lease_until: MUCH_LATER };

    expect(await claim(store, heir)).toMatchObject([{ ...look("1"), attempts: 1 }]);
    await store.remoteQueue.settle([look("1")], "dead");
    await store.remoteQueue.retry([{ ...look("1"), error: "late" }], "dead");

    expect(await store.remoteQueue.depth(LATER)).toEqual({ due: 1, waiting: 0 });
    await store.remoteQueue.settle([look("1")], "heir");
    expect(await store.remoteQueue.depth(LATER)).toEqual({ due: 0, waiting: 0 });
  });

  test("tells whether anything can be claimed, and how much is due", async () => {
    const store = await open();
    expect(await store.remoteQueue.anyDue(NOW)).toBe(false);
    await store.remoteQueue.add([look("1"), look("2", LATER)]);

    expect(await store.remoteQueue.anyDue(NOW)).toBe(true);
    expect(await store.remoteQueue.depth(NOW)).toEqual({ due: 1, waiting: 1 });
    await claim(store);
    expect(await store.remoteQueue.anyDue(NOW)).toBe(false);
    expect(await store.remoteQueue.anyDue(LATER)).toBe(true);
  });
});

function look(hubspotId: string, dueAt = NOW): Omit<RemoteItem, "attempts"> {
  return { object: "contacts", hubspot_id: hubspotId, kind: "look", due_at: dueAt };
}

function claim(store: Store, take: Partial<Parameters<Store["remoteQueue"]["claim"]>[0]> = {}) {
  return store.remoteQueue.claim({
    owner: "me",
    now: NOW,
    lease_until: LATER,
    limit: 100,
    ...take,
  });
}
