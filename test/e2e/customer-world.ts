/** A team's customers, their HubSpot, and a server process between them that may be killed at any of its requests. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { type Sandbox, sandbox } from "../support/child-server.ts";
import { isQuiet } from "../support/crash-customers.ts";
import {
  letJobLeasesRunOut,
  letQueueLeasesRunOut,
  type RunningServer,
  startHttp,
} from "../support/crash-rig.ts";

export interface World {
  readonly box: Sandbox;
  readonly file: string;
  readonly simulator: Simulator;
  close(): Promise<void>;
}

/** An empty HubSpot and an empty database. Two fields are left to a person; the rest of the map is as it is shipped. */
export async function newWorld(): Promise<World> {
  const simulator = await startSimulator({
    // The limits have tests of their own; a process that forgets its budget with each death would only wait here.
    hubspot: { settings: { burstLimit: 1_000, associationsBurstLimit: 1_000, searchLagMs: 0 } },
  });
  const box = await sandbox({
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BURST_LIMIT: "1000",
  });
  const env = { ...box.env, FIELD_MAP: await mapWithManualFields(box.folder) };
  const close = async (): Promise<void> => {
    await simulator.close();
    await box.remove();
  };
  return { box: { ...box, env }, file: join(box.folder, "test.db"), simulator, close };
}

async function mapWithManualFields(folder: string): Promise<string> {
  const map = JSON.parse(await readFile("data/field-map.json", "utf8"));
  const manual = { sync_direction: "BIDIRECTIONAL", conflict_resolution: "MANUAL" };
  Object.assign(map.customers.legal_name, manual);
  Object.assign(map.customers.payment_terms, manual);
  const file = join(folder, "map.json");
  await writeFile(file, JSON.stringify(map));
  return file;
}

/** A server on the world. `live`: it sends changes as they happen. */
export function serve({ box }: World, live: boolean): Promise<RunningServer> {
  return startHttp({ ...box.env, AUTO_SYNC_AFTER_ENRICH: String(live) });
}

/** Writes a file of customers: of 20 rows one names no account, one repeats another row's, and one names a company that HubSpot has already. */
export async function writeCustomers(
  { simulator }: World,
  path: string,
  rows: number,
): Promise<void> {
  const lines = Array.from({ length: rows }, (_, n) => {
    const ban = n % 20 === 13 ? "" : `B-${n % 20 === 17 ? n - 1 : n}`;
    const known = n % 20 === 5 ? simulator.hubspot.seedCompanies([{ name: `Known ${n}` }]) : [];
    return `${ban},Firm ${n},ada@firm-${n}.com,+4930${100_000 + n},ACTIVE,${n}.50,Main St ${n},Berlin,${known}`;
  });
  const header =
    "BAN,Company Name,Contact Email,Contact Phone,Status,Current Balance,Street,City,HubSpot Company Id";
  await writeFile(path, [header, ...lines].join("\n"));
}

/**
 * What people and other programs do to customers: edits here, in HubSpot or on both sides, by the customer's number; of 20 one on both
 * sides of a field that is left to a person.
 */
export function edit({ file, simulator }: World, ids: readonly number[]): void {
  const db = new Database(file, { timeout: 10_000 });
  const bans = db.prepare<[number], { ban: string }>("select ban from customers where id = ?");
  const here = (id: number, set: string) => db.exec(`update customers set ${set} where id = ${id}`);
  try {
    for (const id of ids) {
      const key = `warp_ban=${bans.get(id)?.ban}`;
      const there = (values: Readonly<Record<string, string>>) =>
        simulator.hubspot.editAsUser("companies", key, values);
      const kind = id % 4;
      if (kind === 1 || kind === 2) there({ warp_tier: "PREMIUM", phone: `+49301${100_000 + id}` });
      if (kind === 0 || kind === 2)
        here(id, `current_balance = ${id}.25, company_name = 'Edited ${id}'`);
      if (id % 20 === 3) there({ warp_legal_name: `There ${id}` });
      if (id % 20 === 3) here(id, `legal_name = 'Here ${id}'`);
    }
  } finally {
    db.close();
  }
}

/** When a process dies: before HubSpot did what it was asked, after it but before the answer, or a moment after the answer. */
export const moments = ["before", "after", "answered"] as const;

export interface Death {
  /** The request with which it dies, from 1. */
  readonly request: number;
  readonly moment: (typeof moments)[number];
  /** From an answer to the death. */
  readonly lateMs: number;
}

export interface Work {
  readonly live: boolean;
  /** What is asked of each server when it has started, `round` counting from 0. */
  readonly begin: (world: World, server: RunningServer, round: number) => Promise<unknown>;
  /** In how many rounds. */
  readonly rounds: number;
}

/** Has work done to its end by one process after the other, each of which dies as told. Returns how many died at work. */
export async function carryThrough(
  world: World,
  { live, begin, rounds }: Work,
  deaths: readonly Death[],
): Promise<number> {
  let died = 0;
  for (const [round, death] of deaths.entries()) {
    arm(world, death);
    const server = await serve(world, live);
    if (round < rounds) await begin(world, server, round);
    if (await strikes({ world, live, server }, death)) died += 1;
    await server.kill();
    world.simulator.faults.clear();
    letJobLeasesRunOut(world.file);
    letQueueLeasesRunOut(world.file);
  }
  const server = await serve(world, live);
  for (let round = deaths.length; round < rounds; round++) await begin(world, server, round);
  await until(() => isQuiet(world.file, live), server);
  await server.stop();
  return died;
}

/** Has HubSpot never answer the request at which the process is to die. */
export function arm({ simulator }: Pick<World, "simulator">, { request, moment }: Death): void {
  simulator.requests.clear();
  const earlier = { service: "hubspot", name: "slow", delayMs: 0 } as const;
  if (request > 1) simulator.faults.add({ ...earlier, times: request - 1 });
  if (moment !== "answered")
    simulator.faults.add({ service: "hubspot", name: `timeout-${moment}-commit` });
}

/** Waits for the moment; false when the work was done before it came. */
async function strikes(
  { world, live, server }: { world: World; live: boolean; server: RunningServer },
  { request, moment, lateMs }: Death,
): Promise<boolean> {
  const isThere = (): boolean => {
    const list = world.simulator.requests.list({ service: "hubspot" });
    return moment === "answered"
      ? list.filter(({ status }) => status !== null).length >= request
      : list.some(({ fault }) => fault === `timeout-${moment}-commit`);
  };
  await until(() => isThere() || isQuiet(world.file, live), server);
  // A request is noted before it is carried out.
  if (moment !== "before") await new Promise((wake) => setTimeout(wake, lateMs));
  return isThere();
}

/** Polls a condition; throws with the server's words when it does not come true. */
export async function until(holds: () => boolean, server: RunningServer): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`never came true:\n${server.child.stderr()}`);
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
