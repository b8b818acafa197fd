/** What a scrape answers: what all processes counted, what the database knows, and this process itself. */
import { AggregatorRegistry, collectDefaultMetrics, Registry } from "prom-client";
import { LIVE_TROUBLE } from "../core/health.ts";
import type { HubspotStanding } from "../core/hubspot-standing.ts";
import { type CounterName, counters } from "../core/metric-catalogue.ts";
import { addSums, type MetricSums, seriesOf } from "../core/metric-sums.ts";
import { POLL_TROUBLE } from "../core/poll-window.ts";
import type { Store } from "../ports/store.ts";
import type { Clock } from "../ports/world.ts";
import { gaugesOf } from "./gauges.ts";
import { countedMetrics } from "./metric.ts";
import type { SharedMeter } from "./shared-meter.ts";

export interface ScrapeOptions {
  readonly store: Pick<Store, "figures" | "cursors">;
  readonly meter: Pick<SharedMeter, "flush">;
  readonly clock: Pick<Clock, "now">;
  readonly version: string;
  /** How HubSpot stands; null without an access token. Left out = nobody knows. */
  readonly standing?: (now: number) => Promise<HubspotStanding | null>;
}

/** Answers in Prometheus' text format. */
export type Scrape = () => Promise<string>;

/** Opens the books of this process. */
export function createScrape(options: ScrapeOptions): Scrape {
  const own = ofThisProcess();
  return async () => {
    const { store, meter, clock, version } = options;
    const now = clock.now();
    const counted = addSums(nothingYet(), await meter.flush());
    const facts = {
      now,
      version,
      figures: await store.figures.read(new Date(now).toISOString()),
      standing: (await options.standing?.(now)) ?? null,
      troubles: {
        live: Boolean(await store.cursors.get(LIVE_TROUBLE)),
        poll: Boolean(await store.cursors.get(POLL_TROUBLE)),
      },
    };
    const shared = AggregatorRegistry.aggregate([[...gaugesOf(facts), ...countedMetrics(counted)]]);
    return `${await shared.metrics()}${await own.metrics()}`;
  };
}

// Gauges whose names end like counters': Prometheus' own check refuses them.
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** Memory, processor and event loop of whoever answers. */
function ofThisProcess(): Registry {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  for (const name of MISNAMED) own.removeSingleMetric(name);
  return own;
}

const objects = ["contacts", "customers"];
const lanes = ["objects", "search", "associations"];

/** Zeros where alerts divide or compare: a rate needs a series that was there before its first event. */
function nothingYet(): MetricSums {
  const zero = (name: CounterName, labels: Readonly<Record<string, string>>) =>
    [seriesOf(name, counters[name], labels), 0] as const;
  return {
    timings: {},
    counters: Object.fromEntries([
      ...objects.flatMap((object) => [
        zero("looks", { object }),
        zero("conflicts", { object }),
        zero("outcomes", { object, outcome: "failed" }),
      ]),
      ...lanes.flatMap((lane) =>
        ["2xx", "4xx", "429", "5xx", "none"].map((status) => zero("apiRequests", { lane, status })),
      ),
    ]),
  };
}
