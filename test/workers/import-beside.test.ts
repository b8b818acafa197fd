/** An import with the database to itself works in large transactions; where others wait, in small ones, and it loses nothing by that. */
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { importRig, NOW } from "./import-rig.ts";

// Two batches are a transaction while nobody waits.
const ROWS = 3_000;
const BATCHES = 6;

describeEachEngine("an import beside others", (open, { engine }) => {
  test.runIf(engine === "sqlite")("ends its transaction early when somebody waits", async () => {
    const store = await open();

    const alone = await imported(store, "alone.com");
    const adding = keepAdding(store);
    const beside = await imported(store, "beside.com");
    await adding.stop();

    expect(alone.saves).toBe(BATCHES / 2);
    expect(beside.saves).toBe(BATCHES);
    expect(alone.created).toBe(ROWS);
    expect(beside.created).toBe(ROWS);
  });

  test("resumes after the part that was saved", async () => {
    const store = await open();
    const rig = await importRig(store);
    const jobId = await rig.create({ source: "csv", path: await rig.file(rowsOf("acme.com")) });
    const adding = keepAdding(store);
    await rig.crash(jobId, 2);

    const done = await rig.run(jobId);
    await adding.stop();

    expect(done.counts).toMatchObject({ created: ROWS, updated: 0, unchanged: 0, rejected: 0 });
  });
});

/** How often a file's import was saved, which is once a transaction, and what it created. */
async function imported(store: Store, domain: string) {
  const rig = await importRig(store);
  const path = await rig.file(rowsOf(domain));
  const job_id = `import_${domain}`;
  await store.jobs.create({ job_id, kind: "import", args: { source: "csv", path }, now: NOW });
  let saves = 0;
  const { counts } = await rig.run(job_id, (count) => {
    saves = count;
  });
  return { saves, created: counts?.["created"] };
}

function rowsOf(domain: string): string {
  return `email\n${Array.from({ length: ROWS }, (_, n) => `p${n}@${domain}\n`).join("")}`;
}

interface Adding {
  stop(): Promise<void>;
}

/** Notifications that come one after the other: there is always one that waits. */
function keepAdding(store: Store): Adding {
  let isOver = false;
  const add = async (): Promise<void> => {
    while (!isOver) {
      await store.inbox.add([event], NOW);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const adding = add();
  return {
    stop: () => {
      isOver = true;
      return adding;
    },
  };
}

const event = {
  event_id: "1",
  subscription_type: "contact.creation",
  object: "contacts",
  object_id: "1",
  occurred_at: NOW,
  payload: "{}",
  error: null,
};
