/** What the numbers mean: the state of the installation in plain sentences, each with what to do. */

import {
  type HubspotFacts,
  hubspotTroubles,
  reconciliationSentence,
  type Sentence,
} from "./health-hubspot.ts";
import { isCutOff, type StandingFacts, standingTroubles } from "./health-standing.ts";

/** Which providers have a key. */
export interface KeyState {
  readonly hubspot: boolean;
  readonly lemlist: boolean;
  readonly explorium: boolean;
  readonly anthropic: boolean;
}

export interface MissingKey {
  readonly variable: string;
  readonly switches_off: string;
}

export interface HealthFacts extends StandingFacts {
  readonly byStatus: Readonly<Record<string, number>>;
  /** Enriched contacts of people who objected to outreach: they wait for nothing. */
  readonly heldBack: number;
  /** Records due for sync, and for how long the oldest has been due in milliseconds; null when none is. */
  readonly due: number;
  readonly oldestDueMs: number | null;
  readonly openConflicts: number;
  /** Among the recent jobs, of the last 24 hours. */
  readonly failedJobs: number;
  /** Failed writes of the last 24 hours. */
  readonly failures: number;
  /** How often in the last 24 hours the sync held fields of a record back. */
  readonly blocked: number;
  /** Why changes that are due do not leave by themselves, as a sentence; null when they do, or are not meant to. */
  readonly liveTrouble: string | null;
  readonly hubspot: HubspotFacts;
  readonly missing: readonly MissingKey[];
}

/** What the log says of fields that were held back begins so; the rest is the fields with their reasons. */
export const BLOCKED = "Blocked: ";

/** The keys that are not set, with what each switches off. */
export function missingKeys(keys: KeyState): MissingKey[] {
  const all: readonly (MissingKey & { readonly present: boolean })[] = [
    {
      present: keys.hubspot,
      variable: "HUBSPOT_ACCESS_TOKEN",
      switches_off: "sync, and import from HubSpot",
    },
    { present: keys.lemlist, variable: "LEMLIST_API_KEY", switches_off: "import from Lemlist" },
    {
      present: keys.explorium,
      variable: "EXPLORIUM_API_KEY",
      switches_off: "company data in enrichment",
    },
    {
      present: keys.anthropic,
      variable: "ANTHROPIC_API_KEY",
      switches_off: "pain points and hooks in enrichment",
    },
  ];
  return all
    .filter((key) => !key.present)
    .map(({ variable, switches_off }) => ({ variable, switches_off }));
}

/** The cursor that keeps the last failure of the live sync as a whole, as JSON; "" once changes were synced again. */
export const LIVE_TROUBLE = "live-trouble";

/** The findings, urgent ones first; never empty. */
export function healthSentences(facts: HealthFacts): readonly Sentence[] {
  const found = [
    ...troubles(facts),
    ...hubspotTroubles(facts.hubspot),
    ...waits(facts),
    ...facts.missing.map((key) => ({
      urgent: false,
      text: `${key.variable} is not set, which switches off ${key.switches_off}: set it and restart to switch that on.`,
    })),
  ];
  const calm = { urgent: false, text: "Everything is in order: nothing waits and nothing failed." };
  const findings = found.length > 0 ? found : [calm];
  return [...findings, ...reconciliationSentence(facts.hubspot)];
}

function troubles(facts: HealthFacts): readonly Sentence[] {
  const failed = facts.byStatus["failed"] ?? 0;
  const told = standingTroubles(facts);
  const found = [
    {
      // Where nothing leaves at all, that says why.
      count: facts.liveTrouble === null || isCutOff(facts) ? 0 : 1,
      text: `Changes are not being sent by themselves: ${facts.liveTrouble} Once that is mended they go by themselves again; sync sends them at once.`,
    },
    {
      count: failed,
      text: `${failed} contact(s) failed: query-contacts with filter {"status":"failed"} and fields ["email","failed_stage","error","retry_at"] says why. Those with a retry_at are tried again by themselves, the others once what their error names is mended.`,
    },
    {
      count: facts.failedJobs,
      text: `${facts.failedJobs} job(s) failed in the last 24 hours: job-status with its job_id says why.`,
    },
    {
      count: facts.failures,
      text: `${facts.failures} write(s) to HubSpot failed in the last 24 hours: failures_24h groups them by cause.`,
    },
    {
      count: facts.blocked,
      text: `The sync held back fields of ${facts.blocked} record(s) in the last 24 hours: blocked_24h groups them by field and reason; correct the values, or the field map where it forbids them. query-contacts with email or ban tells it of one record.`,
    },
    {
      count: facts.openConflicts,
      text: `${facts.openConflicts} field(s) changed on both sides and wait for a decision: list-conflicts shows them, resolve-conflict settles them; other fields go on syncing.`,
    },
  ]
    .filter((trouble) => trouble.count > 0)
    .map(({ text }) => ({ urgent: true, text }));
  return [...told, ...found];
}

function waits(facts: HealthFacts): readonly Sentence[] {
  const { byStatus, due, oldestDueMs } = facts;
  const imported = (byStatus["imported"] ?? 0) + (byStatus["enriching"] ?? 0);
  const enriched = Math.max(0, (byStatus["enriched"] ?? 0) - facts.heldBack);
  return [
    {
      count: due,
      text: `${due} record(s) are due for sync${since(oldestDueMs)}: call sync.`,
    },
    { count: imported, text: `${imported} contact(s) wait for enrichment: call enrich.` },
    {
      count: enriched,
      text: `${enriched} contact(s) wait for their first sync: call sync.${facts.hubspot.deleted ? " Who was deleted in HubSpot and imported again stays among them: query-contacts with the email says how to decide it." : ""}`,
    },
  ]
    .filter((wait) => wait.count > 0)
    .map(({ text }) => ({ urgent: false, text }));
}

function since(ms: number | null): string {
  const minutes = Math.round((ms ?? 0) / 60_000);
  return minutes >= 1 ? `, the oldest for ${minutes} minute(s)` : "";
}
