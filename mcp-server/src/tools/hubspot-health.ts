/** How the side of things stands that HubSpot begins: its notifications, the poll, the last reconciliation, records that ended. */
import { z } from "zod";
import type { HubspotFacts } from "../core/health-hubspot.ts";
import { POLL_TROUBLE } from "../core/poll-window.ts";
import { totalCounts } from "../core/reconcile-report.ts";
import { cleanText } from "../core/text.ts";
import type { Store } from "../ports/store.ts";
import { isFinished } from "./job-view.ts";

// Counting further would only take longer: it is a backlog either way.
const COUNTED = 10_000;
const LISTED = 20;
const MAX_TROUBLE = 300;

/** As it is answered; `ended_records` counts what HubSpot deleted or erased, by what was done here. */
export interface HubspotHealth {
  readonly notifications: { readonly waiting: number; readonly oldest_at: string | null };
  readonly records_to_look_at: number;
  readonly poll_trouble: string | null;
  readonly last_reconciliation: LastReconciliation | null;
  readonly ended_records: Readonly<Record<string, number>>;
}

interface LastReconciliation {
  readonly run_id: string;
  readonly started_at: string;
  /** null: it is at work, or was cut off. */
  readonly finished_at: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

/** Reads it, with the facts that sentences are made of. */
export async function hubspotHealth(
  store: Store,
  now: number,
): Promise<{ readonly shown: HubspotHealth; readonly facts: HubspotFacts }> {
  const [notifications, remote, trouble, last, stones] = await Promise.all([
    store.inbox.depth(COUNTED),
    store.remoteQueue.depth(new Date(now).toISOString()),
    store.cursors.get(POLL_TROUBLE),
    lastReconciliation(store),
    store.tombstones.counts(),
  ]);
  const ended: Record<string, number> = {};
  for (const { policy, count } of stones) ended[policy] = (ended[policy] ?? 0) + count;
  const { oldest_at, waiting } = notifications;
  const shown = {
    notifications,
    records_to_look_at: remote.due + remote.waiting,
    poll_trouble: troubleOf(trouble),
    last_reconciliation: last,
    ended_records: ended,
  };
  const facts = {
    deleted: ended["deleted"] ?? 0,
    notifications: waiting,
    oldestMs: oldest_at === null ? null : now - Date.parse(oldest_at),
    pollTrouble: shown.poll_trouble,
    reconciliation: last && { ...last, isCutOff: await isCutOff(store, last) },
  };
  return { shown, facts };
}

const dryRunSchema = z.object({ dry_run: z.literal(true) });

/** The newest run that meant to repair, its kinds together. */
async function lastReconciliation(store: Store): Promise<LastReconciliation | null> {
  const rows = (await store.reports.list(LISTED)).filter(
    ({ report }) => !dryRunSchema.safeParse(report).success,
  );
  const run_id = rows[0]?.run_id;
  const parts = rows.filter((row) => row.run_id === run_id);
  const ends = parts.flatMap((part) => part.finished_at ?? []).sort();
  const started_at = parts.map((part) => part.started_at).sort()[0];
  if (run_id === undefined || started_at === undefined) return null;
  const finished_at = ends.length === parts.length ? (ends.at(-1) ?? null) : null;
  return { run_id, started_at, finished_at, counts: totalCounts(parts) };
}

async function isCutOff(
  store: Store,
  { run_id, finished_at }: LastReconciliation,
): Promise<boolean> {
  if (finished_at !== null) return false;
  const job = await store.jobs.get(run_id);
  return job === null || isFinished(job);
}

const troubleSchema = z.object({ message: z.string() });

/** What the poll left to be told; null when it has come through since. */
function troubleOf(noted: string | null): string | null {
  if (!noted) return null;
  return cleanText(troubleSchema.parse(JSON.parse(noted)).message, MAX_TROUBLE);
}
