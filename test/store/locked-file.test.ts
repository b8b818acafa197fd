/** Another program holds SQLite's write lock: whoever wants to write waits, and nothing else does. */
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempFile } from "../support/store.ts";
import { NOW } from "./builders.ts";

let file: Awaited<ReturnType<typeof tempFile>>;
let store: Store;
let other: Database.Database;
beforeEach(async () => {
  file = await tempFile();
  store = await openStore(file.url, { log: keptLog() });
  other = new Database(file.url);
});
afterEach(async () => {
  other.close();
  await store.close();
  await file.drop();
});

/** Locks the file until this process, whose thread must be free for it, lets go. */
function lockFor(ms: number): void {
  other.exec("begin immediate");
  setTimeout(() => other.exec("rollback"), ms);
}

test("a statement and a transaction are done once the lock is gone, and the process goes on meanwhile", async () => {
  lockFor(700);
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, 20);

  await store.cursors.set("one", "1", NOW);
  await store.transaction((within) => within.cursors.set("two", "2", NOW));
  clearInterval(ticking);

  expect([await store.cursors.get("one"), await store.cursors.get("two")]).toEqual(["1", "2"]);
  // Had it waited inside SQLite, nothing could have ticked, and nobody could have let go.
  expect(ticks).toBeGreaterThan(3);
});

test("reading waits for nobody, not even behind those who wait", async () => {
  await store.cursors.set("one", "1", NOW);
  other.exec("begin immediate");
  const waiting = store.cursors.set("one", "2", NOW);

  expect(await store.cursors.get("one")).toBe("1");
  other.exec("rollback");
  await waiting;
  expect(await store.cursors.get("one")).toBe("2");
});
