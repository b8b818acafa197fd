/** The write-ahead log stays short while much is written, and nobody waits for it in vain. */
import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import { Checkpoints } from "../../mcp-server/src/store/checkpoints.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempFile } from "../support/store.ts";
import { newContact } from "./builders.ts";

const SIZES = { long: 200_000, full: 400_000 };
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUps.splice(0).reverse()) await step();
});

/** A database as the store opens it, with rows that come only through `write`. */
async function database() {
  const { url, drop } = await tempFile();
  const store = await openStore(url, { log: keptLog() });
  await store.close();
  const connection = new Database(url);
  connection.pragma("wal_autocheckpoint = 0");
  connection.pragma("journal_size_limit = 0");
  connection.exec("create table filler (text text)");
  const checkpoints = new Checkpoints(url, keptLog(), (work) => work(), SIZES);
  cleanUps.push(
    drop,
    () => connection.close(),
    () => checkpoints.close(),
  );
  return {
    url,
    checkpoints,
    write: () => connection.prepare("insert into filler values (?)").run("x".repeat(100_000)),
    logBytes: () => statSync(`${url}-wal`).size,
  };
}

test("a log that is full is emptied before the next transaction", async () => {
  const { checkpoints, write, logBytes } = await database();
  while (logBytes() < SIZES.full) write();

  await checkpoints.makeRoom();
  write();

  expect(logBytes()).toBeLessThan(SIZES.long);
});

test("a log never grows far beyond full, however much is written", async () => {
  const { checkpoints, write, logBytes } = await database();
  let longest = 0;

  for (let turn = 0; turn < 60; turn += 1) {
    await checkpoints.makeRoom();
    write();
    longest = Math.max(longest, logBytes());
  }

  expect(longest).toBeGreaterThan(SIZES.long);
  expect(longest).toBeLessThan(SIZES.full + 300_000);
});

test("a reader that holds the log back is not waited for at every transaction", async () => {
  const { url, checkpoints, write, logBytes } = await database();
  const reader = new Database(url);
  reader.exec("begin; select count(*) from filler");
  reader.prepare("select count(*) from filler").get();

  for (let turn = 0; turn < 20; turn += 1) {
    await checkpoints.makeRoom();
    write();
  }
  const held = logBytes();
  reader.exec("commit");
  reader.close();
  while (logBytes() >= SIZES.long) {
    await checkpoints.makeRoom();
    write();
  }

  expect(held).toBeGreaterThan(SIZES.full * 2);
});

test("without a usable file the thread ends, says so, and nobody waits for it", async () => {
  const { url } = await database();
  const log = keptLog();
  const lost = new Checkpoints(`${url}-lost`, log, (work) => work(), {
    long: 0,
    full: 0,
  });

  await lost.makeRoom();
  await lost.makeRoom();
  await lost.close();

  expect(log.lines.map((line) => line.message)).toEqual(["database checkpoints failed"]);
});

test("a store ends its thread when it is closed, and everything written is there", async () => {
  const { url, drop } = await tempFile();
  cleanUps.push(drop);
  const store = await openStore(url, { log: keptLog() });
  const company = "x".repeat(5_000);
  for (let batch = 0; batch < 20; batch += 1) {
    const rows = Array.from({ length: 500 }, (_, i) =>
      newContact({ email: `person${batch}-${i}@example.com`, company }),
    );
    await store.transaction((within) => within.contacts.insert(rows));
  }

  await store.close();

  const again = await openStore(url, { log: keptLog() });
  expect(await again.contacts.count({})).toBe(10_000);
  await again.close();
});
