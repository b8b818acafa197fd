/** Counted figures as plain values that can be added up: what one process counted since it last told, and what all of them did together. */
import { z } from "zod";
import {
  type CounterDefinition,
  type CounterName,
  counters,
  type TimingDefinition,
  type TimingName,
  timings,
} from "./metric-catalogue.ts";

/** One series of a histogram: `buckets` counts what lies in each bucket alone, the last one being the infinite one. */
export interface TimingSum {
  readonly buckets: readonly number[];
  readonly sum: number;
}

/** By series: the figure's name in the catalogue and its labels' values. */
export interface MetricSums {
  readonly counters: Readonly<Record<string, number>>;
  readonly timings: Readonly<Record<string, TimingSum>>;
}

/** Nothing counted yet. */
export const noSums: MetricSums = { counters: {}, timings: {} };

const SEPARATOR = "|";
// Words of the code are shorter; whatever else came in from settings must not blow a scrape up.
const MAX_VALUE = 64;

/** Names a series. Signs that words of the code do not have become "_". */
export function seriesOf(
  name: CounterName | TimingName,
  { labels }: CounterDefinition,
  values: Readonly<Record<string, string>>,
): string {
  const words = labels.map((label) =>
    (values[label] ?? "").replaceAll(/[^\w.:-]/g, "_").slice(0, MAX_VALUE),
  );
  return [name, ...words].join(SEPARATOR);
}

/** A series' name in the catalogue and its labels. */
export function readSeries(
  series: string,
  labels: readonly string[],
): Readonly<Record<string, string>> {
  const [, ...words] = series.split(SEPARATOR);
  return Object.fromEntries(labels.map((label, index) => [label, words[index] ?? ""]));
}

/** The figure that a series belongs to, by its name in the catalogue. */
export function figureOf(series: string): string {
  return series.split(SEPARATOR)[0] ?? "";
}

/** Both together. */
export function addSums(one: MetricSums, other: MetricSums): MetricSums {
  return {
    counters: merged(one.counters, other.counters, (a, b) => a + b),
    timings: merged(one.timings, other.timings, addTimings),
  };
}

function addTimings(one: TimingSum, other: TimingSum): TimingSum {
  const buckets = one.buckets.map((count, index) => count + (other.buckets[index] ?? 0));
  return { buckets, sum: one.sum + other.sum };
}

function merged<T>(
  one: Readonly<Record<string, T>>,
  other: Readonly<Record<string, T>>,
  add: (a: T, b: T) => T,
): Readonly<Record<string, T>> {
  const all: Record<string, T> = { ...one };
  for (const [series, value] of Object.entries(other)) {
    const sum = all[series];
    all[series] = sum === undefined ? value : add(sum, value);
  }
  return all;
}

/** Whether nothing was counted. */
export function isEmpty({ counters: counted, timings: timed }: MetricSums): boolean {
  return Object.keys(counted).length === 0 && Object.keys(timed).length === 0;
}

/** Where a duration lies among a histogram's buckets. */
export function bucketOf({ buckets }: TimingDefinition, seconds: number): number {
  const index = buckets.findIndex((bound) => seconds <= bound);
  return index === -1 ? buckets.length : index;
}

const amount = z.number().min(0);
const sumsSchema = z.object({
  counters: z.record(z.string(), amount),
  timings: z.record(z.string(), z.object({ buckets: z.array(amount), sum: amount })),
});

/**
 * Reads what was kept as JSON. What today's catalogue does not know, or cuts into other buckets, is left out: to whoever reads the figures that is a
 * counter which began anew. null and what is no such JSON are nothing counted yet.
 */
export function parseSums(text: string | null): MetricSums {
  const read = sumsSchema.safeParse(jsonOf(text));
  if (!read.success) return noSums;
  return {
    counters: kept(read.data.counters, (series) => isKnown(counters, series)),
    timings: kept(
      read.data.timings,
      (series, { buckets }) => buckets.length === bucketCount(series),
    ),
  };
}

function kept<T>(
  all: Readonly<Record<string, T>>,
  isKept: (series: string, value: T) => boolean,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([series, value]) => isKept(series, value)));
}

function isKnown(catalogue: Readonly<Record<string, CounterDefinition>>, series: string): boolean {
  const definition = catalogue[figureOf(series)];
  return (
    definition !== undefined && series.split(SEPARATOR).length === definition.labels.length + 1
  );
}

function bucketCount(series: string): number | null {
  const all: Readonly<Record<string, TimingDefinition>> = timings;
  const definition = isKnown(all, series) ? all[figureOf(series)] : undefined;
  return definition ? definition.buckets.length + 1 : null;
}

function jsonOf(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    // Somebody else's text: counting begins anew.
    return null;
  }
}
