/** Stores for tests: a fresh SQLite file, or each engine in turn. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { Log } from "../../mcp-server/src/ports/world.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { freshDatabase } from "./postgres.ts";
import { keptLog } from "./quiet-log.ts";

/** A migrated SQLite store in a file of its own; `close` also deletes it and may be called twice. */
export interface TempStore extends Store {
  readonly url: string;
}

/** Opens a fresh store on SQLite. Other processes may open `url` as well. */
export async function tempStore(log: Log = keptLog()): Promise<TempStore> {
  const database = await tempFile();
  const store = await openStore(database.url, { log });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await store.close();
    await database.drop();
  };
  return {
    ...store,
    url: database.url,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** An empty database, not yet migrated. */
export interface EmptyDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A name for a SQLite file that does not exist yet, in a folder of its own. */
export async function tempFile(): Promise<EmptyDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "hubspot-sync-store-"));
  return {
    url: join(folder, "store.db"),
    drop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What a suite gets to work with; everything it opens is closed after each test. */
export interface EngineUnderTest {
  readonly engine: "sqlite" | "postgres";
  /** A fresh, migrated store. */
  open(): Promise<Store>;
  /** A fresh, empty database. */
  empty(): Promise<string>;
  /** A further store on a database of this test, as another process would open it. */
  openAt(url: string): Promise<Store>;
}

const engines = { sqlite: tempFile, postgres: freshDatabase } as const;

/** Runs the suite once on SQLite and once on a real PostgreSQL. */
export function describeEachEngine(
  name: string,
  suite: (open: () => Promise<Store>, under: EngineUnderTest) => void,
): void {
  for (const engine of ["sqlite", "postgres"] as const) {
    describe(`${name} on ${engine}`, () => {
      const cleanUps: (() => Promise<void>)[] = [];
      const cleanUp = async (): Promise<void> => {
        for (const step of cleanUps.splice(0).reverse()) await step();
      };
      afterEach(cleanUp);
      afterAll(cleanUp);
      const empty = async (): Promise<string> => {
        const database = await engines[engine]();
        cleanUps.push(() => database.drop());
        return database.url;
      };
      const openAt = async (url: string): Promise<Store> => {
        const store = await openStore(url, { log: keptLog() });
        cleanUps.push(() => store.close());
        return store;
      };
      const open = async (): Promise<Store> => openAt(await empty());
      suite(open, { engine, open, empty, openAt });
    });
  }
}
