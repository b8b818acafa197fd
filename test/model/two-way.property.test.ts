/**
 * The whole system under a model: other programs' SQL, people in HubSpot, the real worker between, faults on the way, in any order. fast-check
 * prints the seed and the path of a failure; to replay and shrink it: `FC_SEED=-123 FC_PATH=4 npx vitest run test/model -t "<its name>"`.
 * `MODEL_RUNS=300` runs more.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { type Command, histories } from "./commands.ts";
import { checkEnd, valuesOf, writesOf } from "./end-laws.ts";
import { argsOf, happen } from "./happenings.ts";
import { closeWorld, newWorld, type World } from "./world.ts";

const { FC_SEED, FC_PATH, MODEL_RUNS = "25" } = process.env;
const RUNS = Number(MODEL_RUNS);
const QUARTER_HOUR = 15 * 60_000;

const both = { kind: "sync", direction: "both", fault: null, meanwhile: null } as const;
const everyRecord = { ...both, object: "all", everything: true } as const;
const whatIsDue = { ...both, object: "all", everything: false } as const;

/** Two rounds over every record, as a reconciliation looks at them. */
async function lookAtEverything(world: World): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (const object of ["contacts", "customers"] as const)
      await happen(world, { ...everyRecord, object });
  }
}

/** Two rounds over what is due a quarter of an hour later, retries included. */
async function lookAtWhatIsDue(world: World): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    world.clock.advance(QUARTER_HOUR);
    await happen(world, whatIsDue);
  }
}

async function live(history: readonly Command[], looksAt: World["looksAt"]): Promise<void> {
  const world = await newWorld(looksAt);
  try {
    for (const command of history) await happen(world, command);
    await mendAll(world);
    world.story.push("quiet:");
    await (looksAt === "due" ? lookAtWhatIsDue(world) : lookAtEverything(world));
    await checkEnd(world);
    await checkQuiet(world);
  } catch (thrown) {
    throw new Error([String(thrown), ...world.story, ...bugsOf(world)].join("\n"), {
      cause: thrown,
    });
  } finally {
    await closeWorld(world);
  }
}

/** Whoever mends a column says so: an entry that is as empty as before has not changed. */
async function mendAll({ broken, everBroken, rig, clock }: World): Promise<void> {
  for (const mend of [...broken.values()]) mend();
  await rig.store.queue.add(
    [...everBroken].map(({ object, id: local_id }) => ({
      ...{ object, local_id, reason: "mended", due_at: clock.iso() },
    })),
  );
}

/** What the log says of errors that nobody expected. */
function bugsOf({ rig }: World): readonly string[] {
  return rig.log.lines.flatMap(({ fields: { err } }) =>
    err instanceof Error ? [`log: ${err.stack}`] : [],
  );
}

/** Nothing is due any more, and looking at all records once more changes nothing anywhere. */
async function checkQuiet(world: World): Promise<void> {
  const before = valuesOf(world);
  world.rig.forget();
  if (world.looksAt === "everything") {
    for (const object of ["contacts", "customers"] as const)
      for (const args of argsOf(world, { ...everyRecord, object })) await world.rig.sync(args);
  }
  assert.deepEqual(writesOf(world), [], "a quiet look writes nothing to HubSpot");
  assert.deepEqual(valuesOf(world), before, "a quiet look changes nothing");
  world.rig.forget();
  await world.rig.sync();
  assert.deepEqual(world.rig.requests(), [], "nothing is due");
}

// Shrinking takes hundreds of runs, and each a third of a second: only who replays a failure waits for it.
const limits = { numRuns: RUNS, endOnFailure: FC_PATH === undefined };
const replay = {
  ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
};
const timeout = 60_000 + RUNS * 20_000;

test(
  "both sides come to agree, and no edit is lost, when every record is looked at in the end",
  { timeout },
  () =>
    fc.assert(
      fc.asyncProperty(histories, (history) => live(history, "everything")),
      { ...limits, ...replay },
    ),
);

test(
  "both sides come to agree, and no edit is lost, when HubSpot's edits are heard of and only what is due is looked at",
  { timeout },
  () =>
    fc.assert(
      fc.asyncProperty(histories, (history) => live(history.map(heard), "due")),
      { ...limits, ...replay },
    ),
);

function heard(command: Command): Command {
  if (command.kind === "edit") return { ...command, heard: true };
  if (command.kind === "contest") {
    const { first, second } = command;
    return { ...command, first: { ...first, heard: true }, second: { ...second, heard: true } };
  }
  if (command.kind !== "preview" || command.between === null) return command;
  return { ...command, between: { ...command.between, heard: true } };
}
