/** Since when records wait: kept over retries and leases, and new once it is settled. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine, type EngineUnderTest } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";
import { captureRig } from "./capture-rig.ts";

const EARLY = "2026-11-21T08:00:00.000Z";
const EARLIER = "2026-11-21T07:00:00.000Z";

interface Queue {
  signal(since: string | undefined, due_at: string): Promise<void>;
  claim(now: string): Promise<readonly (string | undefined)[]>;
  retry(due_at: string): Promise<void>;
  settle(): Promise<void>;
}

/** Both queues under one set of words, over one record. */
const queues: Readonly<Record<string, (store: Store) => Queue>> = {
  "a record": ({ queue }) => ({
    signal: (since, due_at) =>
      queue.add([{ object: "contacts", local_id: 1, reason: "test", due_at, ...said(since) }]),
    claim: async (now) => {
      const take = { object: "contacts", owner: "me", now, lease_until: now, limit: 9 } as const;
      return (await queue.claim(take)).map(({ since }) => since);
    },
    retry: (due_at) => queue.retry([{ object: "contacts", local_id: 1, due_at }], "me"),
    settle: () => queue.settle("contacts", [1], "me"),
  }),
  "a HubSpot record": ({ remoteQueue }) => ({
    signal: (since, due_at) => remoteQueue.add([{ ...one, kind: "look", due_at, ...said(since) }]),
    claim: async (now) => {
      const taken = await remoteQueue.claim({ owner: "me", now, lease_until: now, limit: 9 });
      return taken.map(({ since }) => since);
    },
    retry: (due_at) => remoteQueue.retry([{ ...one, due_at, error: null }], "me"),
    settle: () => remoteQueue.settle([one], "me"),
  }),
};

const one = { object: "contacts", hubspot_id: "1" } as const;

function said(since: string | undefined): { since?: string } {
  return since === undefined ? {} : { since };
}

describeEachEngine("since when an entry waits", (open, engine) => {
  for (const [what, of] of Object.entries(queues)) {
    test(`${what} waits since its earliest signal, whatever their order`, async () => {
      const queue = of(await open());

      await queue.signal(EARLY, NOW);
      await queue.signal(EARLIER, LATER);
      await queue.signal(LATER, EARLY);

      expect(await queue.claim(NOW)).toEqual([EARLIER]);
    });

    test(`${what} of which nothing else is said waits since it is due`, async () => {
      const queue = of(await open());

      await queue.signal(undefined, NOW);

      expect(await queue.claim(NOW)).toEqual([NOW]);
    });

    test(`${what} that is tried again, or whose lease ran out, waits since before`, async () => {
      const queue = of(await open());
      await queue.signal(EARLY, NOW);
      await queue.claim(NOW);

      await queue.retry(LATER);

      expect(await queue.claim(LATER)).toEqual([EARLY]);
      expect(await queue.claim(MUCH_LATER)).toEqual([EARLY]);
    });

    test(`${what} that was signalled while leased waits since then, once that lease is settled`, async () => {
      const queue = of(await open());
      await queue.signal(EARLIER, NOW);
      await queue.claim(NOW);
      await queue.signal(NOW, NOW);
      await queue.signal(EARLY, NOW);

      await queue.settle();

      expect(await queue.claim(NOW)).toEqual([EARLY]);
    });

    test(`${what} that was signalled while leased and is tried again waits since the first signal`, async () => {
      const queue = of(await open());
      await queue.signal(EARLIER, NOW);
      await queue.claim(NOW);
      await queue.signal(EARLY, NOW);

      await queue.retry(NOW);

      expect(await queue.claim(NOW)).toEqual([EARLIER]);
      await queue.signal(LATER, LATER);
      await queue.settle();
      expect(await queue.claim(LATER)).toEqual([LATER]);
    });
  }

  test("a row that another program changes waits since that instant, not since it is due", () =>
    sinceTheEdit(engine, "update contacts set phone = '+2'"));

  test("a row that another program inserts does, too", () =>
    sinceTheEdit(engine, "insert into customers (ban) values ('B-9')"));
});

async function sinceTheEdit(engine: EngineUnderTest, statement: string): Promise<void> {
  const { other } = await captureRig(engine);
  const before = new Date().toISOString();

  await other.run(statement);

  const [entry] = await other.rows("select since, due_at from sync_queue");
  const since = String(entry?.["since"]);
  expect(since >= before && since <= new Date().toISOString()).toBe(true);
  expect(Date.parse(String(entry?.["due_at"])) - Date.parse(since)).toBeGreaterThanOrEqual(1_990);
}
