/** What goes wrong all the time: faults of HubSpot and of the providers, dead, frozen and restarted servers, a locked database. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import { count, oneOf, type SoakWorld } from "./world.ts";

const faults = [
  ...["http-423", "http-429", "http-500", "http-502", "http-503", "http-504", "http-524"],
  ...["timeout-before-commit", "timeout-after-commit", "reset-before-commit"],
  ...["reset-after-commit", "empty-2xx", "slow", "drop-mid-body"],
] as readonly FaultOrder["name"][];
const paths = ["contacts", "companies", "notes", "associations", "batch", "search", "properties"];

const LONGEST_PAUSE_MS = 2_500;

type Troubles = Readonly<Record<string, () => unknown>>;

/** The world's trouble until the signal says stop: what befalls servers, and beside it what befalls what they stand on. */
export async function makeTrouble(
  world: SoakWorld,
  lock: (isLocked: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    oneAfterTheOther(world, signal, {
      kill: () => kill(world),
      kill_again: () => kill(world),
      restart: () => restart(world),
      freeze: () => freeze(world),
    }),
    oneAfterTheOther(world, signal, {
      fault: () => orderFault(world),
      fault_again: () => orderFault(world),
      outage: () => outage(world),
      lock: () => lockDatabase(world, lock),
    }),
  ]);
  world.simulator.faults.clear();
}

async function oneAfterTheOther(
  world: SoakWorld,
  signal: AbortSignal,
  troubles: Troubles,
): Promise<void> {
  while (!signal.aborted) {
    await wait(world.random() * LONGEST_PAUSE_MS);
    await troubles[oneOf(world.random, Object.keys(troubles))]?.();
  }
}

function orderFault(world: SoakWorld): void {
  const { random, simulator } = world;
  const service = oneOf(random, ["hubspot", "hubspot", "hubspot", "explorium", "anthropic"]);
  const name = oneOf(random, faults);
  const path = service === "hubspot" && random() < 0.6 ? { path: oneOf(random, paths) } : {};
  const times = 1 + Math.floor(random() * 4);
  simulator.faults.add({ service: service as FaultOrder["service"], name, times, ...path });
  count(world, "faults", times);
}

async function kill(world: SoakWorld): Promise<void> {
  const place = oneOf(world.random, world.fleet.places);
  if (!world.fleet.isAlive(place)) return;
  await world.fleet.kill(place);
  count(world, "kills");
  await wait(world.random() * 1_500);
  await world.fleet.start(place);
}

async function restart(world: SoakWorld): Promise<void> {
  const place = oneOf(world.random, world.fleet.places);
  const ms = await world.fleet.stop(place);
  if (ms !== null) count(world, "graceful_stops");
  if (ms !== null && ms > 5_000) count(world, "slow_stops");
  await world.fleet.start(place);
}

/** Mostly a short sleep, now and then one that outlasts leases. */
async function freeze(world: SoakWorld): Promise<void> {
  const place = oneOf(world.random, world.fleet.places);
  count(world, "freezes");
  await world.fleet.freeze(place, world.random() < 0.2 ? 17_000 : world.random() * 3_000);
}

async function outage(world: SoakWorld): Promise<void> {
  const { simulator, random } = world;
  const name = oneOf(random, ["http-503", "reset-before-commit", "http-429"] as const);
  simulator.faults.add({ service: "hubspot", name, times: 1_000_000 });
  count(world, "outages");
  await wait(2_000 + random() * 8_000);
  simulator.faults.clear();
}

/** Another program writes for a while, now and then for longer than anybody waits. */
async function lockDatabase(world: SoakWorld, lock: (isLocked: boolean) => void): Promise<void> {
  const ms = world.random() < 0.15 ? 11_000 : world.random() * 3_000;
  count(world, "locks");
  lock(true);
  const child = spawn(process.execPath, ["--input-type=module", "-e", locking], {
    env: { ...process.env, LOCK_FILE: world.file, LOCK_MS: String(Math.round(ms)) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "close");
  lock(false);
}

const locking = `
import Database from "better-sqlite3";
const db = new Database(process.env.LOCK_FILE, { timeout: 20_000 });
db.exec("begin immediate");
setTimeout(() => db.close(), Number(process.env.LOCK_MS));
`;

function wait(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
