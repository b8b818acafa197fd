/** Carries out a call of resolve-conflict in each of its forms. */

import { RECORD_FIELD } from "../core/tombstone.ts";
import {
  type ResolveLists,
  type ResolveOutput,
  resolveAnswer,
  viewExample,
} from "./resolve-answer.ts";
import {
  type Decisions,
  type ResolveCall,
  type ResolveInput,
  readCall,
} from "./resolve-arguments.ts";
import { askAndResolve, type BulkAnswer, previewBulk, resolveByPlan } from "./resolve-bulk.ts";
import { judgeDecisions } from "./resolve-judge.ts";
import { carryOut } from "./resolve-records.ts";
import type { ToolContext, ToolServices } from "./tool.ts";
import { waitsFor } from "./waits-for.ts";

/** Looks, decides, asks or confirms, as the arguments say. */
export async function resolveConflicts(
  services: ToolServices,
  args: ResolveInput,
  context: ToolContext,
): Promise<ResolveOutput> {
  const call = readCall(args);
  if (call.kind === "decisions" && args.dry_run) return await look(services, call);
  if (call.kind === "decisions") return await decide(services, call, context);
  return bulkAnswer(
    services,
    await bulk(services, call, { context, dryRun: args.dry_run === true }),
  );
}

async function bulk(
  services: ToolServices,
  call: Exclude<ResolveCall, { kind: "decisions" }>,
  { context, dryRun }: { readonly context: ToolContext; readonly dryRun: boolean },
): Promise<BulkAnswer> {
  if (call.kind === "plan") return await resolveByPlan(services, call, context);
  if (dryRun || context.confirm === null) return await previewBulk(services, call.request);
  return await askAndResolve(services, call.request, context);
}

async function look(
  services: ToolServices,
  { decisions, unread }: Decisions,
): Promise<ResolveOutput> {
  const verdicts = await judgeDecisions(services.store, services.fieldMaps, decisions);
  const ready = verdicts.filter((verdict) => verdict.kind === "ready");
  const refused = [...unread, ...verdicts.filter((verdict) => verdict.kind === "refused")];
  return resolveAnswer({ resolved: [], refused }, (size) => ({
    would_resolve: ready.length,
    examples: ready.slice(0, size.items).map((each) => viewExample(each, size.chars)),
    next: "Nothing was resolved: call again without dry_run.",
  }));
}

async function decide(
  services: ToolServices,
  { decisions, unread }: Decisions,
  { principal }: ToolContext,
): Promise<ResolveOutput> {
  const { store, fieldMaps, clock, newId } = services;
  const now = new Date(clock.now()).toISOString();
  const deciding = { now, by: principal, runId: newId("resolve") };
  const carried = await store.transaction(async (within) =>
    carryOut(within, await judgeDecisions(within, fieldMaps, decisions), deciding),
  );
  const lists = { resolved: carried.resolved, refused: [...unread, ...carried.refused] };
  return resolveAnswer(lists, () => ({ next: nextOf(services, lists) }));
}

const EXAMPLES = 5;

function bulkAnswer(services: ToolServices, done: BulkAnswer): ResolveOutput {
  if (done.kind === "carried") {
    const more = done.left > 0 ? ` ${done.left} more match: call again for them.` : "";
    return resolveAnswer(done.carried, () => ({
      next: `${nextOf(services, done.carried) ?? ""}${more}` || null,
    }));
  }
  const { ready, verdicts, total } = done.found;
  const refused = verdicts.filter((verdict) => verdict.kind === "refused");
  return resolveAnswer({ resolved: [], refused }, (size) => ({
    would_resolve: ready.length,
    examples: ready.slice(0, EXAMPLES).map((each) => viewExample(each, size.chars)),
    ...done.plan,
    next: previewNext(ready.length, total, done.plan !== null),
  }));
}

function previewNext(count: number, total: number, hasPlan: boolean): string {
  if (!hasPlan) return "No open conflict matches that could be resolved so.";
  const part = total > count ? ` of ${total} that match` : "";
  return `Nothing was resolved yet. Show the person these ${count}${part}; to resolve exactly them, call again with plan_id.`;
}

const WITHIN_SECONDS = "The sync carries it to both sides within seconds.";
const RECORD_WITHIN_SECONDS =
  "The sync carries it out within seconds: of a record that HubSpot deleted, keep_local makes it anew there, and keep_hubspot does here what ON_DELETED_CONTACTS or ON_DELETED_CUSTOMERS says.";

function nextOf(services: ToolServices, { resolved, refused }: ResolveLists): string | null {
  const isOfRecords = resolved.some(({ conflict }) => conflict.field === RECORD_FIELD);
  const soon = isOfRecords ? RECORD_WITHIN_SECONDS : WITHIN_SECONDS;
  const carried = resolved.length > 0 ? (waitsFor(services) ?? soon) : "";
  const again = refused.length > 0 ? "Of the refused ones, message says why." : "";
  return [carried, again].filter(Boolean).join(" ") || null;
}
