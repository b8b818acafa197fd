/** Keeps the figures of this process until they are added to those that all processes on the database have together. */
import {
  type CounterLabels,
  type CounterName,
  counters,
  type TimingLabels,
  type TimingName,
  timings,
} from "../core/metric-catalogue.ts";
import {
  addSums,
  bucketOf,
  isEmpty,
  type MetricSums,
  parseSums,
  seriesOf,
} from "../core/metric-sums.ts";
import type { Meter } from "../ports/meter.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, Log } from "../ports/world.ts";

export interface SharedMeterOptions {
  readonly store: Pick<Store, "shared">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  readonly everyMs?: number;
}

/** Where the sums of all processes are kept; they outlive every process, so that counters never fall. */
const NAME = "metrics";
// What a process that is killed has counted since is not told any more.
const EVERY_MS = 10_000;

/** A meter whose figures are told now and then, at a scrape, and at the end. */
export class SharedMeter implements Meter {
  readonly #o: SharedMeterOptions;
  #counted = new Map<string, number>();
  #timed = new Map<string, { buckets: number[]; sum: number }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SharedMeterOptions) {
    this.#o = options;
  }

  count<N extends CounterName>(name: N, labels: CounterLabels<N>, by = 1): void {
    const series = seriesOf(name, counters[name], labels);
    this.#counted.set(series, (this.#counted.get(series) ?? 0) + by);
  }

  observe<N extends TimingName>(name: N, labels: TimingLabels<N>, seconds: number): void {
    const definition = timings[name];
    const series = seriesOf(name, definition, labels);
    const timed = this.#timed.get(series) ?? {
      buckets: Array.from({ length: definition.buckets.length + 1 }, () => 0),
      sum: 0,
    };
    const taken = Math.max(0, seconds);
    const bucket = bucketOf(definition, taken);
    timed.buckets[bucket] = (timed.buckets[bucket] ?? 0) + 1;
    timed.sum += taken;
    this.#timed.set(series, timed);
  }

  /** Tells regularly from now on. */
  start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.#tell(), this.#o.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** Adds what was counted here since the last time to the sums of all, and returns those. What could not be told is kept. */
  async flush(): Promise<MetricSums> {
    const mine = this.#take();
    const { store, clock } = this.#o;
    try {
      return await store.shared.change(
        NAME,
        (value) => {
          const result = addSums(parseSums(value), mine);
          return { value: isEmpty(mine) ? value : JSON.stringify(result), result };
        },
        new Date(clock.now()).toISOString(),
      );
    } catch (error) {
      this.#putBack(mine);
      throw error;
    }
  }

  /** Tells what is left; a failure is only logged. */
  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#tell();
  }

  async #tell(): Promise<void> {
    if (this.#counted.size + this.#timed.size === 0) return;
    try {
      await this.flush();
    } catch (error) {
      this.#o.log.warn({ err: error }, "figures could not be kept; they are told later");
    }
  }

  #take(): MetricSums {
    const mine = {
      counters: Object.fromEntries(this.#counted),
      timings: Object.fromEntries(this.#timed),
    };
    this.#counted = new Map();
    this.#timed = new Map();
    return mine;
  }

  #putBack(mine: MetricSums): void {
    const all = addSums(mine, this.#take());
    this.#counted = new Map(Object.entries(all.counters));
    this.#timed = new Map(
      Object.entries(all.timings).map(([series, { buckets, sum }]) => [
        series,
        { buckets: [...buckets], sum },
      ]),
    );
  }
}
