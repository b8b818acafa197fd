/** Several processes on one database: none fails, none doubles, none loses. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

describeEachEngine("processes at once", (_open, { engine, empty, openAt }) => {
  test("all open a database that does not exist yet, and migrate it once", async () => {
    const url = await empty();

    const opened = await together(url, ["open", "open", "open"]);

    expect(opened).toEqual([["opened"], ["opened"], ["opened"]]);
    const store = await openAt(url);
    expect(await store.contacts.countByStatus()).toEqual({});
  });

  test("share a queue's entries without taking one twice", async () => {
    const url = await empty();
    const store = await openAt(url);
    const ids = Array.from({ length: 400 }, (_, i) => i + 1);
    await store.queue.add(
      ids.map((local_id) => ({ object: "contacts", local_id, reason: "test", due_at: NOW })),
    );

    const taken = await together(url, ["claim-queue", "claim-queue"]);

    expect(
      taken
        .flat()
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual(ids);
  });

  test.runIf(engine === "postgres")(
    "pass over entries that a claim still under way takes",
    async () => {
      const url = await empty();
      const [first, second] = [await openAt(url), await openAt(url)];
      await first.queue.add(
        [1, 2, 3].map((local_id) => ({
          object: "contacts",
          local_id,
          reason: "test",
          due_at: NOW,
        })),
      );
      const take = {
        object: "contacts",
        owner: "any",
        now: NOW,
        lease_until: LATER,
        limit: 2,
      } as const;

      const taken = await first.transaction(async (within) => [
        await within.queue.claim(take),
        await second.queue.claim(take),
      ]);

      expect(taken.map((items) => items.map((item) => item.local_id))).toEqual([[1, 2], [3]]);
    },
  );

  test("run one job of a kind at a time", async () => {
    const url = await empty();
    const store = await openAt(url);
    for (const kind of ["import", "enrich", "sync"] as const) {
      for (const number of [1, 2, 3]) {
        await store.jobs.create({ job_id: `${kind}_${number}`, kind, args: {}, now: NOW });
      }
    }

    const taken = await together(url, ["claim-jobs", "claim-jobs"]);

    expect(taken.flat().toSorted()).toEqual(["enrich_1", "import_1", "sync_1"]);
  });

  test("queue one job of a kind that runs alone, whoever asks first", async () => {
    const url = await empty();
    const store = await openAt(url);

    const asked = await together(url, ["create-job", "create-job", "create-job"]);

    expect(new Set(asked.flat()).size).toBe(1);
    expect(await store.jobs.list(10)).toHaveLength(1);
  });

  test("insert the same e-mails in any order, each of them once", async () => {
    const url = await empty();

    const inserted = await together(url, ["insert", "insert-backwards"]);

    const emails = inserted.flat();
    expect(new Set(emails).size).toBe(emails.length);
    const store = await openAt(url);
    expect(await store.contacts.count({})).toBe(emails.length);
    expect(emails).toHaveLength(600);
  });

  test("make the triggers of their maps, of the same one or of two", async () => {
    const url = await empty();
    const store = await openAt(url);

    const made = await together(url, ["capture", "capture", "capture-more"]);

    expect(made.flat()).toEqual(["captures", "captures", "captures"]);
    const ada = await insertOne(store, { email: "ada@example.com" });
    await store.contacts.update([{ id: ada, set: { phone: "+1" } }], LATER);
    expect(await store.changes.latest("contacts", [ada])).toMatchObject([{ field: "phone" }]);
  });

  test.runIf(engine === "sqlite")("lose no update that was made on what was read", async () => {
    const url = await empty();
    const store = await openAt(url);
    await store.cursors.set("counter", "0", LATER);

    await together(url, ["count", "count"]);

    expect(await store.cursors.get("counter")).toBe("200");
  });
});

/** Starts a process a task, lets them go at the same moment and returns what each of them answered. */
async function together(url: string, tasks: readonly string[]): Promise<readonly string[][]> {
  const started = tasks.map((task) => {
    const child = fork(fileURLToPath(new URL("./store-process.ts", import.meta.url)), [url, task]);
    children.push(child);
    return child;
  });
  await Promise.all(started.map((child) => once(child, "message")));
  const answers = started.map((child) => once(child, "message"));
  for (const child of started) child.send("go");
  const said = await Promise.all(answers);
  return said.map(([answer]) => {
    if (!Array.isArray(answer)) throw new Error(`A process failed: ${JSON.stringify(answer)}`);
    return answer.map(String);
  });
}
