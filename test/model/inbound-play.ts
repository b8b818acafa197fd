/** Plays a history from beginning to end: commands, then quiet, then the laws. */
import assert from "node:assert/strict";
import type { InboundCommand, InboundSettings } from "./inbound-commands.ts";
import { decide } from "./inbound-decisions.ts";
import { add, edit, score } from "./inbound-edits.ts";
import { checkEnd, type Hearing, stateOf, writesIn } from "./inbound-laws.ts";
import { associate, changeLife } from "./inbound-life.ts";
import { crash, deliver, work } from "./inbound-work.ts";
import { closeInboundWorld, collect, type InboundWorld, newInboundWorld } from "./inbound-world.ts";

const SECOND = 1_000;
const QUARTER_HOUR = 16 * 60 * SECOND;

/** Lets one thing happen; no two things happen at one moment. */
export async function happen(world: InboundWorld, command: InboundCommand): Promise<void> {
  world.rig.clock.advance(SECOND);
  switch (command.kind) {
    case "edit":
      return await edit(world, command);
    case "deliver":
      return await deliver(world, command);
    case "life":
      return changeLife(world, command);
    case "associate":
      return associate(world, command);
    case "add":
      return await add(world, command);
    case "score":
      return await score(world, command);
    case "decide":
      return await decide(world, command);
    case "wait":
      return world.rig.clock.advance(command.ms);
    case "crash":
      return await crash(world, command.isHolding);
    default:
      return await work(world, command);
  }
}

const beginning: readonly InboundCommand[] = [
  { kind: "add", who: "customer", value: 1 },
  { kind: "add", who: "here", value: 1 },
  { kind: "live", isBeside: false },
  { kind: "sync", direction: "both" },
  { kind: "poll" },
];

const cycle: readonly InboundCommand[] = [
  { kind: "poll" },
  { kind: "live", isBeside: false },
  { kind: "enrich" },
  { kind: "sync", direction: "both" },
];
const all = { which: "all", order: "shuffled", isDoubled: true, isReplayed: false } as const;
const rest: Readonly<Record<Hearing, readonly InboundCommand[]>> = {
  notified: [{ kind: "deliver", ...all, dice: 1 }, ...cycle],
  reconciled: [
    { kind: "deliver", ...all, which: "lost", dice: 1 },
    ...cycle,
    { kind: "reconcile" },
    { kind: "live", isBeside: false },
  ],
  polled: [{ kind: "deliver", ...all, which: "lost", dice: 1 }, ...cycle],
};

// Longer than anything but a poison record may take: a retry, and what it gives reason to.
const MOST_ROUNDS = 5;

/** Lets the program work until nothing is due. */
async function quiet(world: InboundWorld, hearing: Hearing): Promise<void> {
  world.story.push("quiet:");
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    world.rig.clock.advance(QUARTER_HOUR);
    for (const command of rest[hearing]) await happen(world, command);
    if (round > 0 && !isAnythingDue(world)) return;
  }
}

const DUE = [
  "select 1 from sync_queue",
  "select 1 from hubspot_queue",
  "select 1 from contacts where status in ('imported', 'enriching', 'syncing')",
];

function isAnythingDue({ sql, letters }: InboundWorld): boolean {
  return letters.length > 0 || DUE.some((query) => sql.prepare(query).all().length > 0);
}

/** Looking once more, by whatever means, changes nothing anywhere. */
async function checkQuiet(world: InboundWorld, hearing: Hearing): Promise<void> {
  const before = stateOf(world);
  const writes: string[] = [];
  const looks = hearing === "polled" ? cycle : [...cycle, ...rest.reconciled.slice(-2)];
  for (const command of looks) {
    await happen(world, command);
    writes.push(...writesIn(world));
  }
  assert.deepEqual(writes, [], "a quiet round writes nothing to HubSpot");
  assert.deepEqual(stateOf(world), before, "a quiet round changes nothing");
}

/** How a history is played. `also`: what happens between the commands, one list for each. */
export interface Play {
  readonly settings: InboundSettings;
  readonly commands: readonly InboundCommand[];
  readonly also?: readonly (readonly InboundCommand[])[];
  readonly hearing: Hearing;
}

/** What a play came to. */
export interface Played {
  readonly story: readonly string[];
  readonly state: ReturnType<typeof stateOf>;
}

/** Plays it; what fails tells the whole story. */
export async function play({ settings, commands, also = [], hearing }: Play): Promise<Played> {
  const world = await newInboundWorld(settings);
  try {
    for (const command of beginning) await happen(world, command);
    for (const [index, command] of commands.entries()) {
      await happen(world, command);
      for (const other of also[index] ?? []) await happen(world, other);
    }
    collect(world);
    await quiet(world, hearing);
    await checkEnd(world, hearing);
    await checkQuiet(world, hearing);
    return { story: world.story, state: stateOf(world) };
  } catch (thrown) {
    const told = [String(thrown), JSON.stringify(settings), hearing, ...world.story];
    throw new Error([...told, ...troubleIn(world)].join("\n"), { cause: thrown });
  } finally {
    await closeInboundWorld(world);
  }
}

/** What the log says of errors that nobody expected. */
function troubleIn({ rig }: InboundWorld): readonly string[] {
  return rig.log.lines.flatMap(({ message, fields: { err } }) =>
    err instanceof Error ? [`log: ${message}: ${err.stack}`] : [],
  );
}
