/** Hands out permits to send, so that HubSpot never has to refuse: lanes, windows, the day, and who goes first. */
import type { AppError } from "../core/errors.ts";
import {
  observeHeaders,
  type RateHeaders,
  type RateWindow,
  rateWindow,
  readyAt,
  settleSlot,
  slowDown,
  type Ticket,
  takeSlot,
} from "../core/rate-window.ts";
import type { Clock } from "../ports/world.ts";
import {
  type DailyBudget,
  dailyAnswer,
  dailyLimit,
  daySettle,
  daySpent,
  dayTake,
  unknownDay,
} from "./daily-budget.ts";

/** Which limits a request counts against. */
export type Lane = "objects" | "search" | "associations";
export type Priority = "interactive" | "backfill";

/** What one answer said of the limits; all null when there was no answer. */
export interface RateHints extends RateHeaders {
  readonly dailyRemaining: number | null;
}

export interface Permit {
  /** Must be called once, as soon as the answer or the failure is known. */
  release(hints: RateHints): void;
}

type WindowName = "burst" | "search" | "associations";

interface Waiter {
  readonly arrival: number;
  readonly lane: Lane;
  readonly priority: Priority;
  readonly grant: (permit: Permit) => void;
  readonly refuse: (error: AppError) => void;
}

// Search has its own limit and its answers carry no burst headers, so it counts there only. Associations are documented with their own
// limit beside the burst; whether they count in both is not said, so they take a slot of each (usage guidelines, read 2026-10).
const WINDOWS_OF: Readonly<Record<Lane, readonly WindowName[]>> = {
  objects: ["burst"],
  search: ["search"],
  associations: ["associations", "burst"],
};
const LANES: readonly Lane[] = ["objects", "associations", "search"];

const BURST_WINDOW_MS = 10_000;
const SEARCH_PER_SECOND = 5;
const ASSOCIATIONS_PER_BURST = 100;
const MAX_IN_FLIGHT = 12;
// Backfill leaves two flights and 2 % of the burst to interactive work, so that a tool call need not wait for it.
const MAX_BACKFILL_IN_FLIGHT = 10;
const INTERACTIVE_SHARE = 0.02;
// After so many interactive permits the next one is the backfill's, out of what it leaves otherwise, too: slowed down, never stopped.
const INTERACTIVE_RUN = 4;

/**
 * The limiter of one HubSpot account. Interactive requests go before backfill ones, but while both wait every fifth permit is a
 * backfill's. Among those of one priority whose lane is open the order is first come, first served.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #windows: Record<WindowName, RateWindow>;
  readonly #queues = new Map<string, Waiter[]>();
  #day: DailyBudget = unknownDay;
  #arrivals = 0;
  readonly #inFlight: Record<Priority, number> = { interactive: 0, backfill: 0 };
  #interactiveRun = 0;
  #wake: { readonly at: number; readonly abort: AbortController } | null = null;

  constructor(clock: Clock, burstLimit: number) {
    this.#clock = clock;
    this.#windows = {
      burst: rateWindow(burstLimit, BURST_WINDOW_MS),
      search: rateWindow(SEARCH_PER_SECOND, 1_000),
      associations: rateWindow(ASSOCIATIONS_PER_BURST, BURST_WINDOW_MS),
    };
  }

  get inFlight(): number {
    return this.#inFlight.interactive + this.#inFlight.backfill;
  }

  /** As the headers said last; null while unknown. */
  get dailyRemaining(): number | null {
    return this.#day.remaining;
  }

  /** Resolves when the request may leave. Rejects with the signal's reason, or `rate-limited` DAILY_LIMIT. */
  acquire(lane: Lane, priority: Priority, signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const queue = this.#queue(lane, priority);
      const leave = () => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(signal?.reason);
        this.#pump();
      };
      const done = () => signal?.removeEventListener("abort", leave);
      this.#arrivals += 1;
      const waiter: Waiter = {
        arrival: this.#arrivals,
        lane,
        priority,
        grant: (permit) => {
          done();
          resolve(permit);
        },
        refuse: (error) => {
          done();
          reject(error);
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      queue.push(waiter);
      this.#pump();
    });
  }

  /** HubSpot answered 429. @param pauseMs null for the daily limit */
  refused(lane: Lane, pauseMs: number | null): void {
    const now = this.#clock.now();
    if (pauseMs === null) this.#day = daySpent(this.#day, now);
    for (const name of pauseMs === null ? [] : WINDOWS_OF[lane]) {
      this.#windows[name] = slowDown(this.#windows[name], pauseMs ?? 0, now);
    }
    this.#pump();
  }

  #queue(lane: Lane, priority: Priority): Waiter[] {
    const key = `${priority}:${lane}`;
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    return queue;
  }

  #pump(): void {
    const now = this.#clock.now();
    if (dailyAnswer(this.#day, now) === "spent") this.#refuseAll(now);
    for (;;) {
      const waiter = this.#next(now);
      if (waiter === null) break;
      this.#grant(waiter, now);
    }
    this.#scheduleWake(now);
  }

  #next(now: number): Waiter | null {
    if (dailyAnswer(this.#day, now) !== "go") return null;
    const interactive = this.#firstReady("interactive", now);
    const backfill = this.#firstReady("backfill", now);
    if (interactive === null || backfill === null) return interactive ?? backfill;
    return this.#isBackfillsTurn ? backfill : interactive;
  }

  get #isBackfillsTurn(): boolean {
    return this.#interactiveRun >= INTERACTIVE_RUN;
  }

  #firstReady(priority: Priority, now: number): Waiter | null {
    let earliest: Waiter | null = null;
    for (const lane of LANES) {
      const first = this.#queue(lane, priority)[0];
      if (first === undefined || this.#laneReadyAt(lane, priority, now) > now) continue;
      if (earliest === null || first.arrival < earliest.arrival) earliest = first;
    }
    return earliest;
  }

  /** Infinity when only the end of a request in flight can open the lane. */
  #laneReadyAt(lane: Lane, priority: Priority, now: number): number {
    const isBackfill = priority === "backfill";
    if (this.inFlight >= MAX_IN_FLIGHT) return Number.POSITIVE_INFINITY;
    if (isBackfill && this.#inFlight.backfill >= MAX_BACKFILL_IN_FLIGHT) {
      return Number.POSITIVE_INFINITY;
    }
    const share = isBackfill && !this.#isBackfillsTurn ? INTERACTIVE_SHARE : 0;
    const times = WINDOWS_OF[lane].map((name) => {
      const window = this.#windows[name];
      return readyAt(window, now, name === "burst" ? Math.floor(window.limit * share) : 0);
    });
    return Math.max(...times);
  }

  #grant(waiter: Waiter, now: number): void {
    this.#queue(waiter.lane, waiter.priority).shift();
    this.#interactiveRun = waiter.priority === "interactive" ? this.#interactiveRun + 1 : 0;
    const tickets = WINDOWS_OF[waiter.lane].map((name) => {
      const taken = takeSlot(this.#windows[name], now);
      this.#windows[name] = taken.window;
      return [name, taken.ticket] as const;
    });
    this.#day = dayTake(this.#day);
    this.#inFlight[waiter.priority] += 1;
    waiter.grant({ release: (hints) => this.#release(waiter, tickets, hints) });
  }

  #release(waiter: Waiter, tickets: readonly (readonly [WindowName, Ticket])[], hints: RateHints) {
    const now = this.#clock.now();
    const { lane, priority } = waiter;
    for (const [name, ticket] of tickets) {
      // A lane's own window is the one its headers speak of.
      const heard = name === WINDOWS_OF[lane][0] ? hints : { max: null, remaining: null };
      const known = observeHeaders(this.#windows[name], heard, ticket, now);
      this.#windows[name] = settleSlot(known, now);
    }
    // Associations have a daily limit of their own, so their header says nothing of the others.
    this.#day = daySettle(this.#day, lane === "associations" ? null : hints.dailyRemaining);
    this.#inFlight[priority] -= 1;
    this.#pump();
  }

  #refuseAll(now: number): void {
    this.#day = daySpent(this.#day, now);
    const retryAfterMs = this.#day.spentUntil - now;
    for (const queue of this.#queues.values()) {
      for (const waiter of queue.splice(0)) waiter.refuse(dailyLimit(retryAfterMs));
    }
  }

  #scheduleWake(now: number): void {
    // While the day's last requests are in flight only their answers can open it, and each answer comes by here.
    const at =
      dailyAnswer(this.#day, now) === "go" ? this.#earliest(now) : Number.POSITIVE_INFINITY;
    if (this.#wake !== null && this.#wake.at === at) return;
    this.#wake?.abort.abort();
    this.#wake = null;
    if (!Number.isFinite(at)) return;
    const abort = new AbortController();
    this.#wake = { at, abort };
    this.#clock.wait(at - now, abort.signal).then(
      () => {
        this.#wake = null;
        this.#pump();
      },
      // Only our own abort ends the waiting early, and then another wake stands in its place.
      () => undefined,
    );
  }

  #earliest(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues.values()) {
      const first = queue[0];
      if (first === undefined) continue;
      earliest = Math.min(earliest, this.#laneReadyAt(first.lane, first.priority, now));
    }
    return earliest;
  }
}
