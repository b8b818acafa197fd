/** A figure in the form that the client library renders. */
import type { CounterDefinition, TimingDefinition } from "../core/metric-catalogue.ts";
import { counters, timings } from "../core/metric-catalogue.ts";
import { figureOf, type MetricSums, readSeries, type TimingSum } from "../core/metric-sums.ts";

type Labels = Readonly<Record<string, string | number>>;

/** One line of a scrape. `metricName` where it differs from the figure's. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Sample[];
  readonly aggregator: "sum";
}

/** A figure that is read at a scrape. */
export function gauge(name: string, help: string, values: readonly Sample[]): Metric {
  return { name, help, type: "gauge", values, aggregator: "sum" };
}

/** What was counted, all figures of the catalogue in its order, those without a count as well. */
export function countedMetrics(sums: MetricSums): readonly Metric[] {
  return [
    ...Object.entries(counters).map(([name, definition]) => counter(name, definition, sums)),
    ...Object.entries(timings).map(([name, definition]) => histogram(name, definition, sums)),
  ];
}

function counter(figure: string, definition: CounterDefinition, sums: MetricSums): Metric {
  const values = Object.entries(sums.counters)
    .filter(([series]) => figureOf(series) === figure)
    .map(([series, value]) => ({ labels: readSeries(series, definition.labels), value }));
  const { name, help } = definition;
  return { name, help, type: "counter", values, aggregator: "sum" };
}

function histogram(figure: string, definition: TimingDefinition, sums: MetricSums): Metric {
  const values = Object.entries(sums.timings)
    .filter(([series]) => figureOf(series) === figure)
    .flatMap(([series, timing]) =>
      samples(definition, readSeries(series, definition.labels), timing),
    );
  const { name, help } = definition;
  return { name, help, type: "histogram", values, aggregator: "sum" };
}

/** Each bucket counts what the ones before it count, too. */
function samples(
  { name, buckets: bounds }: TimingDefinition,
  labels: Labels,
  { buckets, sum }: TimingSum,
): readonly Sample[] {
  let below = 0;
  const cumulated = buckets.map((count, index) => {
    below += count;
    const le = bounds[index] ?? "+Inf";
    return { labels: { le, ...labels }, value: below, metricName: `${name}_bucket` };
  });
  return [
    ...cumulated,
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: below, metricName: `${name}_count` },
  ];
}
