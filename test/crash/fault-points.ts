/**
 * Loaded before the program (`--import` in NODE_OPTIONS, which threads heed too): names every step at which it touches the world, notes it, and has
 * there happen what it was told to: its death by SIGKILL, a disk that is full from then on (until SIGUSR2), or a clock that jumps.
 *
 * A point is `<when> <what>#<ordinal>`: `what` tells the step as stably as can be (the tables that a commit changed, the path of a request), so that the
 * ordinal, which counts equal steps of one process, moves little from run to run.
 */
import { subscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import { ServerResponse } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";
import Database from "better-sqlite3";
import { Events } from "../../mcp-server/src/events.ts";

const { CRASH_AT, CRASH_HOW = "kill", CRASH_TRACE, CRASH_FILES } = process.env;
const { CRASH_BUSY_MS, CRASH_CLOCK_MS } = process.env;
const traceFile = CRASH_TRACE ? fs.openSync(CRASH_TRACE, "a") : null;
const seen = new Map<string, number>();
const write = fs.writeSync;

/** A point of the process's life. Dies there when it is the one. */
function point(when: string, what: string): void {
  const name = `${when} ${what}`;
  const ordinal = (seen.get(name) ?? 0) + 1;
  seen.set(name, ordinal);
  if (traceFile !== null) write(traceFile, `${name}#${ordinal}\n`);
  if (CRASH_AT === `${name}#${ordinal}`) strike();
}

function strike(): void {
  if (CRASH_HOW === "kill") process.kill(process.pid, "SIGKILL");
  else if (CRASH_HOW === "full") fill();
  else clockAheadMs += Number(CRASH_HOW);
}

let clockAheadMs = Number(CRASH_CLOCK_MS ?? 0);
const isClockShifted = CRASH_CLOCK_MS !== undefined || Number.isFinite(Number(CRASH_HOW));
const databases = new Set<Database.Database>();
if (isClockShifted) shiftClock();
if (isMainThread) {
  process.on("SIGUSR2", () => {
    for (const database of databases) database.pragma("max_page_count = 1000000");
  });
  watchDatabase();
  watchRequests();
  watchEvents();
  watchAnswers();
}
await watchFiles();

/** Every time that the program asks for. */
function shiftClock(): void {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given: readonly unknown[]) {
      if (given.length === 0) super(Real.now() + clockAheadMs);
      else super(...(given as [number]));
    }
    static override now(): number {
      return Real.now() + clockAheadMs;
    }
  } as DateConstructor;
}

/** Leaves the database file no page to grow by. */
function fill(): void {
  for (const database of databases) {
    if (!database.open || database.name === "") continue;
    database.pragma("max_page_count = 1");
  }
}

/** Commits, and statements that commit by themselves, with the tables that they changed. */
function watchDatabase(): void {
  const nothing = new Database(":memory:");
  const statement = Object.getPrototypeOf(nothing.prepare("select 1"));
  nothing.close();
  const changed = new WeakMap<object, Set<string>>();
  const ofDatabase = (database: object): Set<string> => {
    const tables = changed.get(database) ?? new Set<string>();
    changed.set(database, tables);
    return tables;
  };
  const around = (self: Database.Statement, run: () => unknown): unknown => {
    const { database, source } = self;
    known(database);
    const tables = ofDatabase(database);
    const isCommit = /^\s*commit/iu.test(source);
    if (!isCommit && (self.readonly || /^\s*(begin|rollback|pragma)/iu.test(source))) {
      if (/^\s*rollback/iu.test(source)) tables.clear();
      return run();
    }
    if (!isCommit) tables.add(tableIn(source));
    if (!isCommit && database.inTransaction) return run();
    const what = `commit ${[...tables].sort().join("+")}`;
    tables.clear();
    if (what === "commit ") return run();
    point("before", what);
    const result = run();
    point("after", what);
    return result;
  };
  for (const name of ["run", "get", "all"] as const) {
    const real = statement[name];
    statement[name] = function (this: Database.Statement, ...parameters: unknown[]): unknown {
      return around(this, () => real.apply(this, parameters));
    };
  }
}

function known(database: Database.Database): void {
  if (databases.has(database)) return;
  databases.add(database);
  if (CRASH_BUSY_MS !== undefined) database.pragma(`busy_timeout = ${CRASH_BUSY_MS}`);
  if (isClockShifted) shiftClockOf(database);
}

/** Triggers ask the database for the time, which is that of the same machine. */
function shiftClockOf(database: Database.Database): void {
  const real = new Database(":memory:");
  databases.add(real);
  const asked = ["?", "?, ?", "?, ?, ?"].map((given) =>
    real.prepare(`select strftime(${given})`).pluck(),
  );
  // Else triggers may not call what is not SQLite's own.
  database.pragma("trusted_schema = on");
  database.function("strftime", { varargs: true }, (...given) => {
    const shifted = given.map((one) => (one === "now" ? new Date().toISOString() : one));
    return asked[given.length - 1]?.get(...shifted);
  });
}

function tableIn(source: string): string {
  const written = /\b(?:insert(?: or \w+)? into|update(?: or \w+)?(?! of)|delete from)\s+"?(\w+)/iu;
  if (/^\s*(create|alter|drop)/iu.test(source)) return "schema";
  return written.exec(source)?.[1] ?? source.trim().split(/\s+/u).slice(0, 3).join(" ");
}

/** Requests to others: about to leave, gone, answered and not read, read. */
function watchRequests(): void {
  const stages = { create: "before", bodySent: "after", headers: "on", trailers: "read" } as const;
  for (const [stage, when] of Object.entries(stages)) {
    const what = stage === "headers" || stage === "trailers" ? "answer" : "request";
    subscribe(`undici:request:${stage}`, (message) => {
      const { method, path } = requestIn(message);
      point(when, `${what} ${method} ${path}`);
    });
  }
}

function requestIn(message: unknown): { method: string; path: string } {
  const { request } = message as { request: { method: string; path: string } };
  // Ids differ from run to run.
  const path = request.path
    .replace(/\?.*$/u, "")
    .replace(/\/[^/]*\d{3,}[^/]*(?=\/|$)/gu, (part) => (part.includes("2026-") ? part : "/:id"));
  return { method: request.method, path };
}

function watchEvents(): void {
  const real = Events.prototype.emit;
  Events.prototype.emit = function (event): void {
    point("before", `event ${event.kind}`);
    real.call(this, event);
    point("after", `event ${event.kind}`);
  };
}

/** Answers of our own door, but for such as change nothing. */
function watchAnswers(): void {
  const real = ServerResponse.prototype.end;
  ServerResponse.prototype.end = function (
    this: ServerResponse,
    ...rest: unknown[]
  ): ServerResponse {
    const { method, url } = this.req;
    if (method !== "GET") {
      point("before", `reply ${method} ${url}`);
      this.once("finish", () => point("after", `reply ${method} ${url}`));
    }
    return Reflect.apply(real, this, rest);
  };
}

/** Reads of the files that are imported, in the thread that reads them, and their look-up. */
async function watchFiles(): Promise<void> {
  const some = await fs.promises.open(import.meta.filename);
  const handle = Object.getPrototypeOf(some);
  await some.close();
  const realRead = handle.read;
  handle.read = async function (this: unknown, ...given: readonly unknown[]): Promise<unknown> {
    point("before", "file read");
    const result = await Reflect.apply(realRead, this, given);
    point("after", "file read");
    return result;
  };
  const realPath = fs.promises.realpath;
  const realpath = async (path: string): Promise<string> => {
    const isImported = CRASH_FILES !== undefined && path.startsWith(CRASH_FILES);
    if (isImported) point("before", "file look-up");
    const found = await realPath(path);
    if (isImported) point("after", "file look-up");
    return found;
  };
  Object.assign(fs.promises, { realpath });
  syncBuiltinESMExports();
}
