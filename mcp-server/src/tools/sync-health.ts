/** The `sync-health` tool: how things stand, in numbers and in one sentence each with what to do. */
import { z } from "zod";
import { BLOCKED, healthSentences, LIVE_TROUBLE, missingKeys } from "../core/health.ts";
import type { OldestChange } from "../core/health-standing.ts";
import { withoutInvisible } from "../core/untrusted.ts";
import type { WaitingRecord } from "../ports/figure-store.ts";
import type { Store } from "../ports/store.ts";
import type { FailureGroup } from "../ports/sync-store.ts";
import { recordKey, recordsOf } from "./conflict-records.ts";
import { hubspotHealth } from "./hubspot-health.ts";
import { isFinished, jobLine, jobLineSchema } from "./job-view.ts";
import { defineTool, type Tool, type ToolServices } from "./tool.ts";

const DAY_MS = 86_400_000;
const RECENT_JOBS = 10;
const SHOWN_GROUPS = 5;
// All there can sensibly be: the counts are of all of them.
const MAX_GROUPS = 1_000;

const groupShape = {
  count: z.number(),
  examples: z.array(z.string()).describe("Emails, bans"),
};
const output = z.object({
  status: z.enum(["ok", "attention"]),
  sentences: z.array(z.string()).describe("Most urgent first"),
  contacts: z.object({ total: z.number(), by_status: z.record(z.string(), z.number()) }),
  queue: z.object({
    due: z.number(),
    waiting: z.number(),
    oldest_due_at: z.string().nullable(),
    oldest_change: z.looseObject({}).nullable(),
  }),
  retries: z.object({ enrich_at: z.string().nullable(), sync_at: z.string().nullable() }),
  open_conflicts: z.number(),
  jobs: z.object({
    active: z.number(),
    recent: z
      .array(z.looseObject(jobLineSchema.pick({ job_id: true, kind: true, status: true }).shape))
      .describe("As job-status"),
  }),
  failures_24h: z.array(z.object({ error: z.string(), ...groupShape })),
  blocked_24h: z
    .array(z.object({ reason: z.string(), ...groupShape }))
    .describe("Fields held back"),
  hubspot: z
    .looseObject({})
    .describe("API and limits, notifications, poll, reconciliation, deleted records"),
  missing_keys: z.array(z.object({ variable: z.string(), switches_off: z.string() })),
  version: z.string(),
});

/** Reads the state of everything; asks nobody outside. */
export function syncHealthTool(services: ToolServices): Tool {
  return defineTool({
    name: "sync-health",
    title: "Sync health",
    description:
      "How things stand: contacts by status, queue, open conflicts, jobs, failures and blocked fields of the last 24 hours by cause, whether changes are sent and HubSpot's arrive, " +
      "its API and limits, the last reconciliation, missing API keys. Each finding is a number and a sentence that says what to do. " +
      "Call it first when you do not know the state, or something seems stuck. " +
      "Do not use it to follow one job (job-status) or to read contacts (query-contacts).",
    input: z.strictObject({}),
    output,
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: async () => await health(services),
  });
}

async function health(services: ToolServices): Promise<z.input<typeof output>> {
  const { store, clock, capabilities, version, sendsByItself } = services;
  const now = clock.now();
  const read = await readAll(services, now);
  const { byStatus, queue, recent, failures, blocked, hubspot, standing } = read;
  const oldest = await oldestChange(store, read.figures.oldestRecord, now);
  const facts = {
    ...read,
    due: queue.due,
    oldestDueMs: queue.oldest_due_at === null ? null : now - Date.parse(queue.oldest_due_at),
    failures: countOf(failures),
    blocked: countOf(blocked),
    liveTrouble: sendsByItself ? troubleOf(read.trouble) : null,
    hubspot: hubspot.facts,
    missing: missingKeys(capabilities),
    oldest,
    loops: countOf(read.figures.openConflicts.filter(({ reason }) => reason === "loop")),
  };
  const sentences = healthSentences(facts);
  const shownFailures = await shownGroups(store, failures);
  const shownBlocked = await shownGroups(store, blocked);
  return {
    status: sentences.some((sentence) => sentence.urgent) ? "attention" : "ok",
    sentences: sentences.map((sentence) => sentence.text),
    contacts: { total: sumOf(byStatus), by_status: byStatus },
    queue: { ...queue, oldest_change: oldest && { ...oldest } },
    retries: { enrich_at: read.enrichAt, sync_at: read.syncAt },
    open_conflicts: read.openConflicts,
    jobs: { active: recent.filter((job) => !isFinished(job)).length, recent: recent.map(jobLine) },
    failures_24h: shownFailures.map(({ text, ...rest }) => ({ error: text, ...rest })),
    blocked_24h: shownBlocked.map(({ text, ...rest }) => ({ reason: text, ...rest })),
    hubspot: { ...(standing ? { api: standing } : {}), ...hubspot.shown },
    missing_keys: facts.missing,
    version,
  };
}

async function readAll({ store, jobs, standing }: ToolServices, now: number) {
  const dayAgo = new Date(now - DAY_MS).toISOString();
  const [contacts, queue, openConflicts, recent, logged, trouble, hubspot] = await Promise.all([
    readContacts(store),
    store.queue.depth(new Date(now).toISOString()),
    store.conflicts.countOpen(),
    jobs.list(RECENT_JOBS),
    store.syncLog.failuresSince(dayAgo, MAX_GROUPS),
    store.cursors.get(LIVE_TROUBLE),
    hubspotHealth(store, now),
  ]);
  const isBlocked = ({ error }: FailureGroup): boolean => error.startsWith(BLOCKED);
  return {
    ...contacts,
    queue,
    figures: await store.figures.read(new Date(now).toISOString()),
    standing: (await standing?.(now)) ?? null,
    openConflicts,
    recent,
    trouble,
    hubspot,
    failedJobs: recent.filter((job) => job.status === "failed" && job.created_at >= dayAgo).length,
    failures: logged.filter((group) => !isBlocked(group)),
    blocked: logged.filter(isBlocked),
  };
}

async function readContacts({ contacts }: Store) {
  const [byStatus, enrichAt, syncAt, heldBack] = await Promise.all([
    contacts.countByStatus(),
    contacts.nextRetryAt("enrich"),
    contacts.nextRetryAt("sync"),
    contacts.count({ status: "enriched", unsubscribed: true }),
  ]);
  return { byStatus, enrichAt, syncAt, heldBack };
}

/** The record whose change has waited longest, as people know it. */
async function oldestChange(
  store: Store,
  oldest: WaitingRecord | null,
  now: number,
): Promise<OldestChange | null> {
  if (oldest === null) return null;
  const known = (await recordsOf(store, [oldest]))(oldest);
  const { since, attempts, due_at } = oldest;
  const ageMs = Math.max(0, now - Date.parse(since));
  return { record: known ? recordKey(known) : null, ageMs, attempts, due_at };
}

/** The most frequent groups, each with the records that it befell last, as far as they are there and no companies. */
async function shownGroups(store: Store, groups: readonly FailureGroup[]) {
  const shown = groups.slice(0, SHOWN_GROUPS);
  const record = await recordsOf(
    store,
    shown.flatMap(({ examples }) => examples),
  );
  return shown.map(({ error, count, examples }) => {
    const known = examples.flatMap((one) => record(one) ?? []);
    const text = shownText(error.startsWith(BLOCKED) ? error.slice(BLOCKED.length) : error);
    return { text, count, examples: known.map(recordKey) };
  });
}

function countOf(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

const troubleSchema = z.object({ message: z.string() });

/** What the live sync left to be told, as a sentence; null when it has sent since. */
function troubleOf(noted: string | null): string | null {
  return noted ? shownText(troubleSchema.parse(JSON.parse(noted)).message) : null;
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function shownText(text: string): string {
  const MAX_ERROR_CHARS = 300;
  return String(withoutInvisible(text)).slice(0, MAX_ERROR_CHARS);
}
