/** What it means when HubSpot does not answer, refuses the token or lets no more requests through, and when a change waits too long. */
import type { Sentence } from "./health-hubspot.ts";
import type { HubspotStanding } from "./hubspot-standing.ts";

/** The change that has waited longest. `record`: the contact's e-mail or the customer's account number; null when it is neither, or gone. */
export interface OldestChange {
  readonly record: string | null;
  readonly ageMs: number;
  readonly attempts: number;
  /** ISO-8601 UTC. */
  readonly due_at: string;
}

export interface StandingFacts {
  /** null without an access token, or where nobody knows. */
  readonly standing: HubspotStanding | null;
  /** null = none waits. */
  readonly oldest: OldestChange | null;
  /** Fields that went to and fro until they were frozen. */
  readonly loops: number;
}

// Within a quarter of an hour one failed write is tried again: who waits for much longer failed twice.
const LATE_MS = 30 * 60_000;
// Of the day's requests; what is left then goes within minutes in a large sync.
const NEARLY = 0.1;

/** Most urgent first. */
export function standingTroubles({ standing, oldest, loops }: StandingFacts): readonly Sentence[] {
  const texts = [
    ...(standing ? [circuitText(standing), dailyText(standing)] : []),
    lateText(oldest),
    loops > 0
      ? `${loops} field(s) went to and fro between the two sides and were frozen: list-conflicts shows their history. Stop what keeps changing them back, such as a workflow in HubSpot, then call resolve-conflict.`
      : null,
  ];
  return texts.flatMap((text) => (text === null ? [] : [{ urgent: true, text }]));
}

/** Whether requests to HubSpot leave at all. */
export function isCutOff({ standing }: Pick<StandingFacts, "standing">): boolean {
  return standing !== null && standing.circuit.state !== "closed";
}

function circuitText({ circuit }: HubspotStanding): string | null {
  const { state, since, nextTryAt } = circuit;
  switch (state) {
    case "closed":
      return null;
    case "auth":
      return `HubSpot has refused the access token since ${since}, so nothing is synced: set HUBSPOT_ACCESS_TOKEN to a valid one with the scopes it needs and restart. What waits goes out by itself then; the old token is tried again at ${nextTryAt}.`;
    case "open":
      return `HubSpot has not answered since ${since}, so nothing is asked of it until ${nextTryAt}: look at HubSpot's status page and at this machine's network. Nothing is lost, and what waits goes out by itself once it answers.`;
  }
}

function dailyText({ daily }: HubspotStanding): string | null {
  if (daily === null) return null;
  const { limit, remaining, reserve } = daily;
  const left = `${remaining} of the account's ${limit} requests to HubSpot are left for today`;
  if (remaining <= reserve)
    return `${left}, which HUBSPOT_DAILY_RESERVE leaves to other apps: nothing more is sent before midnight in the account's time zone, unless the reserve is lowered.`;
  return remaining < reserve + NEARLY * limit
    ? `${left}: put off whole syncs and reconciliations, or find the app that uses them.`
    : null;
}

function lateText(oldest: OldestChange | null): string | null {
  // One that was not tried yet waits for somebody to ask, and other sentences say so.
  if (oldest === null || oldest.attempts === 0 || oldest.ageMs < LATE_MS) return null;
  const whose = oldest.record === null ? "A change" : `The change of ${oldest.record}`;
  return `${whose} has not been synced for ${Math.round(oldest.ageMs / 60_000)} minutes and ${oldest.attempts} tries: failures_24h says why. It is tried again at ${oldest.due_at}.`;
}
