/** Entries of both queues that a clock set back would make wait, on both engines. */
import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";

const NOW = "2026-06-01T08:00:00.000Z";
const BEFORE = "2026-06-01T08:05:00.000Z";
const UNTIL = "2026-06-01T08:05:05.000Z";
const PARKED = "2026-06-01T08:20:00.000Z";

describeEachEngine("a queue whose clock was set back", (open) => {
  test("has due what was due before, as it was otherwise, and leaves parked what is parked", async () => {
    const { queue } = await open();
    const entry = { object: "contacts", reason: "t" } as const;
    await queue.add([
      { ...entry, local_id: 1, due_at: BEFORE, urgent: true },
      { ...entry, local_id: 2, due_at: UNTIL },
      { ...entry, local_id: 3, due_at: PARKED },
    ]);
    expect(await queue.dueObjects(NOW)).toEqual([]);

    await queue.dueSooner({ now: NOW, until: UNTIL });

    expect(await queue.depth(NOW)).toEqual({ due: 2, waiting: 1, oldest_due_at: NOW });
    const taken = await queue.claim({
      object: "contacts",
      owner: "me",
      now: NOW,
      lease_until: PARKED,
      limit: 5,
    });
    expect(taken).toMatchObject([
      { local_id: 1, attempts: 0, urgent: true, since: BEFORE },
      { local_id: 2, attempts: 0, urgent: false, since: UNTIL },
    ]);
  });

  test("has due what of HubSpot was to be looked at, too", async () => {
    const { remoteQueue } = await open();
    const entry = { object: "contacts", kind: "look" } as const;
    await remoteQueue.add([
      { ...entry, hubspot_id: "1", due_at: BEFORE },
      { ...entry, hubspot_id: "2", due_at: PARKED },
    ]);
    expect(await remoteQueue.anyDue(NOW)).toBe(false);

    await remoteQueue.dueSooner({ now: NOW, until: UNTIL });

    expect(await remoteQueue.depth(NOW)).toEqual({ due: 1, waiting: 1 });
  });
});
