/** The composition root: a configuration becomes a running program; the only file that knows every adapter. */

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Ground, Workers } from "./adapters.ts";
import { chainWorkers } from "./chain.ts";
import { newId, systemClock } from "./clock.ts";
import { type Config, defaultDatabase, secretsOf } from "./config.ts";
import { toAppError } from "./core/errors.ts";
import type { FieldMaps } from "./core/field-map.ts";
import type { JobKind } from "./core/job.ts";
import { Events } from "./events.ts";
import type { HttpSide } from "./http-side.ts";
import { standingReader } from "./hubspot-standing.ts";
import { createLiveWatch, type LiveWatch } from "./live-watch.ts";
import { createLog } from "./log.ts";
import { buildServer } from "./mcp/server.ts";
import { divertConsole, serveStdio } from "./mcp/stdio.ts";
import { SharedMeter } from "./metrics/shared-meter.ts";
import { packageVersion, readFieldMap } from "./package-files.ts";
import type { JobHandler, Jobs } from "./ports/jobs.ts";
import type { Store } from "./ports/store.ts";
import type { Log } from "./ports/world.ts";
import { createScheduler } from "./scheduler.ts";
import { openStore } from "./store/open.ts";
import { pruning, type Schedules, scheduled, schedulesOf } from "./timetable.ts";
import { createTools, instructions } from "./tools/catalogue.ts";
import type { Tool, ToolServices } from "./tools/tool.ts";
import { createJobRunner, type JobRunner } from "./workers/job-runner.ts";

/** A running program. */
export interface App {
  readonly tools: readonly Tool[];
  readonly jobs: Jobs;
  readonly store: Store;
  readonly events: Events;
  /** Serves one MCP client over standard input and output; resolves when it has gone. */
  serveStdio(): Promise<void>;
  /** Serves MCP and REST over HTTP; resolves when stopped. */
  serveHttp(): Promise<void>;
  /** Starts the HTTP listener and returns its address. Throws `conflict` when the port is taken. */
  listen(): Promise<string>;
  /** Hands running jobs back, closes doors and the database. */
  stop(): Promise<void>;
}

/** Copies the database into a file that does not exist yet, and says so in a few lines. Throws as `backUp` does. */
export async function makeBackup(config: Config, file: string): Promise<string> {
  const { backUp } = await import("./store/backup.ts");
  const made = await backUp(config.DATABASE_URL, file, new Date(systemClock.now()).toISOString());
  return `Wrote ${made.file}: ${(made.bytes / 1e6).toFixed(1)} MB, checked, tables of version ${made.schema}. It holds contact data: keep it as safe as the database.
To restore it: stop every hubspot-sync, move the database and the files beside it that end in -wal and -shm away, copy this file to the database's place, start again.`;
}

const name = "hubspot-sync";

// A client may start a second, short-lived copy of a stdio server only to ask what it is: nothing
// outside the process is touched before it has shown that it stays.
const SETTLE_MS = 2_000;

/** Opens the database (migrating it), wires everything and serves nothing yet. */
export async function openApp(config: Config): Promise<App> {
  const log = createLog(config.LOG_LEVEL, { secrets: secretsOf(config) });
  try {
    const maps = readFieldMap(config.FIELD_MAP);
    const schedules = schedulesOf(config);
    // The default file lies in a folder that a first start elsewhere does not have; a path of one's own is taken at its word.
    if (config.DATABASE_URL === defaultDatabase)
      mkdirSync(dirname(defaultDatabase), { recursive: true, mode: 0o700 });
    for (const warning of maps.warnings) log.warn({ warning }, "the field map has a weakness");
    const store = await openStore(config.DATABASE_URL, { log });
    await store.changes.capture(maps);
    return new RunningApp(config, { log, store, maps, schedules });
  } catch (thrown) {
    const error = toAppError(thrown);
    // What a person can mend is said in one sentence by the caller; of the rest only the log knows the cause.
    if (error.kind === "bug") log.error({ err: error }, "could not start");
    throw error;
  }
}

interface Opened {
  readonly log: Log;
  readonly store: Store;
  readonly maps: FieldMaps;
  readonly schedules: Schedules;
}

class RunningApp implements App {
  readonly tools: readonly Tool[];
  readonly jobs: JobRunner;
  readonly store: Store;
  readonly events: Events;
  readonly #config: Config;
  readonly #log: Log;
  readonly #scheduler: ReturnType<typeof createScheduler>;
  readonly #live: LiveWatch | null;
  readonly #services: ToolServices;
  readonly #meter: SharedMeter;
  #http: HttpSide | null = null;
  #settling: NodeJS.Timeout | null = null;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(config: Config, { log, store, maps, schedules }: Opened) {
    this.#config = config;
    this.#log = log;
    this.store = store;
    this.events = new Events((error, event) =>
      log.error({ err: error, event: event.kind }, "a listener failed"),
    );
    const owner = newId("process");
    const clock = systemClock;
    this.#meter = new SharedMeter({ store, clock, log });
    const world = { clock, newId, log, events: this.events, meter: this.#meter };
    const ground = { ...world, store, maps, owner };
    const workers = lazyWorkers(config, ground);
    this.jobs = createJobRunner({ ...ground, handlers: lazyHandlers(workers) });
    const flow = {
      enrichOnImport: config.AUTO_ENRICH_ON_IMPORT,
      syncAfterEnrich: config.AUTO_SYNC_AFTER_ENRICH && config.HUBSPOT_ACCESS_TOKEN !== undefined,
    };
    chainWorkers({ jobs: this.jobs, events: this.events, log, ...flow });
    const canSync = config.HUBSPOT_ACCESS_TOKEN !== undefined;
    const standing = standingReader(config, store);
    this.#scheduler = createScheduler({
      store,
      owner,
      jobs: this.jobs,
      clock: systemClock,
      log,
      canSync,
      ...flow,
      pruning: pruning(config, schedules.prune, ground),
      ...(canSync ? scheduled({ store, schedules, workers }) : {}),
    });
    this.#live = canSync
      ? createLiveWatch({
          store,
          clock: systemClock,
          log,
          sendsByItself: flow.syncAfterEnrich,
          send: async () => (await workers()).live,
          isCutOff: async () => (await standing(systemClock.now()))?.circuit.state !== "closed",
        })
      : null;
    this.#services = {
      store,
      jobs: this.jobs,
      clock,
      newId,
      capabilities: capabilitiesOf(config),
      sendsByItself: flow.syncAfterEnrich,
      fieldMaps: maps,
      version: packageVersion(),
      standing,
    };
    this.tools = createTools(this.#services);
  }

  async serveStdio(): Promise<void> {
    divertConsole();
    const server = buildServer(this.tools, {
      ...introduction(),
      log: this.#log,
      principal: "stdio",
    });
    const door = await serveStdio(server, this.#log);
    server.server.oninitialized = () => this.#settle();
    await door.ended;
  }

  async serveHttp(): Promise<void> {
    const url = await this.listen();
    this.#log.info({ url }, "listening");
    this.#work();
    await this.#stopped.promise;
  }

  async listen(): Promise<string> {
    const { openHttpSide } = await import("./http-side.ts");
    this.#http ??= await openHttpSide(this.#config, {
      tools: this.tools,
      services: this.#services,
      log: this.#log,
      introduction: introduction(),
      meter: this.#meter,
    });
    return this.#http.url;
  }

  async stop(): Promise<void> {
    if (this.#settling) clearTimeout(this.#settling);
    // All at once: each may have to wait for an answer from outside, and together they have a few seconds.
    await Promise.all([
      this.#scheduler.stop(),
      this.#live?.stop(),
      this.#http?.close(),
      this.jobs.stop(),
    ]);
    await this.#meter.stop();
    await this.store.close();
    this.#stopped.resolve();
  }

  /** Opens the side listener and takes up work, once the client has shown that it stays. */
  #settle(): void {
    this.#settling ??= setTimeout(() => {
      this.#work();
      this.listen().then(
        (url) => this.#log.info({ url }, "side listener is open"),
        (error: unknown) =>
          this.#log.warn({ err: toAppError(error) }, "no side listener; MCP goes on without it"),
      );
    }, SETTLE_MS);
  }

  #work(): void {
    this.#meter.start();
    this.jobs.watch();
    this.#scheduler.start();
    this.#live?.start();
  }
}

/** The adapters and their libraries are loaded with the first job: a client waits for the first answer, not for them. */
function lazyWorkers(config: Config, ground: Ground): () => Promise<Workers> {
  let made: Promise<Workers> | null = null;
  return () => {
    made ??= import("./adapters.ts").then(({ createWorkers }) => createWorkers(config, ground));
    return made;
  };
}

function lazyHandlers(workers: () => Promise<Workers>): Workers["handlers"] {
  const lazily =
    (kind: JobKind): JobHandler =>
    async (context) =>
      (await workers()).handlers[kind](context);
  return { import: lazily("import"), enrich: lazily("enrich"), sync: lazily("sync") };
}

function introduction(): { name: string; version: string; instructions: string } {
  return { name, version: packageVersion(), instructions };
}

function capabilitiesOf(config: Config): {
  hubspot: boolean;
  lemlist: boolean;
  explorium: boolean;
  anthropic: boolean;
} {
  return {
    hubspot: config.HUBSPOT_ACCESS_TOKEN !== undefined,
    lemlist: config.LEMLIST_API_KEY !== undefined,
    explorium: config.EXPLORIUM_API_KEY !== undefined,
    anthropic: config.ANTHROPIC_API_KEY !== undefined,
  };
}
