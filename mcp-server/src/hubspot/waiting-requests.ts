/** The requests that wait for a permit, by lane and priority, each queue first come, first served. */
import type { AppError } from "../core/errors.ts";
import { byLane, type Demand, LANES, type Lane, type Priority } from "../core/limit-plan.ts";

/** One answer's headers on the limits; all null when there was no answer. */
export interface RateHints {
  readonly max: number | null;
  readonly remaining: number | null;
  /** The account's limit for the day; undefined when nobody looked. */
  readonly dailyMax?: number | null;
  readonly dailyRemaining: number | null;
}

export interface Permit {
  /** Must be called once, as soon as the answer or the failure is known. */
  release(hints: RateHints): void;
}

export interface WaitingRequest {
  readonly lane: Lane;
  readonly priority: Priority;
  grant(permit: Permit): void;
  refuse(error: AppError): void;
}

/** The queues of one process. */
export class WaitingRequests {
  readonly #queues = new Map<
    string,
    { readonly arrival: number; readonly one: WaitingRequest }[]
  >();
  #arrivals = 0;

  add(one: WaitingRequest): void {
    this.#arrivals += 1;
    this.#queue(one.lane, one.priority).push({ arrival: this.#arrivals, one });
  }

  remove(gone: WaitingRequest): void {
    const queue = this.#queue(gone.lane, gone.priority);
    const index = queue.findIndex(({ one }) => one === gone);
    if (index >= 0) queue.splice(index, 1);
  }

  /** The request of that priority that waits longest, among lanes that are open. */
  first(priority: Priority, isOpen: (lane: Lane) => boolean): WaitingRequest | null {
    const heads = LANES.filter(isOpen).flatMap((lane) => this.#queue(lane, priority).slice(0, 1));
    heads.sort((a, b) => a.arrival - b.arrival);
    return heads[0]?.one ?? null;
  }

  /** How many wait. */
  counts(): Demand {
    return byLane((lane) => ({
      interactive: this.#queue(lane, "interactive").length,
      backfill: this.#queue(lane, "backfill").length,
    }));
  }

  /** The lanes, the one first whose oldest request waits longest. */
  order(): readonly Lane[] {
    const oldest = (lane: Lane) =>
      Math.min(
        this.#queue(lane, "interactive")[0]?.arrival ?? Number.POSITIVE_INFINITY,
        this.#queue(lane, "backfill")[0]?.arrival ?? Number.POSITIVE_INFINITY,
      );
    const arrivals = byLane(oldest);
    return LANES.toSorted((a, b) => (arrivals[a] === arrivals[b] ? 0 : arrivals[a] - arrivals[b]));
  }

  /** Takes out all that wait in a lane. */
  drain(lane: Lane): readonly WaitingRequest[] {
    return [this.#queue(lane, "interactive"), this.#queue(lane, "backfill")].flatMap((queue) =>
      queue.splice(0).map(({ one }) => one),
    );
  }

  #queue(lane: Lane, priority: Priority) {
    const key = `${priority}:${lane}`;
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    return queue;
  }
}
