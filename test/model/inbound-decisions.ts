/** A person decides an open conflict through the tool, on what the tool shows: about a field, or about a record that HubSpot deleted. */
import assert from "node:assert/strict";
import type { Conflict } from "../../mcp-server/src/ports/conflict-store.ts";
import type { InboundCommand } from "./inbound-commands.ts";
import {
  allRecords,
  give,
  heldBy,
  type InboundWorld,
  keyOf,
  pendingOf,
  stamp,
} from "./inbound-world.ts";
import { type ModelRecord, rulesOf } from "./world.ts";

type Decision = Extract<InboundCommand, { kind: "decide" }>;

const context = {
  signal: new AbortController().signal,
  progress: () => undefined,
  principal: "model",
  confirm: null,
};

const RECORD = "@record";

export async function decide(world: InboundWorld, decision: Decision): Promise<void> {
  const page = { afterId: 0, limit: 100 };
  const { conflicts } = await world.rig.store.conflicts.list({ status: "open" }, page);
  const conflict = conflicts[decision.conflict % conflicts.length];
  const record = allRecords(world).find(
    ({ object, id }) => object === conflict?.object && id === conflict.local_id,
  );
  if (!conflict || !record) return;
  const { resolution } = decision;
  const tool = world.process.tools.find(({ name }) => name === "resolve-conflict");
  const answer = await tool?.run(
    {
      conflict_id: String(conflict.conflict_id),
      version: conflict.version,
      resolution,
      ...(resolution === "set" ? { value: conflict.hubspot ?? conflict.local } : {}),
    },
    context,
  );
  stamp(world);
  const isResolved = Array.isArray(answer?.["resolved"]) && answer["resolved"].length === 1;
  const how = `${keyOf(record)} ${conflict.field} ${resolution} (${conflict.local} | ${conflict.hubspot})`;
  world.story.push(`${isResolved ? "resolved" : "refused"} ${how}`);
  if (!isResolved) return;
  give(world, [keyOf(record)], 2);
  if (conflict.field === RECORD) decideRecord(world, record, resolution);
  else decideField(world, { record, conflict }, resolution);
}

/** Made anew it holds what is here; let go, its edits are nobody's any more. */
function decideRecord(
  world: InboundWorld,
  record: ModelRecord,
  resolution: Decision["resolution"],
): void {
  for (const rule of rulesOf(record.object)) {
    const pending = pendingOf(world, record, rule);
    delete pending.hubspot;
    if (resolution === "keep_hubspot") delete pending.local;
  }
  if (resolution !== "keep_local") return;
  world.deleted.delete(keyOf(record));
  // Whoever has somebody made anew has them kept, whatever is told later of the record that was.
  world.forgotten.delete(record.key);
  for (const [id, { sure, perhaps }] of world.erased)
    world.erased.set(id, { perhaps, sure: sure.filter((key) => key !== record.key) });
}

interface Decided {
  readonly record: ModelRecord;
  readonly conflict: Conflict;
}

/** From now on one side's value counts as agreed; what either side holds beside it comes after it. */
function decideField(
  world: InboundWorld,
  { record, conflict }: Decided,
  resolution: Decision["resolution"],
): void {
  const rule = rulesOf(record.object).find(({ field }) => field === conflict.field);
  assert.ok(rule, conflict.field);
  const held = heldBy(world, record).get(rule);
  const base = resolution === "keep_hubspot" ? conflict.local : conflict.hubspot;
  const pending = pendingOf(world, record, rule);
  for (const side of ["local", "hubspot"] as const) {
    const value = held?.[side];
    if (value === undefined || value === base) delete pending[side];
    else pending[side] = value;
  }
}
