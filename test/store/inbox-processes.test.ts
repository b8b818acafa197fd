/** Several processes at one inbox, killed at any moment: no event is lost and none is handled twice. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { NOW } from "./builders.ts";
import { type ForeignProgram, foreignProgram } from "./foreign.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

describeEachEngine("processes at one inbox", (_open, { empty, openAt }) => {
  test("share it without handling an event twice", async () => {
    const url = await empty();
    const store = await openAt(url);
    const numbers = Array.from({ length: 600 }, (_, i) => i);
    for (const number of numbers) await add(store, number);

    const takers = [start(url, "handle"), start(url, "handle"), start(url, "handle")];
    await Promise.all(takers.map((taker) => once(taker, "exit")));

    const handled = await marks(await foreignProgram(url));
    expect([...handled.keys()].toSorted((a, b) => a - b)).toEqual(numbers);
    expect([...handled.values()].every((version) => version === 1)).toBe(true);
    expect(await store.inbox.any()).toBe(false);
  });

  test("lose nothing that was kept when they are killed, and handle nothing twice", async () => {
    const url = await empty();
    const store = await openAt(url);
    const kept: number[] = [];
    for (let kill = 0; kill < 5; kill += 1) {
      const adder = start(url, "add", kill * 1_000_000);
      const taker = start(url, "handle-forever");
      // Some are killed early, some late; where in their work they are is left to the machine.
      const enough = kept.length + 60 * (kill + 1);
      await new Promise<void>((resolve) => {
        adder.on("message", (numbers: number[]) => {
          kept.push(...numbers);
          if (kept.length >= enough) resolve();
        });
      });
      const gone = [adder, taker].map((child) => once(child, "exit"));
      for (const child of [adder, taker]) child.kill("SIGKILL");
      await Promise.all(gone);
    }

    const heir = start(url, "handle");
    await once(heir, "exit");

    const handled = await marks(await foreignProgram(url));
    expect(kept.filter((number) => !handled.has(number))).toEqual([]);
    expect([...handled.values()].every((version) => version === 1)).toBe(true);
    expect(await store.inbox.any()).toBe(false);
  });
});

function start(url: string, task: string, from = 0): ChildProcess {
  const file = fileURLToPath(new URL("./inbox-process.ts", import.meta.url));
  const child = fork(file, [url, task, String(from)]);
  children.push(child);
  return child;
}

function add(store: Store, number: number): Promise<void> {
  const event = {
    event_id: "",
    subscription_type: "contact.creation",
    object: "contacts",
    object_id: String(number),
    occurred_at: NOW,
    payload: "{}",
    error: null,
  };
  return store.inbox.add([event], NOW);
}

/** How often each number was marked; its version counts the marks. */
async function marks(other: ForeignProgram): Promise<ReadonlyMap<number, number>> {
  const rows = await other.rows("select local_id, version from sync_queue");
  return new Map(rows.map((row) => [Number(row["local_id"]), Number(row["version"])]));
}
