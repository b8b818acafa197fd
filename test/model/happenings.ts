/** Lets commands happen: other programs write, people edit in HubSpot, syncs run, persons decide. */
import type { Job } from "../../mcp-server/src/core/job.ts";
import { add, breakColumn } from "./additions.ts";
import type { Command, Edit, SyncCommand } from "./commands.ts";
import { decidedBy } from "./decisions.ts";
import { contest, edit, editLocal, nextMoment, pick } from "./edits.ts";
import { checkNothingWritten } from "./end-laws.ts";
import { checkedSync } from "./sync-laws.ts";
import { heldBy, type ModelObject, rulesOf, trackOf, type World } from "./world.ts";

/** Lets one thing happen, and checks what must hold of it. */
export async function happen(world: World, command: Command): Promise<void> {
  await nextMoment();
  switch (command.kind) {
    case "edit":
      return await edit(world, command);
    case "contest":
      return await contest(world, command);
    case "sync":
      return await checkedSync(world, command, () => runSync(world, command));
    case "live":
      return await live(world, command.beside);
    case "preview":
      return await preview(world, command);
    case "resolve":
      return await decidedBy(world, command);
    case "add":
      return await add(world, command);
    case "break":
      return breakColumn(world, command);
  }
}

async function runSync(world: World, command: SyncCommand): Promise<readonly Job[]> {
  const { rig, clock } = world;
  const { fault, meanwhile } = command;
  if (fault) rig.simulator.faults.add({ service: "hubspot", ...fault });
  if (fault && meanwhile) {
    clock.meanwhile = async () =>
      meanwhile.kind === "cancel" ? await cancel(world) : editMeanwhile(world, meanwhile);
  }
  const jobs: Job[] = [];
  for (const args of argsOf(world, command)) jobs.push(await rig.sync(args));
  clock.meanwhile = null;
  rig.simulator.faults.clear();
  return jobs;
}

async function cancel({ rig, story }: World): Promise<void> {
  const job = await rig.store.jobs.active("sync");
  if (!job) return;
  story.push("meanwhile: cancel");
  await rig.jobs.cancel(job.job_id);
}

/** Half of these edits aim at a field in which the sync is about to take HubSpot's value over. */
function editMeanwhile(world: World, command: Edit): void {
  const record = pick(world.records, command.record);
  if (!record) return;
  const rules = rulesOf(record.object);
  const contested = rules.filter((one) => "hubspot" in trackOf(world, record, one).pending);
  const rule = pick(command.heard && contested.length > 0 ? contested : rules, command.field);
  if (!rule) return;
  const track = trackOf(world, record, rule);
  const held = heldBy(world, record).get(rule);
  track.isUncertain = true;
  world.editedMeanwhile.add(track);
  // What both sides hold at that moment has travelled, or needed not to.
  if (held?.local === held?.hubspot) {
    delete track.pending.local;
    delete track.pending.hubspot;
  }
  world.story.push("meanwhile:");
  editLocal(world, record, rule, command.value);
}

/** The arguments of the runs that a command means: those that name records take one kind each. */
export function argsOf(
  { records }: World,
  command: Pick<SyncCommand, "direction" | "object" | "everything">,
): readonly Readonly<Record<string, unknown>>[] {
  const { direction, object, everything } = command;
  if (!everything) return [{ direction, object }];
  const objects: readonly ModelObject[] = object === "all" ? ["contacts", "customers"] : [object];
  return objects.flatMap((each) => {
    const ids = records.filter((record) => record.object === each).map(({ id }) => id);
    return ids.length === 0 ? [] : [{ direction, object: each, ids }];
  });
}

async function live(world: World, beside: SyncCommand | null): Promise<void> {
  const look = () => world.rig.live(new AbortController().signal);
  const command: SyncCommand = beside ?? {
    ...{ kind: "sync", direction: "both", object: "all", everything: false },
    ...{ fault: null, meanwhile: null },
  };
  await checkedSync(world, command, async () => {
    const [jobs] = await Promise.all([beside ? runSync(world, beside) : [], look()]);
    return jobs;
  });
}

async function preview(
  world: World,
  command: Extract<Command, { kind: "preview" }>,
): Promise<void> {
  const { rig } = world;
  const [args] = argsOf(world, { ...command, object: command.everything ? "customers" : "all" });
  if (!args) return;
  const job = await checkNothingWritten(world, () => rig.sync({ ...args, dry_run: true }));
  if (command.between) await edit(world, command.between);
  if (!command.apply || job.status !== "completed") return;
  const plan_id = job.result?.["plan_id"];
  await checkedSync(
    world,
    { ...command, ...{ kind: "sync", object: "all", fault: null, meanwhile: null } },
    async () => {
      const applied = await rig.sync({ ...args, plan_id });
      world.story.push(`applied: ${applied.status} ${applied.errors.map(({ code }) => code)}`);
      return [applied];
    },
  );
}
