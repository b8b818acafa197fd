/** A process of its own that adds numbered events to the inbox, or handles them, until it is killed. */
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { LATER, NOW } from "./builders.ts";

const [url = "", task = "", from = "0"] = process.argv.slice(2);
const BATCH = 10;

const store = await openStore(url, { log: keptLog() });
if (task === "add") await addForever(store);
else await handleAll(store);

/** Tells the parent of each batch that was kept. */
async function addForever(within: Store): Promise<void> {
  for (let next = Number(from); ; next += BATCH) {
    const numbers = Array.from({ length: BATCH }, (_, i) => next + i);
    await within.inbox.add(numbers.map(numbered), NOW);
    process.send?.(numbers);
  }
}

/** Handles what waits, all of it or, for `handle-forever`, until the process is killed. */
async function handleAll(within: Store): Promise<void> {
  process.send?.("ready");
  for (;;) {
    const count = await within.transaction(handleSome);
    if (count > 0) continue;
    if (task === "handle") break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await within.close();
  process.disconnect();
}

/** As the inbound worker does: what an event says and that it was said are one transaction. */
async function handleSome(within: Store): Promise<number> {
  const taken = await within.inbox.take(7);
  await within.queue.add(
    taken.map((event) => ({
      object: "contacts",
      local_id: Number(event.object_id),
      reason: String(process.pid),
      due_at: NOW,
      inbound: true,
    })),
  );
  await within.inbox.settle(
    taken.map(({ id }) => ({ id, outcome: "signalled" as const })),
    LATER,
  );
  return taken.length;
}

function numbered(number: number) {
  return {
    event_id: String(number),
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: String(number),
    occurred_at: NOW,
    payload: "{}",
    error: null,
  };
}
