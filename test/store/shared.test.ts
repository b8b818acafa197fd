/** Values that processes change together: as one step, in turn, and only when they change. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { NOW } from "./builders.ts";

const LATER = "2026-11-22T11:00:00.000Z";

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

function start(url: string, times: number): ChildProcess {
  const file = fileURLToPath(new URL("./shared-process.ts", import.meta.url));
  const child = fork(file, [url, String(times)]);
  running.push(child);
  return child;
}

function countUp({ shared }: Store, name = "counter"): Promise<number> {
  return shared.change(
    name,
    (value) => {
      const next = Number(value ?? "0") + 1;
      return { value: String(next), result: next };
    },
    NOW,
  );
}

describeEachEngine("shared values", (open, { empty, openAt }) => {
  test("changed by several processes at once lose nothing, and nobody decides by an old one", async () => {
    const url = await empty();
    const store = await openAt(url);
    const children = [start(url, 100), start(url, 100)];
    await Promise.all(children.map((child) => once(child, "message")));

    const answers = children.map((child) => once(child, "message"));
    for (const child of children) child.send("go");
    const counts = (await Promise.all(answers)).flatMap(([list]) => list as number[]);

    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(await store.shared.get("counter")).toBe("200");
  });

  test("changed at once over one connection lose nothing", async () => {
    const store = await open();

    const counts = await Promise.all(Array.from({ length: 50 }, () => countUp(store)));

    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  test("begin as null and are kept with the time of their change", async () => {
    const store = await open();

    const before = await store.shared.change("a", (value) => ({ value: "1", result: value }), NOW);

    expect(before).toBeNull();
    expect(await store.shared.list("a")).toEqual([{ name: "a", value: "1", updated_at: NOW }]);
  });

  test("that a decision leaves as they are are not written", async () => {
    const store = await open();
    await countUp(store);

    await store.shared.change("counter", (value) => ({ value, result: null }), LATER);
    await store.shared.change("never", () => ({ value: null, result: null }), LATER);

    expect(await store.shared.list("")).toEqual([{ name: "counter", value: "1", updated_at: NOW }]);
  });

  test("stay as they were when a decision fails, and can be changed again", async () => {
    const store = await open();
    await countUp(store);

    const failing = store.shared.change(
      "counter",
      () => {
        throw new Error("no decision");
      },
      NOW,
    );

    await expect(failing).rejects.toThrow("no decision");
    expect(await countUp(store)).toBe(2);
  });

  test("are listed by the beginning of their names as it is written, and removed by name", async () => {
    const store = await open();
    for (const name of ["limits:b", "limits:a", "limits_a", "Limits:a", "limit"]) {
      await countUp(store, name);
    }

    const listed = await store.shared.list("limits:");
    await store.shared.remove(["limits:a", "unknown"]);

    expect(listed.map(({ name }) => name)).toEqual(["limits:a", "limits:b"]);
    expect((await store.shared.list("limits:")).map(({ name }) => name)).toEqual(["limits:b"]);
  });
});
