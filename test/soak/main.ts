/**
 * `npm run soak -- --minutes N`: the whole system under random edits, faults and kills, and what it survived.
 *
 * Two servers on one database, the strict simulator, the providers, people on both sides, an agent. Progress and the seed go to standard error, the result as JSON to
 * standard output; exit code 1 when anything was lost, doubled, left different or left undone.
 */
import { parseArgs } from "node:util";
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";
import { killAll } from "../support/crash-rig.ts";
import { makeTrouble } from "./chaos.ts";
import { ask, edit, meetSomebody, throwAway } from "./people.ts";
import { settle } from "./settle.ts";
import { judge } from "./verdict.ts";
import { count, openWorld, type SoakWorld } from "./world.ts";

const usage = `Usage: npm run soak -- [--minutes N] [--seed N] [--edits N]

  --minutes N   how long people and troubles are at it (default 1)
  --seed N      the choices of an earlier run; what the machine does meanwhile differs all the same
  --edits N     edits a second (default 15)
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    edits: { type: "string", default: "15" },
    help: { type: "boolean", default: false },
  },
});

/** Does something again and again until the signal says stop; a failure is counted, for servers die under whoever asks. */
async function repeatedly(
  world: SoakWorld,
  { what, everyMs }: { readonly what: string; readonly everyMs: number },
  act: () => unknown,
  signal: AbortSignal,
): Promise<void> {
  const stopped = new Promise<void>((done) => {
    signal.addEventListener("abort", () => done(), { once: true });
  });
  while (!signal.aborted) {
    await new Promise((wake) => setTimeout(wake, everyMs * (0.5 + world.random())));
    try {
      // Whoever still waits for an answer in the end waits in vain.
      await Promise.race([Promise.resolve().then(act), stopped]);
    } catch (error) {
      count(world, `${what}_cut_off`);
      if (!isDeath(error)) tell(`${what}: ${error}`);
    }
  }
}

/** A connection that broke, a server that was not there, a database that somebody holds, or a conflict that moved on meanwhile. */
function isDeath(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    /no server|answered (5|409)|database is locked/u.test(String(error))
  );
}

async function disturbed(world: SoakWorld, signal: AbortSignal): Promise<void> {
  const bin: string[] = [];
  let isLocked = false;
  const lock = (locked: boolean): void => {
    isLocked = locked;
  };
  const everyMs = 1_000 / Number(values.edits);
  await Promise.all([
    repeatedly(world, { what: "edits", everyMs }, () => edit(world, isLocked), signal),
    repeatedly(world, { what: "meetings", everyMs: 4_000 }, () => meetSomebody(world), signal),
    repeatedly(world, { what: "bins", everyMs: 3_000 }, () => throwAway(world, bin), signal),
    repeatedly(world, { what: "asked", everyMs: 1_500 }, () => ask(world), signal),
    makeTrouble(world, lock, signal),
  ]);
}

async function soak(minutes: number, seed: number): Promise<boolean> {
  const world = await openWorld(seededRandom(seed));
  try {
    await disturbed(world, AbortSignal.timeout(minutes * 60_000));
    tell("the trouble is over; waiting for the two sides to agree …");
    const stopped = performance.now();
    const open = await settle(world);
    const settled_in_s = Math.round((performance.now() - stopped) / 1_000);
    const verdict = await judge(world);
    const { answers, acknowledged } = world.gateway;
    const notifications = { acknowledged: acknowledged.size, answers };
    const result = {
      seed,
      minutes,
      ...world.counts,
      notifications,
      settled_in_s,
      open,
      ...verdict,
    };
    print(JSON.stringify(result, null, 2));
    const { losses, duplicates, differences } = verdict;
    // How long stops take is told and not judged here: a machine under this load is no measure.
    return [open, losses, duplicates, differences].every((list) => list.length === 0);
  } finally {
    await world.close();
    await killAll();
  }
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (values.help) print(usage);
else {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
  tell(`soak: ${values.minutes} minute(s), --seed ${seed}`);
  process.exitCode = (await soak(Number(values.minutes), seed)) ? 0 : 1;
}
