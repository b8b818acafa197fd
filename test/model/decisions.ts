/** A person decides an open conflict through the tool, on what the tool shows. */
import assert from "node:assert/strict";
import type { Command } from "./commands.ts";
import { poolOf } from "./model-map.ts";
import { heldBy, nameOf, rulesOf, trackOf, type World } from "./world.ts";

const context = {
  signal: new AbortController().signal,
  progress: () => undefined,
  principal: "model",
  confirm: null,
};

type Decision = Extract<Command, { kind: "resolve" }>;

/** Decides one of the open conflicts, and notes what became of the values that gave way. */
export async function decidedBy(world: World, decision: Decision): Promise<void> {
  const open = await world.rig.store.conflicts.list({}, { afterId: 0, limit: 100 });
  const conflicts = open.conflicts.filter(({ status }) => status === "open");
  const conflict = conflicts[decision.conflict % conflicts.length];
  const record = world.records.find(
    ({ object, id }) => object === conflict?.object && id === conflict.local_id,
  );
  const rule = record && rulesOf(record.object).find(({ field }) => field === conflict?.field);
  if (!conflict || !record || !rule) return;
  const { resolution } = decision;
  const before = heldBy(world, record).get(rule);
  const value = given(decision, record.object, rule.field);
  const answer = await world.resolve.run(
    {
      conflict_id: String(conflict.conflict_id),
      version: conflict.version,
      resolution,
      ...(resolution === "set" ? { value } : {}),
    },
    context,
  );
  const isResolved = Array.isArray(answer["resolved"]) && answer["resolved"].length === 1;
  const how = `${nameOf(record, rule)}: ${resolution} ${resolution === "set" ? value : ""}`;
  world.story.push(`${isResolved ? "resolved" : "refused"} ${how}`);
  if (!isResolved) return;
  assert.equal(before?.local, conflict.local, "a decision is taken on the value that is there");
  const track = trackOf(world, record, rule);
  track.isDecided = true;
  const after = heldBy(world, record).get(rule);
  if (resolution === "set") track.since.local = Date.now();
  // From now on that counts as agreed; what either side was given since then, seen or not, comes after it.
  const base = resolution === "keep_hubspot" ? conflict.local : conflict.hubspot;
  for (const side of ["local", "hubspot"] as const) {
    const held = after?.[side];
    if (held === undefined || held === base) delete track.pending[side];
    else track.pending[side] = held;
    if (held !== undefined) track.held[side].add(held);
  }
}

function given({ value }: Decision, object: "contacts" | "customers", field: string): string {
  const values = poolOf(object, field)?.local ?? [];
  return String(values[value % values.length] ?? "");
}
