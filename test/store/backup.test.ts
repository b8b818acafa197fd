/** A backup is one moment of a database at work, whole and readable by its owner only, or it is not there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { backUp } from "../../mcp-server/src/store/backup.ts";
import { migrations } from "../../mcp-server/src/store/migrations.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { type TestFolder, testFolder } from "../support/folder.ts";
import { keptLog } from "../support/quiet-log.ts";
import { insertOne, NOW } from "./builders.ts";

async function storeIn(folder: TestFolder) {
  const path = join(folder.path, "live.db");
  const store = await openStore(path, { log: keptLog() });
  onTestFinished(() => store.close());
  return { path, store };
}

test("holds what was committed, stands alone and opens as a database", async () => {
  const folder = await testFolder();
  const { path, store } = await storeIn(folder);
  await insertOne(store, { email: "ada@example.com" });
  const file = join(folder.path, "backup.db");

  const made = await backUp(`sqlite:${path}`, file, NOW);

  const { mode, size } = await stat(file);
  expect(made).toEqual({ file, bytes: size, schema: migrations.length });
  expect(mode & 0o777).toBe(0o600);
  expect((await readdir(folder.path)).filter((name) => name.startsWith("backup"))).toEqual([
    "backup.db",
  ]);
  const restored = await openStore(file, { log: keptLog() });
  onTestFinished(() => restored.close());
  expect(await restored.contacts.count({})).toBe(1);
  expect(await restored.cursors.get("restored-from")).toBe(NOW);
  expect(await store.cursors.get("restored-from")).toBeNull();
});

test("is one moment of a database that another process writes to all the time", async () => {
  const folder = await testFolder();
  const { path, store } = await storeIn(folder);
  const writer = spawn(process.execPath, ["-e", pairWriter, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    writer.kill("SIGKILL");
    await once(writer, "exit");
  });
  await once(writer.stdout, "data");

  for (const name of ["one.db", "two.db", "three.db"]) {
    const before = Number(await store.cursors.get("a"));
    await backUp(path, join(folder.path, name), NOW);
    const copy = new Database(join(folder.path, name), { readonly: true });
    const values = copy.prepare("select value from cursors where name in ('a', 'b')").pluck().all();
    copy.close();

    expect(values).toHaveLength(2);
    expect(values[0]).toBe(values[1]);
    expect(Number(values[0])).toBeGreaterThanOrEqual(before);
  }
  // It went on writing meanwhile.
  const then = await store.cursors.get("a");
  await expect.poll(() => store.cursors.get("a"), { timeout: 10_000 }).not.toBe(then);
});

/** Two rows that are always equal, in a database that also grows. */
const pairWriter = `
  const Database = require("better-sqlite3");
  const db = new Database(process.argv[1], { timeout: 10000 });
  const put = db.prepare("insert into cursors values (?, ?, '') on conflict (name) do update set value = excluded.value");
  const grow = db.prepare("insert into cursors values (?, ?, '')");
  let n = 0;
  const both = db.transaction(() => { n += 1; put.run("a", String(n)); grow.run("row " + n, "x".repeat(2000)); put.run("b", String(n)); });
  setInterval(() => { for (let i = 0; i < 5; i++) both(); if (n === 5) process.stdout.write("go"); }, 1);`;

test("overwrites nothing", async () => {
  const folder = await testFolder();
  const { path } = await storeIn(folder);
  const file = await folder.write("precious.db", "precious");

  await expect(backUp(path, file, NOW)).rejects.toMatchObject({ code: "BACKUP_EXISTS" });
  await expect(backUp(path, path, NOW)).rejects.toMatchObject({ code: "BACKUP_EXISTS" });

  expect(await readFile(file, "utf8")).toBe("precious");
});

test("leaves nothing behind when it cannot be made", async () => {
  const folder = await testFolder();
  const { path } = await storeIn(folder);
  const foreign = join(folder.path, "foreign.db");
  new Database(foreign).exec("create table other (id integer)").close();
  await writeFile(join(folder.path, "text.db"), "no database at all ".repeat(100));
  const before = (await readdir(folder.path)).toSorted();
  const target = join(folder.path, "backup.db");
  const attempt = (url: string, file = target) => backUp(url, file, NOW);

  const missing = join(folder.path, "missing.db");
  await expect(attempt(missing)).rejects.toMatchObject({ code: "BACKUP_NO_DATABASE" });
  await expect(attempt(foreign)).rejects.toMatchObject({ code: "BACKUP_FOREIGN" });
  await expect(attempt(":memory:")).rejects.toMatchObject({ code: "BACKUP_IN_MEMORY" });
  await expect(attempt(join(folder.path, "text.db"))).rejects.toMatchObject({
    code: "DATABASE_NOT_READABLE",
  });
  await expect(attempt(path, join(folder.path, "no", "such.db"))).rejects.toMatchObject({
    code: "BACKUP_NO_FOLDER",
  });

  expect((await readdir(folder.path)).toSorted()).toEqual(before);
});

test("a damaged database is no backup", async () => {
  const folder = await testFolder();
  const { path, store } = await storeIn(folder);
  for (let n = 0; n < 200; n += 1) await store.cursors.set(`name ${n}`, "x".repeat(500), NOW);
  await store.close();
  const bytes = await readFile(path);
  // The middle of the file: some table's pages.
  bytes.fill(0xee, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8_192);
  const broken = join(folder.path, "broken.db");
  await writeFile(broken, bytes);

  await expect(backUp(broken, join(folder.path, "backup.db"), NOW)).rejects.toMatchObject({
    kind: "unavailable",
  });
  await expect(stat(join(folder.path, "backup.db"))).rejects.toThrow("ENOENT");
});

test("of PostgreSQL its own tools make one, and how is said without the password", async () => {
  const failure = backUp("postgres://user:secret@host/db", "/backups/today.dump", NOW);

  await expect(failure).rejects.toMatchObject({ kind: "input", code: "BACKUP_POSTGRES" });
  await expect(failure).rejects.toThrow("pg_dump --format=custom --file='/backups/today.dump'");
  await expect(failure).rejects.not.toThrow("secret");
});
