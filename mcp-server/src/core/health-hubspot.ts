/** What the numbers of HubSpot's own side mean: notifications that pile up, a poll that fails, and what the last reconciliation found. */

/** `urgent`: somebody should do something; otherwise it is only good to know. */
export interface Sentence {
  readonly urgent: boolean;
  readonly text: string;
}

export interface HubspotFacts {
  /** Notifications that wait, and for how long the oldest does in milliseconds; null when none does. */
  readonly notifications: number;
  readonly oldestMs: number | null;
  /** Local records that ended because HubSpot deleted theirs; left out = none. */
  readonly deleted?: number;
  /** Why what changed in HubSpot is not being asked for, as a sentence; null when it is. */
  readonly pollTrouble: string | null;
  /** The last run that meant to repair; `isCutOff`: it did not come to its end, and nobody is at it. */
  readonly reconciliation: {
    readonly finished_at: string | null;
    readonly counts: Readonly<Record<string, number>>;
    readonly isCutOff: boolean;
  } | null;
}

// They are looked at several times a second; who waits this long waits for somebody to mend something.
const LATE_MS = 60_000;

/** What somebody should do something about. */
export function hubspotTroubles(facts: HubspotFacts): readonly Sentence[] {
  const { notifications, oldestMs, pollTrouble, reconciliation } = facts;
  const failed = reconciliation?.counts["failed"] ?? 0;
  const found = [
    {
      holds: (oldestMs ?? 0) >= LATE_MS,
      text: `${notifications} notification(s) of HubSpot wait, the oldest for ${Math.round((oldestMs ?? 0) / 60_000)} minute(s): nothing is lost, but changes made there arrive late. See that a server with HUBSPOT_ACCESS_TOKEN runs, and look into its log.`,
    },
    {
      holds: pollTrouble !== null,
      text: `Changes made in HubSpot are not being asked for: ${pollTrouble} Once that is mended the poll goes on where it stopped; sync polls at once.`,
    },
    {
      holds: reconciliation?.isCutOff ?? false,
      text: "The last reconciliation did not come to its end: call sync with mode reconcile.",
    },
    {
      holds: failed > 0,
      text: `The last reconciliation could not repair ${failed} record(s): failures_24h and its report say why.`,
    },
  ];
  return found.flatMap(({ holds, text }) => (holds ? [{ urgent: true, text }] : []));
}

/** What the last finished reconciliation found; nothing when there was none. */
export function reconciliationSentence({ reconciliation }: HubspotFacts): readonly Sentence[] {
  if (!reconciliation?.finished_at) return [];
  const { finished_at, counts } = reconciliation;
  const number = (name: string): number => counts[name] ?? 0;
  const text =
    `The last reconciliation ended ${finished_at}: ${number("compared")} record(s) compared, ${number("different")} differed, ` +
    `${number("repaired")} repaired, ${number("gone_in_hubspot")} gone from HubSpot, ${number("conflicts")} need a decision.`;
  return [{ urgent: false, text }];
}
