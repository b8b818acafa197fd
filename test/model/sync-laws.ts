/** What must hold of every sync: who wins, who owns a field, and that no edit gives way without being kept. */
import assert from "node:assert/strict";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import type { SyncCommand } from "./commands.ts";
import {
  baseOf,
  type Held,
  heldBy,
  type ModelRecord,
  nameOf,
  rulesOf,
  type Side,
  type Track,
  trackOf,
  type World,
} from "./world.ts";

const sides = ["local", "hubspot"] as const;

/** Runs a sync and checks it against what the onlooker knows. */
export async function checkedSync(
  world: World,
  command: SyncCommand,
  run: () => Promise<readonly Job[]>,
): Promise<void> {
  const { direction, object, fault } = command;
  const what = `sync ${direction} ${object}${command.everything ? " everything" : ""}`;
  world.story.push(`${what}${fault ? ` with ${fault.times} ${fault.name} at ${fault.path}` : ""}`);
  const before = new Map(world.records.map((record) => [record, heldBy(world, record)]));
  const logged = await lastLogged(world);
  if (fault) markSpecial(world);
  world.editedMeanwhile.clear();
  const jobs = await run();
  world.story.push(`  ${jobs.map(({ status, counts }) => `${status} ${JSON.stringify(counts)}`)}`);
  for (const job of jobs) checkJob(job, command);
  for (const record of world.records) {
    const lost = await lostSince(world, record, logged);
    const after = heldBy(world, record);
    for (const rule of rulesOf(record.object)) {
      const [then, now] = [before.get(record)?.get(rule), after.get(rule)];
      if (then && now) settleField(world, { record, rule, then, now, lost });
    }
  }
}

/** An answer that is lost may have made HubSpot's value ours without anybody knowing. */
function markSpecial(world: World): void {
  for (const track of world.tracks.values()) {
    if ("local" in track.pending || "hubspot" in track.pending) track.isUncertain = true;
  }
}

const expected = new Set(["PLAN_STALE"]);

function checkJob({ status, errors }: Job, { fault }: SyncCommand): void {
  if (fault) return;
  const codes = errors.map(({ code, message }) => `${code}: ${message}`);
  assert.ok(
    status === "completed" || errors.every(({ code }) => expected.has(code)),
    `a sync without faults fails: ${codes}`,
  );
  if (status === "completed") assert.deepEqual(codes, [], "a sync without faults has no errors");
}

interface Looked {
  readonly record: ModelRecord;
  readonly rule: FieldRule;
  readonly then: Held;
  readonly now: Held;
  readonly lost: ReadonlyMap<string, ReadonlySet<unknown>>;
}

function settleField(world: World, looked: Looked): void {
  const { record, rule, now, lost } = looked;
  const track = trackOf(world, record, rule);
  const name = nameOf(record, rule);
  checkWinner(world, looked, track);
  checkUntouched(world, looked, name, track);
  for (const side of sides) {
    const value = now[side];
    if (value === undefined) continue;
    track.held[side].add(value);
    if (!(side in track.pending) || value === track.pending[side]) continue;
    const isKept = lost.get(rule.field)?.has(track.pending[side]) === true;
    assert.ok(isKept, `${name}: ${side} ${track.pending[side]} gave way to ${value} unkept`);
    delete track.pending[side];
  }
  if (isAgreed(world, looked)) {
    track.hasAgreed = true;
    track.isDecided = false;
    track.isUncertain = false;
    delete track.pending.local;
    delete track.pending.hubspot;
  }
}

/** Both were seen to hold the same, or HubSpot its own form of what we sent. What nobody has looked at since is not agreed. */
export function isAgreed(
  world: World,
  { record, rule, now }: Pick<Looked, "record" | "rule" | "now">,
): boolean {
  if (now.local === undefined || now.hubspot === undefined) return false;
  const base = baseOf(world, record);
  if (base[rule.field] !== now.hubspot) return false;
  return now.local === now.hubspot || base[`${rule.field}@sent`] === now.local;
}

/** Where both sides held edits and the sync settled it, the strategy decided, and nothing else. */
function checkWinner(world: World, looked: Looked, track: Track): void {
  const { record, rule, then, now } = looked;
  const { pending, since, hasAgreed, isDecided, isUncertain } = track;
  const isContested = "local" in pending && "hubspot" in pending && then.local !== then.hubspot;
  if (!isContested || !hasAgreed || rule.direction !== "BIDIRECTIONAL") return;
  if (isDecided || isUncertain || now.local !== now.hubspot) return;
  const name = nameOf(record, rule);
  const won: Side = now.local === then.local ? "local" : "hubspot";
  assert.equal(now.local, then[won], `${name}: a value is invented`);
  const later = since.local > since.hubspot ? "local" : "hubspot";
  const winner = {
    WARP_WINS: "local",
    HUBSPOT_WINS: "hubspot",
    LATEST_WINS: later,
    MANUAL: "nobody",
  };
  assert.equal(won, winner[rule.strategy], `${name}: ${rule.strategy} decides`);
  world.story.push(`  ${name}: ${rule.strategy} kept ${won} ${now.local}`);
}

/** The sync writes only to the side that does not own a field, and empties a side only where the map lets it. */
function checkUntouched(world: World, { rule, then, now }: Looked, name: string, track: Track) {
  const owner = {
    WARP_TO_HUBSPOT: "local",
    HUBSPOT_TO_WARP: "hubspot",
    BIDIRECTIONAL: null,
    NONE: null,
  };
  for (const side of sides) {
    if (now[side] === undefined || (side === "local" && world.editedMeanwhile.has(track))) continue;
    // Without a record HubSpot held nothing.
    const before = then[side] ?? null;
    const isWritten = now[side] !== before;
    assert.ok(
      !isWritten || owner[rule.direction] !== side,
      `${name}: its owner, ${side}, is written to`,
    );
    const isEmptied = isWritten && now[side] === null && !rule.clears;
    assert.ok(!isEmptied, `${name}: ${side} is emptied although clearing does not travel`);
  }
}

async function lastLogged({ rig, records }: World): Promise<number> {
  const newest = await Promise.all(
    records.map(
      async ({ object, id }) => (await rig.store.syncLog.forRecord(object, id, 1))[0]?.id ?? 0,
    ),
  );
  return Math.max(0, ...newest);
}

/** The values that the log keeps as having given way since a row, by field. */
async function lostSince(
  { rig }: World,
  { object, id }: ModelRecord,
  since: number,
): Promise<ReadonlyMap<string, ReadonlySet<unknown>>> {
  const lost = new Map<string, Set<unknown>>();
  for (const row of await rig.store.syncLog.forRecord(object, id, 200)) {
    if (row.id <= since) continue;
    for (const { field, ...line } of row.fields) {
      if (!("lost" in line)) continue;
      lost.set(field, (lost.get(field) ?? new Set()).add(line.lost));
    }
  }
  return lost;
}
