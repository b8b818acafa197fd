/** An inbox that filled up while nobody emptied it: looks take it in pieces, others have their turn, and order and doubles change nothing. */
import { expect, onTestFinished, test } from "vitest";
import { createInboxDrain } from "../../mcp-server/src/workers/inbound.ts";
import { syncRig } from "../support/sync-rig.ts";

const WAITING = 25_000;

test("is emptied in looks of a bounded length, each record marked once, in whatever order its events came", async () => {
  const rig = await syncRig();
  onTestFinished(() => rig.close());
  const { store, clock } = rig;
  const ids: number[] = [];
  for (let n = 0; n < 50; n += 1) ids.push(await rig.contact(`c${n}@acme.com`));
  await rig.sync();
  const links = await store.links.byLocalIds("contacts", ids);
  for (let from = 0; from < WAITING; from += 5_000)
    await store.inbox.add(
      Array.from({ length: 5_000 }, (_, n) =>
        event(links[(from + n * 7) % 50]?.hubspot_id ?? "", n),
      ),
      clock.iso(),
    );
  const drain = createInboxDrain({ store, clock, log: rig.log });
  const looks: number[] = [];

  for (let before = WAITING; before > 0; ) {
    await drain(new AbortController().signal);
    const { waiting } = await store.inbox.depth(WAITING + 1);
    looks.push(before - waiting);
    expect(waiting).toBeLessThan(before);
    before = waiting;
  }

  expect(Math.max(...looks)).toBeLessThanOrEqual(10_000);
  const lease = { owner: "x", now: clock.iso(), lease_until: clock.iso(), limit: 1_000 };
  const marked = await store.queue.claim({ object: "contacts", ...lease, inboundOnly: true });
  expect(marked.map(({ local_id }) => local_id).sort((a, b) => a - b)).toEqual(ids);
  expect(await store.inbox.outcomesSince("2026")).toEqual({ signalled: WAITING });
}, 120_000);

function event(hubspotId: string, n: number) {
  const type = n % 3 === 0 ? "contact.creation" : "contact.propertyChange";
  return {
    event_id: String(n % 10),
    subscription_type: type,
    object: "contacts",
    object_id: hubspotId,
    // Backwards: HubSpot promises no order.
    occurred_at: new Date(1_780_000_000_000 - n * 1_000).toISOString(),
    payload: JSON.stringify({ subscriptionType: type, objectId: Number(hubspotId) }),
    error: null,
  };
}
