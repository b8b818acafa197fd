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
  track.isSpecial = true;
  const after = heldBy(world, record).get(rule);
  if (resolution === "set" && after?.local !== undefined) {
    track.held.local.add(after.local);
    track.since.local = Date.now();
    // HubSpot's value of the conflict is agreement; what it was given since then comes after that.
    if (after.local === conflict.hubspot) delete track.pending.local;
    else track.pending.local = after.local;
  }
  if (resolution === "keep_hubspot") delete track.pending.local;
  // An edit in HubSpot that nobody has looked at yet was not decided about.
  else if (before?.hubspot === conflict.hubspot) delete track.pending.hubspot;
}

function given({ value }: Decision, object: "contacts" | "customers", field: string): string {
  const values = poolOf(object, field)?.local ?? [];
  return String(values[value % values.length] ?? "");
}
