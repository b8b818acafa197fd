/** Customers survive every death of the process: while they are imported, synced, changed by plan, edited, decided on. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";
import { customersState, isQuiet } from "../support/crash-customers.ts";
import {
  hasEnded,
  type JobSeen,
  killAll,
  letJobLeasesRunOut,
  letQueueLeasesRunOut,
  type RunningServer,
  rowsOf,
} from "../support/crash-rig.ts";
import { differences } from "../support/crash-state.ts";
import {
  carryThrough,
  type Death,
  edit,
  moments,
  newWorld,
  serve,
  until,
  type Work,
  type World,
  writeCustomers,
} from "./customer-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const ROWS = 2_300;
const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
/** How often the process dies in each piece of work. */
const DEATHS = Number(process.env["CRASH_POINTS"] ?? 2);
const random = seededRandom(seed);

const below = (most: number): number => Math.floor(random() * most);
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

let peaceful: World;
let disturbed: World;
beforeAll(async () => {
  [peaceful, disturbed] = await Promise.all([newWorld(), newWorld()]);
});
afterEach(killAll);
afterAll(() => Promise.all([peaceful?.close(), disturbed?.close()]));

/** Each death with one of the first `requests` of its process. */
function deaths(requests: number): readonly Death[] {
  return numbers(0, DEATHS).map(() => ({
    request: 1 + below(requests),
    moment: moments[below(moments.length)] ?? "before",
    lateMs: below(20),
  }));
}

/** Has the same done in both worlds, in one of them with deaths, and expects that they end alike. */
async function inBothWorlds(work: Work, dying: readonly Death[]): Promise<void> {
  const [, died] = await Promise.all([
    carryThrough(peaceful, work, []),
    carryThrough(disturbed, work, dying),
  ]);

  expect(died).toBeGreaterThan(0);
  expectAlike();
}

function expectAlike(): void {
  const [actual, expected] = [disturbed, peaceful].map(({ file, simulator }) =>
    customersState(file, simulator),
  );
  expect(differences(actual, expected)).toEqual([]);
}

const title = (what: string) => `${what} (CRASH_SEED=${seed})`;

test(title("an import"), async () => {
  const calm = await serve(peaceful, false);
  const job = await calm.jobUntil(await startImport(peaceful, calm), hasEnded);
  await calm.stop();

  let server = await serve(disturbed, false);
  const jobId = await startImport(disturbed, server);
  let interrupted = 0;
  for (const _ of numbers(0, DEATHS)) {
    await new Promise((wake) => setTimeout(wake, below(60)));
    await server.kill();
    if (!isQuiet(disturbed.file, false)) interrupted += 1;
    letJobLeasesRunOut(disturbed.file);
    server = await serve(disturbed, false);
  }
  const survived = await server.jobUntil(jobId, hasEnded);
  await server.stop();

  expect(interrupted).toBeGreaterThan(0);
  expect(survived.counts).toEqual(job.counts);
  expect(rejects(disturbed)).toEqual(rejects(peaceful));
  expectAlike();
});

async function startImport(world: World, server: RunningServer): Promise<string> {
  const path = join(world.box.folder, "customers.csv");
  await writeCustomers(world, path, ROWS);
  const asked = { path, object: "customers", wait_seconds: 0 };
  return (await server.post<JobSeen>("/api/import/csv", asked)).job_id;
}

const rejects = ({ file }: World) =>
  rowsOf(file, "select row, raw, code, message, field from import_rejects order by row");

test(title("a first sync"), async () => {
  const asked = { object: "customers", wait_seconds: 0 };
  const begin: Work["begin"] = (_, server) => server.post("/api/sync/hubspot", asked);

  await inBothWorlds({ live: false, rounds: 1, begin }, deaths(45));

  expect(peaceful.simulator.hubspot.counts()["companies"]).toBe(customersIn(peaceful));
});

function customersIn({ file }: World): number {
  return rowsOf<{ n: number }>(file, "select count(*) as n from customers")[0]?.n ?? 0;
}

test(title("a plan"), async () => {
  const plans = new Map<World, string>();
  await Promise.all(
    [peaceful, disturbed].map(async (world) => plans.set(world, await planned(world))),
  );
  const begin: Work["begin"] = (world, server) =>
    server.post("/api/sync/hubspot", { plan_id: plans.get(world), wait_seconds: 0 });

  await inBothWorlds({ live: false, rounds: 1, begin }, deaths(11));
});

/** Previews the sync of 400 customers that were edited on either side. */
async function planned(world: World): Promise<string> {
  const ids = numbers(1, 400);
  edit(world, ids);
  const server = await serve(world, false);
  const asked = { object: "customers", ids, dry_run: true, wait_seconds: 20 };
  const { plan_id } = await server.post<{ plan_id: string }>("/api/sync/hubspot", asked);
  await server.stop();
  return plan_id;
}

test(title("edits of another program, sent as they happen"), async () => {
  const begin: Work["begin"] = async (world, _, round) => {
    edit(world, numbers(501 + 120 * round, 120));
  };

  await inBothWorlds({ live: true, rounds: DEATHS, begin }, deaths(4));
});

test(title("decisions on conflicts, one by one and all at once"), async () => {
  expect(openConflicts(peaceful).length).toBeGreaterThan(DEATHS);

  await Promise.all([decideAll(peaceful, null), decideAll(disturbed, () => below(40))]);

  expect(openConflicts(disturbed)).toEqual([]);
  expectAlike();
});

interface Open {
  readonly id: number;
  readonly version: number;
}

function openConflicts({ file }: World): readonly Open[] {
  return rowsOf(file, "select id, version from conflicts where status = 'open' order by local_id");
}

const choices = [
  { resolution: "keep_local" },
  { resolution: "set", value: "Both" },
  { resolution: "keep_hubspot" },
] as const;

/** Decides some conflicts singly and the others by a plan. The process dies once in each call, and whoever asked asks again. */
async function decideAll(world: World, dieAfterMs: (() => number) | null): Promise<void> {
  const asking = { world, server: await serve(world, true), dieAfterMs };
  for (const n of numbers(0, DEATHS)) {
    const [{ id, version } = { id: 0, version: 0 }] = openConflicts(world);
    const path = `/api/conflicts/${id}/resolve`;
    const isOpen = () => openConflicts(world).some((conflict) => conflict.id === id);
    await askUntilDone(asking, { path, body: { version, ...choices[n % 3] } }, isOpen);
  }
  const rest = openConflicts(world);
  const path = "/api/conflicts/resolve";
  const bulk = { filter: { object: "customers" }, resolution: "keep_hubspot" };
  const { plan_id } = await asking.server.post<{ plan_id: string }>(path, bulk);
  await askUntilDone(asking, { path, body: { plan_id } }, () => {
    const left = openConflicts(world);
    // All of them or none.
    expect([[], rest]).toContainEqual(left);
    return left.length > 0;
  });
  await until(() => isQuiet(world.file, true), asking.server);
  await asking.server.stop();
}

/** Asks; the first time the process dies meanwhile, and its heir is asked again if the decision did not outlive it. */
async function askUntilDone(
  asking: { readonly world: World; server: RunningServer; dieAfterMs: (() => number) | null },
  { path, body }: { readonly path: string; readonly body: object },
  isOpen: () => boolean,
): Promise<void> {
  const { world, dieAfterMs } = asking;
  if (dieAfterMs) {
    const asked = asking.server.post(path, body).catch(() => null);
    await new Promise((wake) => setTimeout(wake, dieAfterMs()));
    await asking.server.kill();
    await asked;
    letQueueLeasesRunOut(world.file);
    asking.server = await serve(world, true);
  }
  if (isOpen()) await asking.server.post(path, body);
}
