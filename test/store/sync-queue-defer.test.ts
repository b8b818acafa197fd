/** Entries that are put off because HubSpot does not answer, on both engines. */
import { expect, test } from "vitest";
import type { QueueItem } from "../../mcp-server/src/ports/sync-store.ts";
import { describeEachEngine } from "../support/store.ts";

const NOW = "2026-06-01T08:00:00.000Z";
const LATER = "2026-06-01T08:00:30.000Z";
const MUCH_LATER = "2026-06-01T09:00:00.000Z";

describeEachEngine("sync queue, put off", (open) => {
  test("an entry comes due later and counts no try; only the owner of its lease puts it off", async () => {
    const { queue } = await open();
    const claim = (owner: string, now: string): Promise<readonly QueueItem[]> =>
      queue.claim({ object: "contacts", owner, now, lease_until: MUCH_LATER, limit: 5 });
    await queue.add([{ object: "contacts", local_id: 1, reason: "t", due_at: NOW }]);
    await claim("me", NOW);

    await queue.defer([{ object: "contacts", local_id: 1, due_at: LATER }], "other");
    expect(await claim("other", NOW)).toEqual([]);
    await queue.defer([{ object: "contacts", local_id: 1, due_at: LATER }], "me");

    expect(await claim("other", NOW)).toEqual([]);
    expect(await claim("other", LATER)).toMatchObject([
      { local_id: 1, attempts: 0, due_at: LATER },
    ]);
  });
});
