/** Every figure that is counted while the program works: its name, unit and labels. Labels hold words of the code only, never anything of a record. */

/** `labels` in the order in which series are named; `help` is what the scrape says. */
export interface CounterDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A histogram of durations in seconds; `buckets` are its upper bounds, ascending, without the infinite one. */
export interface TimingDefinition extends CounterDefinition {
  readonly buckets: readonly number[];
}

/** What only grows. */
export const counters = {
  looks: {
    name: "hubspot_sync_looks_total",
    help: "Records that a sync looked at and came to an end with, whatever it was",
    labels: ["object"],
  },
  conflicts: {
    name: "hubspot_sync_conflicting_looks_total",
    help: "Looks that found a conflict which was not known with these values",
    labels: ["object"],
  },
  outcomes: {
    name: "hubspot_sync_outcomes_total",
    help: "Outcomes of syncs by the words that jobs count in, such as created, updated, pulled, conflicts, blocked and failed; of what was written around records, too",
    labels: ["object", "outcome"],
  },
  fields: {
    name: "hubspot_sync_fields_total",
    help: "Fields of settled records by what was decided: push, pull, and conflict or blocked when that was news",
    labels: ["object", "decision"],
  },
  writes: {
    name: "hubspot_sync_writes_total",
    help: "Writes to HubSpot, per record, by what became of them: written, rejected, missing, unknown or failed",
    labels: ["object", "action", "outcome"],
  },
  apiRequests: {
    name: "hubspot_sync_api_requests_total",
    help: "Requests to HubSpot by rate limit lane and class of the answer's status; 429 has its own, and none means that no answer came",
    labels: ["lane", "status"],
  },
  apiWait: {
    name: "hubspot_sync_api_wait_seconds_total",
    help: "Time that requests to HubSpot waited for its rate limits",
    labels: ["lane"],
  },
  webhookRequests: {
    name: "hubspot_sync_webhook_requests_total",
    help: "Requests that brought notifications, by the status they were answered with",
    labels: ["status"],
  },
  webhookEvents: {
    name: "hubspot_sync_webhook_events_total",
    help: "Notifications taken out of the inbox, by whether they concerned a record",
    labels: ["outcome"],
  },
  providerRequests: {
    name: "hubspot_sync_provider_requests_total",
    help: "Requests to enrichment providers by class of the answer's status; none means that no answer came",
    labels: ["provider", "status"],
  },
  providerEntities: {
    name: "hubspot_sync_provider_entities_total",
    help: "Companies that enrichment providers were asked about",
    labels: ["provider"],
  },
  providerCredits: {
    name: "hubspot_sync_provider_credits_total",
    help: "Credits that enrichment providers charged",
    labels: ["provider"],
  },
  modelCost: {
    name: "hubspot_sync_model_cost_usd_total",
    help: "Price of the model's answers in US dollars by the price list; answers of models that it lacks are not in it",
    labels: ["model"],
  },
  modelTokens: {
    name: "hubspot_sync_model_tokens_total",
    help: "Tokens of the model's answers; input counts cached ones, too",
    labels: ["model", "kind"],
  },
  jobs: {
    name: "hubspot_sync_jobs_total",
    help: "Jobs that ended, by how",
    labels: ["kind", "status"],
  },
} as const satisfies Readonly<Record<string, CounterDefinition>>;

const REQUEST_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30] as const;
// A second is the aim, a minute late, a quarter of an hour a retry, a day what HubSpot goes on notifying for.
const LATENCY_BUCKETS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400] as const;

/** What takes time. */
export const timings = {
  latency: {
    name: "hubspot_sync_latency_seconds",
    help: "From a change to its end on the other side. push: since the row changed here; pull: since HubSpot says that it changed there, as far as that is known",
    labels: ["object", "direction"],
    buckets: LATENCY_BUCKETS,
  },
  apiDuration: {
    name: "hubspot_sync_api_request_duration_seconds",
    help: "Requests to HubSpot, from sending to the answer or to giving up; without waiting for limits",
    labels: ["lane"],
    buckets: REQUEST_BUCKETS,
  },
  webhookLag: {
    name: "hubspot_sync_webhook_lag_seconds",
    help: "From what HubSpot notified of to when the notification was taken out of the inbox",
    labels: [],
    buckets: LATENCY_BUCKETS,
  },
} as const satisfies Readonly<Record<string, TimingDefinition>>;

export type CounterName = keyof typeof counters;
export type TimingName = keyof typeof timings;

/** What tells a counter's series apart. */
export type CounterLabels<N extends CounterName> = Readonly<
  Record<(typeof counters)[N]["labels"][number], string>
>;

/** What tells a histogram's series apart. */
export type TimingLabels<N extends TimingName> = Readonly<
  Record<(typeof timings)[N]["labels"][number], string>
>;

/** The class of an answer's status; `none` when no answer came. */
export function statusClass(status: number | null): string {
  if (status === null) return "none";
  return status === 429 ? "429" : `${Math.floor(status / 100)}xx`;
}
