/** The figures that the database knows: read at a scrape, the same from whichever process answers it. */
import type { HubspotStanding } from "../core/hubspot-standing.ts";
import type { QueueFigure, StoreFigures, Waiting } from "../ports/figure-store.ts";
import { gauge, type Metric } from "./metric.ts";

/** What gauges are made of. `now` in milliseconds since the epoch; `standing` null without an access token. */
export interface GaugeFacts {
  readonly now: number;
  readonly version: string;
  readonly figures: StoreFigures;
  readonly standing: HubspotStanding | null;
  /** Whether something fails as a whole, by what it is. */
  readonly troubles: Readonly<Record<"live" | "poll", boolean>>;
}

/** All of them; every series that can be told beforehand is there, if need be as zero. */
export function gaugesOf(facts: GaugeFacts): readonly Metric[] {
  const { figures, standing, version, troubles } = facts;
  return [
    gauge("hubspot_sync_build_info", "The program's version, as a label", [
      { labels: { version }, value: 1 },
    ]),
    queueDepth(figures),
    gauge("hubspot_sync_notifications_waiting", "Notifications of HubSpot in the inbox", [
      { labels: {}, value: figures.notifications },
    ]),
    oldestAge(facts),
    gauge(
      "hubspot_sync_open_conflicts",
      "Fields that wait for a person, by why: both_changed, or loop for those that went to and fro",
      ["both_changed", "loop"].map((reason) => ({
        labels: { reason },
        value: figures.openConflicts.find((one) => one.reason === reason)?.count ?? 0,
      })),
    ),
    activeJobs(figures),
    gauge(
      "hubspot_sync_trouble",
      "Whether something fails as a whole: live (changes are not synced), poll (HubSpot is not asked what changed)",
      Object.entries(troubles).map(([what, is]) => ({ labels: { what }, value: Number(is) })),
    ),
    ...(standing ? standingGauges(standing) : []),
  ];
}

const combinations = [
  ["records", "contacts"],
  ["records", "companies"],
  ["records", "customers"],
  ["arrivals", "contacts"],
  ["arrivals", "companies"],
] as const satisfies readonly (readonly [QueueFigure["queue"], QueueFigure["object"]])[];

function queueDepth({ queues }: StoreFigures): Metric {
  const values = combinations.flatMap(([queue, object]) =>
    (["due", "waiting", "leased"] as const).map((state) => {
      const found = queues.find(
        (one) => one.queue === queue && one.object === object && one.state === state,
      );
      return { labels: { queue, object, state }, value: found?.count ?? 0 };
    }),
  );
  return gauge(
    "hubspot_sync_queue_depth",
    "Records to be synced, and HubSpot records to be looked at: due, waiting for their time, or leased by whoever is at them",
    values,
  );
}

function oldestAge({ figures, now }: GaugeFacts): Metric {
  const kinds: readonly Waiting[] = ["records", "arrivals", "notifications"];
  const values = kinds.map((what) => {
    const since = figures.oldest[what];
    const value = since === null ? 0 : Math.max(0, (now - Date.parse(since)) / 1_000);
    return { labels: { what }, value };
  });
  return gauge(
    "hubspot_sync_oldest_unsynced_age_seconds",
    "Age of the oldest change that is not synced yet, of its first signal and over all retries; 0 when there is none",
    values,
  );
}

function activeJobs({ jobs }: StoreFigures): Metric {
  const values = ["import", "enrich", "sync"].flatMap((kind) =>
    ["queued", "running"].map((status) => {
      const found = jobs.find((one) => one.kind === kind && one.status === status);
      return { labels: { kind, status }, value: found?.count ?? 0 };
    }),
  );
  return gauge("hubspot_sync_active_jobs", "Jobs that have not ended", values);
}

function standingGauges({ circuit, burst, daily }: HubspotStanding): readonly Metric[] {
  const states = ["closed", "open", "auth"].map((state) => ({
    labels: { state },
    value: Number(circuit.state === state),
  }));
  const used = [
    { labels: { budget: "burst" }, value: ratio(burst.used, burst.limit) },
    ...(daily
      ? [{ labels: { budget: "daily" }, value: ratio(daily.limit - daily.remaining, daily.limit) }]
      : []),
  ];
  return [
    gauge(
      "hubspot_sync_circuit_state",
      "1 for how requests to HubSpot stand: closed (they leave), open (nothing answers), auth (the token was refused)",
      states,
    ),
    gauge(
      "hubspot_sync_api_budget_used_ratio",
      "Used part of HubSpot's limits: of the last ten seconds by us, of the day by all apps of the account",
      used,
    ),
    ...(daily ? dailyGauges(daily) : []),
  ];
}

function dailyGauges(daily: NonNullable<HubspotStanding["daily"]>): readonly Metric[] {
  const one = (value: number) => [{ labels: {}, value }];
  return [
    gauge(
      "hubspot_sync_api_daily_limit_requests",
      "Requests that HubSpot allows the account a day",
      one(daily.limit),
    ),
    gauge(
      "hubspot_sync_api_daily_remaining_requests",
      "What is left of them as HubSpot said last",
      one(daily.remaining),
    ),
    gauge(
      "hubspot_sync_api_daily_reserve_requests",
      "What of them we leave to other apps",
      one(daily.reserve),
    ),
  ];
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}
