/** What the program does between the commands of people: it is knocked at, looks, polls, syncs, reconciles; and what must hold of each time. */
import assert from "node:assert/strict";
import type { WebhookEvent } from "../../mcp-server/simulator/hubspot/webhook-outbox.ts";
import type { Delivery, Work } from "./inbound-commands.ts";
import { noteLocalChanges } from "./inbound-edits.ts";
import {
  allRecords,
  collect,
  companyKey,
  heldBy,
  type InboundWorld,
  keyOf,
  keysOf,
  linkOf,
  pendingOf,
  rowOf,
  stamp,
  typeOf,
} from "./inbound-world.ts";
import { baseOf, type Held, type ModelRecord, nameOf, rulesOf } from "./world.ts";

const objects = ["contacts", "customers"] as const;

/** A row of numbers that a number names; the same number names the same row. */
function dice(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function inOrder(
  letters: readonly WebhookEvent[],
  order: Delivery["order"],
  throwDice: () => number,
): readonly WebhookEvent[] {
  if (order === "oldest") return letters;
  if (order === "newest") return letters.toReversed();
  return letters
    .map((letter) => ({ letter, at: throwDice() }))
    .sort((a, b) => a.at - b.at)
    .map(({ letter }) => letter);
}

/** Brings, loses, doubles, mixes and repeats notifications. What is neither brought nor lost stays on its way. */
export async function deliver(world: InboundWorld, delivery: Delivery): Promise<void> {
  const throwDice = dice(delivery.dice);
  const { which } = delivery;
  const isMeant = () => which === "all" || throwDice() < 0.5;
  const meant = new Set(world.letters.filter(isMeant));
  world.letters = world.letters.filter((letter) => !meant.has(letter));
  const old = delivery.isReplayed ? world.past.filter(() => throwDice() < 0.3) : [];
  world.past.push(...meant);
  const fresh = which === "lost" ? [] : [...meant];
  const all = [...fresh, ...(delivery.isDoubled ? fresh : []), ...old];
  const brought = inOrder(all, delivery.order, throwDice);
  world.story.push(
    `${which === "lost" ? "lose" : "bring"} ${meant.size}, ${old.length} old, in all ${brought.length}`,
  );
  await bring(world, brought);
}

// HubSpot docs, webhooks guide: at most 100 notifications a request (read 2026-11).
const BATCH = 100;

async function bring(world: InboundWorld, letters: readonly WebhookEvent[]): Promise<void> {
  for (let from = 0; from < letters.length; from += BATCH) {
    const status = await world.process.knock(letters.slice(from, from + BATCH));
    assert.equal(status, 200, "what is signed is taken");
  }
  for (const { subscriptionType, objectId } of letters) {
    if (!subscriptionType.endsWith("privacyDeletion")) continue;
    for (const person of world.erased.get(String(objectId))?.sure ?? [])
      world.forgotten.add(person);
  }
}

/** Lets the program work, and checks that it gave nothing away, brought nothing back and wrote no more than it was given reason to. */
export async function work(world: InboundWorld, command: Work): Promise<void> {
  const before = lookAround(world);
  world.rig.simulator.requests.clear();
  await carryOut(world, command);
  stamp(world);
  collect(world);
  if (command.kind === "enrich") noteLocalChanges(world, before.held);
  checkNothingIsBack(world, before.ids);
  await checkNothingIsLost(world, before);
  checkWrites(world);
}

async function carryOut(world: InboundWorld, command: Work): Promise<void> {
  const { process, story } = world;
  switch (command.kind) {
    case "live":
      story.push(`live${command.isBeside ? " twice" : ""}`);
      await Promise.all([process.live(), command.isBeside ? another(world).live() : undefined]);
      return;
    case "poll":
      story.push(`poll ${JSON.stringify(await process.poll.run({}))}`);
      return;
    case "sync":
      return await job(world, "sync", { direction: command.direction });
    case "reconcile":
      return await job(world, "sync", { mode: "reconcile" });
    case "enrich":
      return await job(world, "enrich", {});
  }
}

async function job(
  world: InboundWorld,
  kind: "sync" | "enrich",
  args: Readonly<Record<string, string>>,
): Promise<void> {
  const done = await world.process.run(kind, args);
  const codes = done.errors.map(({ code, examples }) => `${code} ${examples}`);
  world.story.push(
    `${kind} ${JSON.stringify(args)}: ${done.status} ${JSON.stringify(done.counts)} ${codes}`,
  );
  assert.equal(done.status, "completed", `a ${kind} fails: ${JSON.stringify(done.errors)}`);
}

/** A further process on the same database. */
function another(world: InboundWorld) {
  world.processes += 1;
  return world.rig.start(`p${world.processes}_`);
}

// As long as a live look holds what it has claimed.
const LEASE_MS = 60_000;

/** The process dies between two things that it does; or another one dies that has just claimed what is due. */
export async function crash(world: InboundWorld, isHolding: boolean): Promise<void> {
  world.story.push(isHolding ? "another process dies, holding what is due" : "crash");
  if (!isHolding) {
    await world.process.stop();
    world.process = another(world);
    return;
  }
  const { store, clock } = world.rig;
  const now = clock.iso();
  const lease_until = new Date(clock.now() + LEASE_MS).toISOString();
  const take = { owner: `dead_${world.story.length}`, now, due_by: now, lease_until, limit: 100 };
  for (const object of objects)
    await store.queue.claim({ ...take, object, urgentOnly: false, linkedOnly: false });
  await store.remoteQueue.claim(take);
  await store.leases.take("poll", take.owner, { now, until: lease_until });
}

interface Around {
  readonly records: readonly ModelRecord[];
  readonly links: ReadonlyMap<string, string | null>;
  readonly held: ReadonlyMap<string, ReadonlyMap<ReturnType<typeof rulesOf>[number], Held>>;
  readonly ids: ReadonlySet<string>;
  readonly logged: number;
}

function lookAround(world: InboundWorld): Around {
  const records = allRecords(world);
  return {
    records,
    links: new Map(records.map((record) => [keyOf(record), linkOf(world, record)])),
    held: new Map(records.map((record) => [keyOf(record), heldBy(world, record)])),
    ids: idsIn(world),
    logged: lastLogged(world),
  };
}

function idsIn({ rig }: InboundWorld): ReadonlySet<string> {
  const all = objects.flatMap((object) => rig.simulator.hubspot.all(typeOf(object)));
  return new Set(all.map(({ id }) => id));
}

function lastLogged({ sql }: InboundWorld): number {
  const row = sql.prepare<[], { id: number | null }>("select max(id) as id from sync_log").get();
  return row?.id ?? 0;
}

/** What people deleted in HubSpot is never made there anew by itself. */
function checkNothingIsBack(world: InboundWorld, before: ReadonlySet<string>): void {
  for (const object of objects) {
    for (const view of world.rig.simulator.hubspot.all(typeOf(object))) {
      if (before.has(view.id)) continue;
      for (const key of [...keysOf(object, view), companyKey(view)])
        assert.ok(!world.deleted.has(key), `${key} was deleted in HubSpot and is made anew`);
    }
  }
}

/** What one side was given and gave way is kept by the log; a record that goes takes nothing along that HubSpot never got. */
async function checkNothingIsLost(world: InboundWorld, before: Around): Promise<void> {
  for (const record of before.records) {
    const lost = await lostSince(world, record, before.logged);
    const isGone = rowOf(world, record) === undefined;
    const hasParted = before.links.get(keyOf(record)) !== null && linkOf(world, record) === null;
    const now = heldBy(world, record);
    for (const rule of rulesOf(record.object)) {
      const pending = pendingOf(world, record, rule);
      const name = nameOf(record, rule);
      if (hasParted) delete pending.hubspot;
      if (isGone) {
        const isForgotten = [...world.erased.values()].some(({ perhaps }) =>
          perhaps.includes(record.key),
        );
        const isFree = isForgotten || rule.direction === "HUBSPOT_TO_WARP";
        assert.ok(
          isFree || !("local" in pending),
          `${name}: ${pending.local} went with the record`,
        );
        continue;
      }
      const held = now.get(rule);
      for (const side of ["local", "hubspot"] as const) {
        const value = held?.[side];
        if (value === undefined || !(side in pending) || value === pending[side]) continue;
        const isKept = lost.get(rule.field)?.has(pending[side]) === true;
        assert.ok(isKept, `${name}: ${side} ${pending[side]} gave way to ${value} unkept`);
        delete pending[side];
      }
      if (held && isAgreed(world, record, { field: rule.field, held })) {
        delete pending.local;
        delete pending.hubspot;
      }
    }
  }
}

/** Both were seen to hold the same, or HubSpot its own form of what we sent. */
export function isAgreed(
  world: InboundWorld,
  record: ModelRecord,
  { field, held }: { readonly field: string; readonly held: Held },
): boolean {
  if (held.local === undefined || held.hubspot === undefined) return false;
  const base = baseOf(world, record);
  if (base[field] !== held.hubspot) return false;
  return held.local === held.hubspot || base[`${field}@sent`] === held.local;
}

// More than a look ever logs of one record.
const LOG_ROWS = 60;

async function lostSince(
  { rig }: InboundWorld,
  { object, id }: ModelRecord,
  since: number,
): Promise<ReadonlyMap<string, ReadonlySet<unknown>>> {
  const lost = new Map<string, Set<unknown>>();
  for (const row of await rig.store.syncLog.forRecord(object, id, LOG_ROWS)) {
    if (row.id <= since) continue;
    for (const line of row.fields)
      if ("lost" in line) lost.set(line.field, (lost.get(line.field) ?? new Set()).add(line.lost));
  }
  return lost;
}

const WRITES = /\/(contacts|companies)\/batch\/(create|update|upsert)$/;

/** Each thing that a record was given is reason for one write at most. */
function checkWrites(world: InboundWorld): void {
  const { hubspot } = world.rig.simulator;
  for (const { path, body } of world.rig.simulator.requests.list({ service: "hubspot" })) {
    const type = WRITES.exec(path)?.[1];
    if (type === undefined) continue;
    const object = type === "contacts" ? "contacts" : "customers";
    const { inputs }: { inputs: readonly { id?: string }[] } = JSON.parse(body ?? "");
    for (const { id = "" } of inputs) {
      const view = hubspot.find(type, id) ?? hubspot.find(type, `warp_ban=${id}`);
      const [key] = view ? keysOf(object, view) : [];
      if (key === undefined) continue;
      const count = (world.written.get(key) ?? 0) + 1;
      world.written.set(key, count);
      const given = world.given.get(key) ?? 0;
      assert.ok(count <= given, `${key} is written ${count} times for ${given} reasons`);
    }
  }
}
