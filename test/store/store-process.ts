/** A process of its own for tests: says that it is ready, waits for a word, does one task and answers with a list. */
import { inspect } from "node:util";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { LATER, NOW, newContact } from "./builders.ts";
import { mapsOf } from "./maps.ts";

const [url = "", task = ""] = process.argv.slice(2);
const owner = `process-${process.pid}`;
const lease = { owner, now: NOW, lease_until: LATER };

const tasks: Readonly<Record<string, (store: Store) => Promise<readonly (string | number)[]>>> = {
  open: () => Promise.resolve(["opened"]),
  "claim-queue": claimQueue,
  "claim-jobs": claimJobs,
  "create-job": createJob,
  insert: (store) => insert(store, emails()),
  "insert-backwards": (store) => insert(store, emails().reverse()),
  count,
  capture: (store) => capture(store, ["phone"]),
  "capture-more": (store) => capture(store, ["phone", "city"]),
};

process.once("message", () => {
  answer().then(
    (list) => process.send?.(list, () => process.disconnect()),
    (error: unknown) => process.send?.({ error: inspect(error) }, () => process.disconnect()),
  );
});
process.send?.("ready");

async function answer(): Promise<readonly (string | number)[]> {
  const store = await openStore(url, { log: keptLog() });
  try {
    return await (tasks[task]?.(store) ?? Promise.reject(new Error(`No task ${task}`)));
  } finally {
    await store.close();
  }
}

async function claimQueue(store: Store): Promise<readonly number[]> {
  const taken: number[] = [];
  for (;;) {
    const items = await store.queue.claim({ object: "contacts", ...lease, limit: 7 });
    if (items.length === 0) return taken;
    taken.push(...items.map((item) => item.local_id));
  }
}

async function claimJobs(store: Store): Promise<readonly string[]> {
  const taken: string[] = [];
  for (;;) {
    const job = await store.jobs.claim(lease);
    if (!job) return taken;
    taken.push(job.job_id);
  }
}

/** A job of a kind that runs alone, asked for several times; the ids that came back. */
async function createJob(store: Store): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    const wanted = { job_id: `${owner}-${turn}`, kind: "sync", args: {}, now: NOW } as const;
    ids.push((await store.jobs.createAlone(wanted)).job_id);
  }
  return ids;
}

function emails(): string[] {
  return Array.from({ length: 600 }, (_, i) => `person${i}@example.com`);
}

async function insert(store: Store, all: readonly string[]): Promise<readonly string[]> {
  const inserted: string[] = [];
  for (let at = 0; at < all.length; at += 50) {
    const batch = all.slice(at, at + 50).map((email) => newContact({ email }));
    const rows = await store.transaction((within) => within.contacts.insert(batch));
    inserted.push(...rows.map((row) => row.email));
  }
  return inserted;
}

async function count(store: Store): Promise<readonly string[]> {
  for (let turn = 0; turn < 100; turn += 1) {
    await store.transaction(async (within) => {
      const before = Number(await within.cursors.get("counter"));
      await within.cursors.set("counter", String(before + 1), NOW);
    });
  }
  return [];
}

async function capture(store: Store, columns: readonly string[]): Promise<readonly string[]> {
  for (let turn = 0; turn < 5; turn += 1) {
    await store.changes.capture(
      mapsOf({ contacts: columns.map((column) => ({ path: [column] })) }),
    );
  }
  return ["captures"];
}
