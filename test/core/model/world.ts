/** A world of one record on both sides: what people do to it, what the sync remembers, and what an onlooker knows about every edit. */
import type { FieldRule } from "../../../mcp-server/src/core/field-map.ts";
import { localForm, localText } from "../../../mcp-server/src/core/local-form.ts";
import {
  type PlannedField,
  planRecord,
  type RecordPlan,
  type RunDirection,
} from "../../../mcp-server/src/core/plan.ts";
import { readLocal, readRemote } from "../../../mcp-server/src/core/rule-values.ts";
import type { CanonicalValue, Stated } from "../../../mcp-server/src/core/value-types.ts";
import { type ModelRule, rawValue } from "./samples.ts";
import { stored } from "./strict-hubspot.ts";

/** The two sides of a record. */
export type Side = "local" | "remote";

/** What the onlooker, who shares no memory with the sync, knows of one field. */
export interface Track {
  /** Edits that the other side has not seen and nobody has decided on, by side; absent = none. */
  readonly pending: Partial<Record<Side, CanonicalValue>>;
  /** What the sides held when they last agreed; HubSpot's may be another form of the local one. null = never. */
  agreed: Readonly<Record<Side, CanonicalValue>> | null;
  /** Every value that a side ever held. */
  readonly held: Readonly<Record<Side, Set<CanonicalValue>>>;
  /**
   * The value that a person decided against, which became the base: until the sides agree again that need not be a value that both held, and
   * whoever sets that very value once more adds nothing. null = nobody decided.
   */
  decided: { readonly value: CanonicalValue } | null;
  /** An answer got lost: HubSpot's form of our own value may pass for an edit until the sides agree again. */
  isAnswerLost: boolean;
  /** What may cause a write: edits, decisions, faults, changes of the map. And the writes. */
  causes: number;
  readonly writes: Record<Side, number>;
}

/** What a sync found to be a person's to decide. */
export interface FoundConflict {
  readonly base: CanonicalValue;
  readonly local: CanonicalValue;
  readonly hubspot: CanonicalValue;
}

export interface World {
  rules: readonly ModelRule[];
  /** Local raw values by field. */
  readonly columns: Map<string, unknown>;
  /** HubSpot's record; null while it has none. */
  remote: Readonly<Record<string, string | null>> | null;
  base: Readonly<Record<string, CanonicalValue>>;
  readonly times: Readonly<Record<Side, Map<string, Stated>>>;
  /** Milliseconds since the epoch by HubSpot's clock; the local clock goes wrong by `skewMs`. */
  now: number;
  readonly skewMs: number;
  /** Properties that HubSpot leaves out of its answers, and whether the JSON column holds no JSON. */
  readonly hidden: Set<string>;
  isBoxBroken: boolean;
  readonly conflicts: Map<string, FoundConflict>;
  readonly tracks: ReadonlyMap<string, Track>;
}

/** A record that is empty here and that HubSpot does not have. */
export function newWorld(rules: readonly ModelRule[], skewMs: number): World {
  const fields = rules.map(({ field }) => field);
  return {
    rules,
    columns: new Map(fields.map((field) => [field, null])),
    remote: null,
    base: {},
    times: { local: new Map(), remote: new Map() },
    now: Date.UTC(2026, 0, 1),
    skewMs,
    hidden: new Set(),
    isBoxBroken: false,
    conflicts: new Map(),
    tracks: new Map(fields.map((field) => [field, newTrack()])),
  };
}

function newTrack(): Track {
  return {
    pending: {},
    agreed: null,
    held: { local: new Set([null]), remote: new Set([null]) },
    decided: null,
    isAnswerLost: false,
    causes: 0,
    writes: { local: 0, remote: 0 },
  };
}

/** The onlooker's notes on a field. */
export function trackOf(world: World, { field }: FieldRule): Track {
  const track = world.tracks.get(field);
  if (!track) throw new Error(`no field ${field}`);
  return track;
}

/** What a side really holds, canonical in the local form, whether or not the sync can see it. */
export function heldBy(world: World, rule: FieldRule, side: Side): CanonicalValue {
  return side === "local"
    ? (readLocal(rule, world.columns.get(rule.field)).value ?? null)
    : (readRemote(rule, world.remote?.[rule.property] ?? null).value ?? null);
}

/** Whether the sync is told of both sides' values. */
export function isVisible(world: World, rule: FieldRule): boolean {
  return !(world.isBoxBroken && rule.path.length > 1) && isShown(world, rule);
}

/**
 * Whether HubSpot's answer has the property. Without a base, a property of our own that is left out is one that was not created yet and may be
 * taken for empty, so it is never left out.
 */
export function isShown(world: World, { field, property, createProperty }: FieldRule): boolean {
  const isKnown = createProperty === null || typeof world.base[field] === "string";
  return world.remote === null || !world.hidden.has(property) || !isKnown;
}

/** A person or a program sets a value. HubSpot's users can only write text; the first one makes the record. */
export function edit(
  world: World,
  rule: ModelRule,
  { side, value }: { readonly side: Side; readonly value: number },
): void {
  const raw = rawValue(rule.kind, value);
  const before = heldBy(world, rule, side);
  if (side === "local") {
    if (world.isBoxBroken && rule.path.length > 1) return;
    world.columns.set(rule.field, raw);
  } else {
    const made = world.remote ?? emptyRecord(world);
    world.remote = { ...made, [rule.property]: raw === null ? null : String(raw) };
  }
  noteEdit(world, rule, side, before);
}

/** A value is set through one of our own tools. */
export function writeLocal(world: World, rule: FieldRule, value: CanonicalValue): void {
  const before = heldBy(world, rule, "local");
  store(world, rule, value);
  noteEdit(world, rule, "local", before);
}

/** A person decided a conflict against a value, whichever side holds it by now. */
export function decideAgainst(world: World, rule: FieldRule, value: CanonicalValue): void {
  const track = trackOf(world, rule);
  track.decided = { value };
  for (const side of ["local", "remote"] as const) {
    if (track.pending[side] === value) delete track.pending[side];
  }
}

/** Another spelling of the same value is no edit. */
function noteEdit(world: World, rule: FieldRule, side: Side, before: CanonicalValue): void {
  const track = trackOf(world, rule);
  const value = heldBy(world, rule, side);
  track.causes += 1;
  if (value === before) return;
  stamp(world, rule, side);
  track.held[side].add(value);
  if (isNews(world, rule, side)) track.pending[side] = value;
  else delete track.pending[side];
}

/**
 * Whether a side holds what the other one lacks: not when it is back at what both agreed on, at what HubSpot stores in just that form, or at what
 * a person decided against.
 */
export function isNews(world: World, rule: FieldRule, side: Side): boolean {
  const { agreed, decided } = trackOf(world, rule);
  const value = heldBy(world, rule, side);
  if (decided !== null && decided.value === value) return false;
  return agreed === null ? value !== null : !isFormOf(world, rule, side, agreed);
}

function isFormOf(world: World, rule: FieldRule, side: Side, agreed: Record<Side, CanonicalValue>) {
  const value = heldBy(world, rule, side);
  if (value === agreed[side] || value === agreed.remote) return true;
  return side === "local" && hubspotForm(rule, value) === agreed.remote;
}

/** What HubSpot would hold of a local value; undefined when it would refuse it. */
export function hubspotForm(rule: FieldRule, value: CanonicalValue): CanonicalValue | undefined {
  try {
    return readRemote(rule, stored(rule, value ?? "")).value;
  } catch {
    return undefined;
  }
}

/** Notes the time of a change; some changes leave none. */
function stamp(world: World, rule: FieldRule, side: Side): void {
  const key = side === "local" ? rule.field : rule.property;
  const ms = side === "local" ? world.now + world.skewMs : world.now;
  if (ms % 7 === 0) world.times[side].delete(key);
  else world.times[side].set(key, { at: new Date(ms).toISOString(), by: side });
}

export function emptyRecord(world: World): Readonly<Record<string, string | null>> {
  return Object.fromEntries(world.rules.map(({ property }) => [property, null]));
}

/** HubSpot carries out a push: it stores values in its own form and notes the time. */
export function carryOutPush(world: World, push: RecordPlan["push"]): void {
  const changed: Record<string, string | null> = {};
  for (const rule of world.rules) {
    const sent = push[rule.property];
    if (sent === undefined) continue;
    changed[rule.property] = stored(rule, sent);
    stamp(world, rule, "remote");
  }
  world.remote = { ...(world.remote ?? emptyRecord(world)), ...changed };
  for (const rule of world.rules) {
    const track = trackOf(world, rule);
    track.held.remote.add(heldBy(world, rule, "remote"));
    if (rule.property in changed) track.writes.remote += 1;
  }
}

/** The local record takes a pulled value over. The change log has no line for it. */
export function carryOutPull(world: World, rule: FieldRule, value: CanonicalValue): void {
  store(world, rule, value);
  const track = trackOf(world, rule);
  track.held.local.add(heldBy(world, rule, "local"));
  track.writes.local += 1;
}

/** Columns hold text, the leaves of JSON what stood there before. */
function store(world: World, rule: FieldRule, value: CanonicalValue): void {
  const present = world.columns.get(rule.field);
  const isLeaf = rule.path.length > 1;
  const kept = isLeaf ? localForm(rule, value, present) : localText(rule, value);
  world.columns.set(rule.field, kept);
}

/** The plan of the record as the sync sees it, with HubSpot's times read where the plan asks for them. */
export function planOf(world: World, run: RunDirection): RecordPlan {
  const first = planWith(world, run, null);
  if (first.needsTimes.length === 0) return first;
  const read = first.needsTimes.flatMap((property) => {
    const at = world.times.remote.get(property);
    return at ? [[property, at] as const] : [];
  });
  return planWith(world, run, Object.fromEntries(read));
}

/** The plan with HubSpot's times as given; null = not read. */
export function planWith(
  world: World,
  run: RunDirection,
  remoteAt: Readonly<Record<string, Stated>> | null,
): RecordPlan {
  return planRecord(
    world.rules,
    {
      local: localRecord(world),
      remote: answer(world),
      base: Object.freeze({ ...world.base }),
      localAt: (rule) => world.times.local.get(rule.field) ?? null,
      remoteAt,
    },
    run,
  );
}

function localRecord(world: World): unknown {
  const leaves = world.rules.filter(({ path }) => path.length > 1);
  const plain = world.rules.filter(({ path }) => path.length === 1);
  const read = (rules: readonly FieldRule[]) =>
    Object.freeze(Object.fromEntries(rules.map(({ field }) => [field, world.columns.get(field)])));
  return Object.freeze({ ...read(plain), ...(world.isBoxBroken ? {} : { box: read(leaves) }) });
}

function answer(world: World): World["remote"] {
  if (world.remote === null) return null;
  const shown = world.rules.filter((rule) => isShown(world, rule));
  return Object.freeze(
    Object.fromEntries(shown.map(({ property }) => [property, world.remote?.[property] ?? null])),
  );
}

/** The planned field of a rule, if the plan lists it. */
export function plannedOf(plan: RecordPlan, rule: FieldRule): PlannedField | undefined {
  return plan.fields.find((planned) => planned.rule.field === rule.field);
}
