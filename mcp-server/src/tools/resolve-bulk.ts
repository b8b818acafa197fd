/** Resolving all conflicts that a filter finds: never without a look first, by a person who is asked or by a plan that is confirmed. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { Choice } from "../core/resolution.ts";
import { PLAN_TTL_MS } from "../core/sync-plan.ts";
import { RECORD_FIELD } from "../core/tombstone.ts";
import type { ConflictFilter } from "../ports/conflict-store.ts";
import type { Store } from "../ports/store.ts";
import { shownValue } from "./conflict-view.ts";
import { checkField } from "./known-field.ts";
import { planStale, usablePlan } from "./plan-check.ts";
import { type BulkRequest, bulkFilterSchema, type Decision } from "./resolve-arguments.ts";
import { judgeDecisions, type ReadyDecision, type Verdict } from "./resolve-judge.ts";
import { amendMoved, type Carried, carryOut, type Deciding } from "./resolve-records.ts";
import type { ToolContext, ToolServices } from "./tool.ts";

// Bounds one transaction, in which other writers of a single-file database wait; the rest takes another call.
const MAX_BULK = 1_000;
const PAGE = 500;

/** What a bulk call came to: a look with a plan to confirm, or a deed. `total` counts matches beyond the bound, too. */
export type BulkAnswer =
  | {
      readonly kind: "previewed";
      readonly found: Found;
      readonly plan: { readonly plan_id: string; readonly expires_at: string } | null;
    }
  | { readonly kind: "carried"; readonly carried: Carried; readonly left: number };

interface Found {
  readonly total: number;
  readonly ready: readonly ReadyDecision[];
  readonly verdicts: readonly Verdict[];
}

/** Shows what would be resolved and keeps it as a plan; writes nothing else. */
export async function previewBulk(
  services: ToolServices,
  request: BulkRequest,
): Promise<BulkAnswer> {
  const found = await find(services.store, services, request);
  if (found.ready.length === 0) return { kind: "previewed", found, plan: null };
  return { kind: "previewed", found, plan: await keepPlan(services, request, found.ready) };
}

/** Asks the person behind the caller, then resolves what they were asked about and what is still as it was. */
export async function askAndResolve(
  services: ToolServices,
  request: BulkRequest,
  context: ToolContext,
): Promise<BulkAnswer> {
  const found = await find(services.store, services, request);
  await confirmed(context, request, found);
  const decisions = found.ready.map(({ decision }) => decision);
  const carried = await services.store.transaction(async (store) =>
    carryOut(
      store,
      await judgeDecisions(store, services.fieldMaps, decisions),
      deciding(services, context),
    ),
  );
  return { kind: "carried", carried, left: found.total - found.ready.length };
}

/** Resolves exactly what a plan showed. @throws AppError `stale`, PLAN_STALE, when any of it moved or something was added */
export async function resolveByPlan(
  services: ToolServices,
  named: { readonly planId: string; readonly given: Readonly<Record<string, unknown>> },
  context: ToolContext,
): Promise<BulkAnswer> {
  const plan = await usablePlan(services, { ...named, kind: "resolve" });
  const request = requestOf(plan.args);
  if (context.confirm)
    await confirmed(context, request, await find(services.store, services, request));
  const answer = await services.store.transaction((store) =>
    resolvePlanned(store, services, {
      planId: named.planId,
      request,
      deciding: deciding(services, context),
    }),
  );
  if (answer === null) throw planStale("moved");
  return answer;
}

/** null: it moved. What moved is noted in its conflict, and nothing is resolved. */
async function resolvePlanned(
  store: Store,
  services: ToolServices,
  planned: { readonly planId: string; readonly request: BulkRequest; readonly deciding: Deciding },
): Promise<BulkAnswer | null> {
  const { now } = planned.deciding;
  const taken = await store.plans.take(planned.planId, now);
  if (taken.kind !== "taken") throw planStale(taken.kind);
  const found = await find(store, services, planned.request);
  const shown = await digestsOf(store, planned.planId);
  const present = found.ready.map(digestOf);
  if (present.length !== shown.size || !present.every((digest) => shown.has(digest))) {
    await amendMoved(
      store,
      found.verdicts.filter((verdict) => verdict.kind === "refused"),
      { now },
    );
    return null;
  }
  const carried = await carryOut(store, found.ready, planned.deciding);
  return { kind: "carried", carried, left: found.total - found.ready.length };
}

async function find(
  store: Store,
  { fieldMaps }: Pick<ToolServices, "fieldMaps">,
  request: BulkRequest,
): Promise<Found> {
  const page = { afterId: 0, limit: MAX_BULK };
  const { total, conflicts } = await store.conflicts.list(storeFilter(request.filter), page);
  if (total === 0 && request.filter.field !== RECORD_FIELD)
    checkField(fieldMaps, "filter.field", request.filter);
  const decisions = conflicts.map(
    ({ conflict_id, version }): Decision => ({
      conflictId: conflict_id,
      version,
      choice: request.choice,
      note: request.note,
    }),
  );
  const verdicts = await judgeDecisions(store, fieldMaps, decisions);
  return { total, verdicts, ready: verdicts.filter((verdict) => verdict.kind === "ready") };
}

function storeFilter({ object, field, ids }: BulkRequest["filter"]): ConflictFilter {
  return {
    status: "open",
    ...(object === undefined ? {} : { object }),
    ...(field === undefined ? {} : { field }),
    ...(ids === undefined ? {} : { local_ids: ids }),
  };
}

async function keepPlan(
  { store, clock, newId, fieldMaps }: ToolServices,
  request: BulkRequest,
  ready: readonly ReadyDecision[],
): Promise<{ plan_id: string; expires_at: string }> {
  const now = clock.now();
  const plan_id = newId("plan");
  const expires_at = new Date(now + PLAN_TTL_MS).toISOString();
  const records = ready.map((each) => ({
    object: "conflicts" as const,
    local_id: each.decision.conflictId,
    digest: digestOf(each),
  }));
  await store.transaction(async (within) => {
    await within.plans.add({
      plan_id,
      kind: "resolve",
      args: argumentsOf(request),
      map_version: fieldMaps.version,
      created_at: new Date(now).toISOString(),
      expires_at,
    });
    await within.plans.addRecords(plan_id, records);
  });
  return { plan_id, expires_at };
}

async function digestsOf(store: Store, planId: string): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (let afterId = 0; ; ) {
    const page = await store.plans.records(planId, { object: "conflicts", afterId, limit: PAGE });
    for (const { digest } of page) digests.add(digest);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return digests;
    afterId = last.local_id;
  }
}

function digestOf({ decision }: ReadyDecision): string {
  return `${decision.conflictId}:${decision.version}`;
}

const planArguments = z.object({
  filter: bulkFilterSchema,
  resolution: z.enum(["keep_local", "keep_hubspot", "set"]),
  value: z.string().nullable().optional(),
  note: z.string().optional(),
});

/** A request as a plan keeps it, under the tool's own argument names. */
function argumentsOf({ filter, choice, note }: BulkRequest): z.input<typeof planArguments> {
  return { filter, ...choice, ...(note === null ? {} : { note }) };
}

function requestOf(args: unknown): BulkRequest {
  const { filter, resolution, value, note } = planArguments.parse(args);
  const choice: Choice =
    resolution === "set" ? { resolution, value: value ?? null } : { resolution };
  return { filter, choice, note: note ?? null };
}

function deciding({ clock, newId }: ToolServices, { principal }: ToolContext): Deciding {
  return { now: new Date(clock.now()).toISOString(), by: principal, runId: newId("resolve") };
}

async function confirmed(context: ToolContext, request: BulkRequest, found: Found): Promise<void> {
  if (found.ready.length === 0 || context.confirm === null) return;
  if ((await context.confirm(question(request, found))) === "accepted") return;
  throw new AppError("cancelled", "The person who was asked declined; nothing was resolved.", {
    code: "DECLINED",
  });
}

const words = {
  keep_local: "keep the local value, which then replaces HubSpot's",
  keep_hubspot: "keep HubSpot's value, which then replaces the local one",
  set: "set the same new value on both sides",
} as const;
const EXAMPLES = 3;
const EXAMPLE_CHARS = 60;

const ofDeleted = {
  keep_local: "Records that HubSpot deleted are created there anew.",
  keep_hubspot: "Records that HubSpot deleted are let go here, as the server is set up to.",
} as const;

function question({ choice }: BulkRequest, { ready }: Found): string {
  const value = choice.resolution === "set" ? `: ${quoted(choice.value)}` : "";
  const examples = ready.slice(0, EXAMPLES).map(example);
  const rest = ready.length - examples.length;
  const { resolution } = choice;
  const isAboutRecords = ready.some(({ about }) => about === "record");
  return [
    `Resolve ${ready.length} conflict(s) and ${words[resolution]}${value}?`,
    ...(isAboutRecords && resolution !== "set" ? [ofDeleted[resolution]] : []),
    ...examples,
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ].join("\n");
}

function example({ about, record, conflict }: ReadyDecision): string {
  const what = about === "record" ? "the whole record" : conflict.field;
  return `${quoted(record.label)}, ${what}: local ${quoted(conflict.local)}, HubSpot ${quoted(conflict.hubspot)}`;
}

// In quotes, so that nobody takes a contact's text for a sentence of ours.
function quoted(value: string | null): string {
  return value === null ? "empty" : JSON.stringify(shownValue(value, EXAMPLE_CHARS));
}
