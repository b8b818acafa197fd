/** What the program asks of whoever keeps its figures. */
import type {
  CounterLabels,
  CounterName,
  TimingLabels,
  TimingName,
} from "../core/metric-catalogue.ts";

/** Takes figures in; it never fails, waits for nothing, and costs next to nothing. */
export interface Meter {
  /** Raises a counter, by one unless said otherwise. */
  count<N extends CounterName>(name: N, labels: CounterLabels<N>, by?: number): void;
  /** Takes in a duration; one below zero, as clocks of two hosts may make it, counts as none. */
  observe<N extends TimingName>(name: N, labels: TimingLabels<N>, seconds: number): void;
}

/** For those who keep no figures. */
export const noMeter: Meter = {
  count: () => undefined,
  observe: () => undefined,
};
