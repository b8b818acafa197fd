/** Shows what a sync would do, per field and side, without writing anything to HubSpot or to a record, and keeps it as a plan. */
import { domainDiffers } from "../core/company-base.ts";
import { toAppError } from "../core/errors.ts";
import { readPath } from "../core/field-map.ts";
import { addCount } from "../core/job.ts";
import {
  addChanges,
  checkCaps,
  noChanges,
  type RunCaps,
  type RunChanges,
} from "../core/sync-caps.ts";
import { requestsNeeded, type SyncEffort, secondsAtRate } from "../core/sync-estimate.ts";
import { logLines } from "../core/sync-log-rows.ts";
import { PLAN_TTL_MS, planDigest, verdictOf } from "../core/sync-plan.ts";
import type { PlannedRecord } from "../core/sync-record.ts";
import type { JobPatch } from "../ports/job-store.ts";
import { iso } from "./iso-time.ts";
import { withChanged } from "./poll-first.ts";
import type { SyncKind } from "./sync-kind.ts";
import { lookAhead, type Outlook } from "./sync-outlook.ts";
import { idsToLookAt } from "./sync-selection.ts";
import { planAsStored } from "./sync-stored.ts";
import { kindsOf, runOf, type Syncing, selectingOf } from "./syncing.ts";

// Enough to judge a sync by, few enough for one answer to a model.
const SHOWN_RECORDS = 20;

interface Preview {
  readonly planId: string;
  readonly outlook: Outlook;
  readonly records: Record<string, unknown>[];
  readonly domains: Set<string>;
  counts: Readonly<Record<string, number>>;
  changes: RunChanges;
  effort: SyncEffort;
  done: number;
}

/** Reads both sides and plans, as the sync would; only the plan itself is stored. */
export async function previewSync(syncing: Syncing): Promise<JobPatch> {
  const { options, args, context } = syncing;
  const { store, maps, clock } = options;
  const now = clock.now();
  const outlook = await outlookOf(syncing);
  const preview = emptyPreview(options.newId("plan"), outlook);
  const { dry_run: _dry, wait_seconds: _wait, ...asked } = context.job.args;
  const expires_at = iso(now + PLAN_TTL_MS);
  await store.plans.add({
    plan_id: preview.planId,
    kind: "sync",
    args: asked,
    map_version: maps.version,
    created_at: iso(now),
    expires_at,
  });
  for (const kind of kindsOf(maps, args.objects)) await previewKind(syncing, kind, preview);
  return {
    counts: preview.counts,
    progress: { done: preview.done, total: preview.done, phase: "previewed" },
    result: { ...shownPreview(preview, options.burstLimit), expires_at },
    notes: ["Dry run: nothing was written to HubSpot or to any record."],
    next:
      tooMuch(preview.changes, options.caps) ??
      "To carry out exactly this, call sync with plan_id within 15 minutes.",
  };
}

/** What the plan would be refused for; null when it is within the caps. */
function tooMuch(changes: RunChanges, caps: RunCaps): string | null {
  try {
    checkCaps(changes, caps, noChanges);
    return null;
  } catch (thrown) {
    return toAppError(thrown).message;
  }
}

/** The sync as it will be once HubSpot is set up for it. */
export function outlookOf({ options, crm, args, context }: Syncing): Promise<Outlook> {
  const { store, maps, accountKey } = options;
  const call = { signal: context.signal };
  return lookAhead({ store, crm, maps, accountKey }, args.objects, call);
}

function emptyPreview(planId: string, outlook: Outlook): Preview {
  const toMend = new Set(outlook.missing.map((name) => name.split(".")[0]));
  const effort = {
    read: 0,
    histories: 0,
    creates: 0,
    updates: 0,
    companies: 0,
    associations: 0,
    objectsToCheck: outlook.checked.length,
    objectsToMend: toMend.size,
  };
  return {
    planId,
    outlook,
    records: [],
    domains: new Set(),
    counts: {},
    changes: noChanges,
    effort,
    done: 0,
  };
}

function shownPreview(preview: Preview, burstLimit: number): Readonly<Record<string, unknown>> {
  const requests = requestsNeeded({ ...preview.effort, companies: preview.domains.size });
  return {
    dry_run: true,
    plan_id: preview.planId,
    requests_needed: requests,
    seconds_at_current_rate: secondsAtRate(requests, burstLimit),
    properties_to_create: preview.outlook.missing,
    around_contacts: {
      companies_to_find_or_create: preview.domains.size,
      associations_and_notes: preview.effort.associations,
    },
    records: preview.records,
  };
}

async function previewKind(syncing: Syncing, kind: SyncKind, preview: Preview): Promise<void> {
  const { store } = syncing.options;
  const outlook = preview.outlook.of(kind);
  const selecting = await withChanged(syncing, kind, selectingOf(syncing, kind, outlook));
  for await (const ids of idsToLookAt(selecting)) {
    const run = { ...runOf(syncing, kind), ...outlook };
    const { planned, skipped, ended, fates } = await planAsStored(run, ids);
    count(preview, "skipped", skipped);
    const failing = [...ended.values()].filter(({ kind: end }) => end === "failed");
    count(preview, "would_fail", failing.length);
    const gone = fates.filter(({ end }) => end.kind !== "failed");
    const open = gone.filter(({ kind: fate }) => fate === "waiting");
    count(preview, "would_conflict", open.length);
    count(preview, "deleted_in_hubspot", gone.length - open.length);
    for (const item of planned) take(preview, item);
    preview.changes = addChanges(preview.changes, planned);
    await store.plans.addRecords(preview.planId, digestsOf(planned));
    preview.done += ids.length;
    preview.effort = { ...preview.effort, read: preview.effort.read + planned.length };
  }
}

/** The fingerprints of records that would be written. */
export function digestsOf(planned: readonly PlannedRecord[]) {
  return planned.flatMap((item) => {
    const found = planDigest(item);
    return found === null
      ? []
      : [{ object: item.sides.object, local_id: item.sides.id, digest: found }];
  });
}

function count(preview: Preview, outcome: string, by: number): void {
  if (by > 0) preview.counts = addCount(preview.counts, outcome, by);
}

function take(preview: Preview, item: PlannedRecord): void {
  const verdict = verdictOf(item);
  count(preview, `would_${verdict}`, 1);
  const { creates, updates, histories, associations } = preview.effort;
  const domain = domainToAssociate(item);
  if (domain !== null) preview.domains.add(domain);
  preview.effort = {
    ...preview.effort,
    creates: creates + (verdict === "create" ? 1 : 0),
    updates: updates + (verdict === "update" ? 1 : 0),
    histories: histories + (item.sides.remoteAt === null ? 0 : 1),
    associations: associations + (domain === null ? 0 : 1),
  };
  if (preview.records.length < SHOWN_RECORDS && item.plan.fields.length > 0)
    preview.records.push(shown(item));
}

function domainToAssociate({ sides }: PlannedRecord): string | null {
  if (sides.object !== "contacts") return null;
  const domain = readPath(sides.local, ["domain"]);
  return typeof domain === "string" && domainDiffers(domain, sides.base) ? domain : null;
}

function shown({ sides, plan }: PlannedRecord): Record<string, unknown> {
  return {
    object: sides.object,
    id: sides.id,
    [sides.object === "contacts" ? "email" : "ban"]: sides.key,
    hubspot_id: sides.hubspotId,
    hubspot_changes: logLines(plan.fields, "push"),
    local_changes: logLines(plan.fields, "pull"),
    conflicts: logLines(plan.fields, "conflict"),
    blocked: logLines(plan.fields, "blocked"),
  };
}
