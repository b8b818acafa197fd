/** One HubSpot, one database and one server process at a time between them, put back to the same start again and again. */
import { copyFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { environmentOf } from "../../mcp-server/simulator/environment.ts";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type Child, type Sandbox, sandbox, startServer } from "../support/child-server.ts";
import type { Notification } from "../support/webhook-sender.ts";
import { mapFile } from "./field-map-file.ts";
import { Player } from "./player.ts";
import type { Scenario, World } from "./scenario.ts";

/** What a scenario starts from. */
interface Start {
  readonly at: number;
  /** null = no database. */
  readonly database: string | null;
  readonly requests: readonly { readonly at: number; readonly request: () => Request }[];
}

/** HubSpot's clock. */
interface Frozen {
  /** null = it goes. */
  frozenAt: number | null;
  skewMs: number;
}

const generous = {
  searchLagMs: 0,
  searchPerSecond: 100,
  burstLimit: 1_000,
  associationsBurstLimit: 1_000,
};
const preload = pathToFileURL(join(import.meta.dirname, "fault-points.ts")).href;

export class Lane {
  readonly world: World;
  readonly #box: Sandbox;
  readonly #env: Readonly<Record<string, string>>;
  readonly #clock: Frozen;
  readonly #starts = new Map<unknown, Promise<Start>>();

  private constructor(
    world: World,
    box: Sandbox,
    parts: { env: Readonly<Record<string, string>>; clock: Frozen },
  ) {
    this.world = world;
    this.#box = box;
    this.#env = parts.env;
    this.#clock = parts.clock;
  }

  static async open(): Promise<Lane> {
    const clock: Frozen = { frozenAt: null, skewMs: 0 };
    const simulator = await startSimulator({
      now: () => clock.frozenAt ?? Date.now() + clock.skewMs,
      hubspot: { settings: generous },
      explorium: { quota: { limit: 100_000, windowMs: 60_000 } },
      logBodies: true,
    });
    const box = await sandbox();
    const env = {
      ...box.env,
      ...environmentOf(simulator),
      FIELD_MAP: await mapFile(box.folder),
      HUBSPOT_BURST_LIMIT: "1000",
      EXPLORIUM_RATE_LIMIT: "100000",
      NODE_COMPILE_CACHE: join(tmpdir(), "hubspot-sync-crash-cache"),
      NODE_OPTIONS: `--import ${preload}`,
      CRASH_FILES: box.folder,
    };
    const world = { simulator, folder: box.folder, file: join(box.folder, "test.db") };
    return new Lane(world, box, { env, clock });
  }

  async close(): Promise<void> {
    await this.world.simulator.close();
    await this.#box.remove();
  }

  /** Puts everything back to where the scenario starts, and has people do what they do in it. */
  async begin(scenario: Scenario): Promise<Player> {
    // Scenarios that start with the same calls start from the same.
    const key = scenario.before ?? scenario;
    const start = this.#starts.get(key) ?? this.#make(scenario);
    this.#starts.set(key, start);
    await this.#restore(scenario, await start);
    const news = scenario.act?.(this.world) ?? [];
    // HubSpot gives several one number; here each is to be told from the others.
    const told = news.map((one, n) => ({ ...one, eventId: n + 1 }));
    return this.#player(scenario, told);
  }

  /** Another process on what is there. */
  beside(scenario: Scenario): Player {
    return this.#player(scenario, []);
  }

  /** HubSpot's clock from now on, in milliseconds apart from everybody else's. */
  setSkew(ms: number): void {
    this.#clock.skewMs = ms;
  }

  /** A server for one MCP client on what is there. */
  serveStdio(): Child {
    return startServer("stdio", this.#env);
  }

  #player(scenario: Scenario, told: readonly Notification[]): Player {
    const { world } = this;
    const serve = (extra: Readonly<Record<string, string>>) =>
      startServer("http", { ...this.#env, ...scenario.settings, ...extra });
    return new Player({ world, scenario, serve, told });
  }

  /** Brings the start about once, and notes what was asked of HubSpot for it. */
  async #make(scenario: Scenario): Promise<Start> {
    const { world } = this;
    const at = Date.now();
    await scenario.files?.(world);
    this.#clear(null);
    this.#clock.frozenAt = at;
    scenario.seed?.(world);
    this.#clock.frozenAt = null;
    if (!scenario.before) return { at, database: null, requests: [] };
    for (const ask of scenario.before) {
      const player = this.#player({ name: scenario.name, ask }, []);
      const died = await player.live({});
      if (died) throw new Error(`Could not prepare "${scenario.name}":\n${player.words()}`);
    }
    const database = join(world.folder, `${scenario.name.replaceAll(/\W+/gu, "-")}.db`);
    copyFileSync(world.file, database);
    return { at, database, requests: this.#requests() };
  }

  /** Requests that changed something, or may have. */
  #requests(): Start["requests"] {
    const { simulator } = this.world;
    const headers = {
      authorization: `Bearer ${simulator.hubspotToken}`,
      "content-type": "application/json",
    };
    return simulator.requests
      .list({ service: "hubspot" })
      .map(({ at, method, path, query, body }) => ({
        at,
        request: () =>
          new Request(`${simulator.hubspotUrl}${path}${query}`, {
            ...{ method, headers },
            ...(body ? { body } : {}),
          }),
      }));
  }

  /** HubSpot empty, its database as given. */
  #clear(database: string | null): void {
    const { simulator, file } = this.world;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
    if (database !== null) copyFileSync(database, file);
    simulator.hubspot.reset();
    simulator.explorium.reset();
    simulator.anthropic.reset();
    simulator.requests.clear();
    simulator.faults.clear();
  }

  async #restore(scenario: Scenario, start: Start): Promise<void> {
    const { simulator } = this.world;
    this.#clear(start.database);
    this.#clock.frozenAt = start.at;
    scenario.seed?.(this.world);
    for (const { at, request } of start.requests) {
      this.#clock.frozenAt = at;
      await (await simulator.hubspot.app.fetch(request())).arrayBuffer();
    }
    this.#clock.frozenAt = null;
  }
}
