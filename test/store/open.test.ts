/** Opening, transactions and what goes wrong below them, told in our own words and without secrets. */
import { readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import Database from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { contactStore } from "../../mcp-server/src/store/contacts.ts";
import { toStoreError } from "../../mcp-server/src/store/engine-errors.ts";
import { openDatabase, openStore } from "../../mcp-server/src/store/open.ts";
import { freshDatabase } from "../support/postgres.ts";
import { keptLog } from "../support/quiet-log.ts";
import { describeEachEngine, type EmptyDatabase, tempFile, tempStore } from "../support/store.ts";
import { LATER, NOW, newContact } from "./builders.ts";

const log = keptLog();
const folders: EmptyDatabase[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.drop();
});

async function file(): Promise<string> {
  const made = await tempFile();
  folders.push(made);
  return made.url;
}

describeEachEngine("a transaction", (open) => {
  test("writes all or nothing, and passes on what was thrown", async () => {
    const store = await open();
    const thrown = new Error("stop");

    const working = store.transaction(async (within) => {
      await within.contacts.insert([newContact({ email: "ada@example.com" })]);
      await within.cursors.set("name", "value", NOW);
      throw thrown;
    });

    await expect(working).rejects.toBe(thrown);
    expect(await store.contacts.count({})).toBe(0);
    expect(await store.cursors.get("name")).toBeNull();
  });

  test("returns what its work returned, and sees its own writes", async () => {
    const store = await open();

    const count = await store.transaction(async (within) => {
      await within.contacts.insert([newContact({ email: "ada@example.com" })]);
      return within.contacts.count({});
    });

    expect(count).toBe(1);
  });

  test("does not nest", async () => {
    const store = await open();

    const nested = store.transaction((within) => within.transaction(() => Promise.resolve(1)));

    await expect(nested).rejects.toMatchObject({ kind: "bug" });
  });

  test("side by side with others ends for all of them", async () => {
    const store = await open();

    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        store.transaction((within) =>
          within.contacts.insert([newContact({ email: `person${i}@example.com` })]),
        ),
      ),
    );

    expect(await store.contacts.count({})).toBe(20);
  });
});

describe("a SQLite store", () => {
  test("opens by path, by sqlite: address and in memory", async () => {
    const path = await file();
    for (const url of [path, `sqlite:${path}`, `sqlite://${path}`, ":memory:"]) {
      const store = await openStore(url, { log });
      await store.cursors.set("where", url, NOW);
      await store.close();
    }

    expect((await readdir(dirname(path))).filter((name) => name.endsWith(".db"))).toEqual([
      "store.db",
    ]);
  });

  test("lets timers run between transactions that follow each other", async () => {
    const store = await tempStore();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);

    const end = performance.now() + 100;
    while (performance.now() < end) {
      await store.transaction((within) => within.cursors.set("x", "y", NOW));
    }

    clearInterval(timer);
    await store.close();
    expect(turns).toBeGreaterThan(5);
  });

  test("in a folder that does not exist is refused with the mend", async () => {
    const path = join(dirname(await file()), "missing", "store.db");

    await expect(openStore(path, { log })).rejects.toMatchObject({
      kind: "input",
      message: expect.stringContaining("folder in DATABASE_URL exists"),
    });
  });

  test("in a file that is something else is refused, and the file stays as it is", async () => {
    const path = await file();
    await writeFile(path, "email,first_name\n".repeat(100));

    await expect(openStore(path, { log })).rejects.toMatchObject({
      kind: "input",
      code: "DATABASE_NOT_READABLE",
    });
  });

  test("whose disk is full says so, and goes on when there is room again", async () => {
    const { db, engine, close } = await openDatabase(await file(), log);
    await sql.raw("create table filler (text text)").execute(db);
    await sql.raw("pragma max_page_count = 20").execute(db);
    const contacts = contactStore(db, engine, (work) => work(db));
    const filling = db
      .transaction()
      .execute((trx) => sql`insert into filler values (${"x".repeat(500_000)})`.execute(trx));

    await expect(filling).rejects.toMatchObject({ kind: "unavailable", code: "DISK_FULL" });
    await sql.raw("pragma max_page_count = 100000").execute(db);
    await db.transaction().execute((trx) => sql`insert into filler values ('fits')`.execute(trx));

    await expect(contacts.count({})).rejects.toMatchObject({ kind: "bug" });
    await close();
  });

  test("that another process is writing to is unavailable for the moment", async () => {
    const path = await file();
    const holder = new Database(path);
    holder.exec("begin immediate");
    const other = new Database(path, { timeout: 0 });

    const error = toStoreError(thrownBy(() => other.exec("begin immediate")));

    expect(error).toMatchObject({
      kind: "unavailable",
      code: "DATABASE_BUSY",
      retryAfterMs: 1_000,
    });
    expect(error.cause).toBeInstanceOf(Database.SqliteError);
    holder.close();
    other.close();
  });

  test("waits for a process that is just making the same file", async () => {
    const path = await file();
    const maker = new Database(path);
    maker.exec("create table other (id integer); begin immediate; insert into other values (1)");

    const opening = openStore(path, { log });
    maker.exec("commit");

    await (await opening).close();
    maker.close();
  });

  test("closes more than once", async () => {
    const store = await tempStore();

    await store.close();
    await store.close();
  });
});

describe("a PostgreSQL store", () => {
  const secret = "hunter2-secret";

  test.each([
    `postgres://user:${secret}@:notaport/x`,
    `postgresql://user:${secret}@host:99999999/x`,
    `mysql://user:${secret}@host/x`,
  ])("refuses an address that cannot be read, without repeating it", async (url) => {
    const error = await failure(url);

    expect(error).toMatchObject({ kind: "input", code: "DATABASE_URL_UNREADABLE" });
    expect(everythingIn(error)).not.toContain(secret);
  });

  test("that cannot be reached is unavailable", async () => {
    const error = await failure(`postgres://user:${secret}@127.0.0.1:1/x`);

    expect(error).toMatchObject({ kind: "unavailable", code: "DATABASE_UNREACHABLE" });
    expect(everythingIn(error)).not.toContain(secret);
  });

  test("that refuses the password says so, without repeating it", async () => {
    const { url } = await freshDatabase();
    const wrong = new URL(url);
    wrong.password = secret;

    const error = await failure(wrong.href);

    expect(error).toMatchObject({ kind: "auth", code: "DATABASE_AUTH" });
    expect(everythingIn(error)).not.toContain(secret);
  });

  test("without the named database says so", async () => {
    const { url } = await freshDatabase();
    const other = new URL(url);
    other.pathname = "/missing";

    expect(await failure(other.href)).toMatchObject({ kind: "input", code: "DATABASE_UNKNOWN" });
  });

  test("goes on after the server has ended its connections", async () => {
    const { url } = await freshDatabase();
    const store = await openStore(url, { log });
    await store.cursors.set("x", "y", NOW);
    const { db, close } = await openDatabase(url, log);
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    // One that is between two statements when it loses its connection.
    const broken = store.transaction(async (within) => {
      await within.cursors.get("x");
      begun.resolve();
      await held.promise;
      await within.cursors.get("x");
    });
    await begun.promise;

    await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
      and application_name = 'hubspot-sync'`.execute(db);
    await close();
    await expect.poll(() => store.cursors.get("x").catch(() => "lost")).toBe("y");
    held.resolve();

    await expect(broken).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
    await store.cursors.set("x", "z", LATER);
    await store.close();
  });
});

async function failure(url: string): Promise<AppError> {
  try {
    const store = await openStore(url, { log });
    await store.close();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It opened.");
}

function everythingIn(error: AppError): string {
  return inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
