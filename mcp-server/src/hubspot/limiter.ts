/** Hands out permits to send, so that HubSpot never has to refuse: one limiter for all processes on a database. */
import { type AppError, toAppError } from "../core/errors.ts";
import { flightsLeft, flying, interactiveSpare, needsOf } from "../core/flights.ts";
import type { Answer } from "../core/limit-ask.ts";
import {
  type Demand,
  LANES,
  type Lane,
  type LimitPlan,
  type Priority,
} from "../core/limit-plan.ts";
import { type OwnShare, total } from "../core/own-share.ts";
import type { Clock } from "../ports/world.ts";
import { dailyLimit, dailyReserve } from "./daily-budget.ts";
import type { KnownSlots } from "./heard-limits.ts";
import { type LimitBook, privateBook } from "./limit-book.ts";
import { SlotAccount } from "./slot-account.ts";
import {
  type Permit,
  type RateHints,
  type WaitingRequest,
  WaitingRequests,
} from "./waiting-requests.ts";

export type { Lane, Priority } from "../core/limit-plan.ts";
export type { Permit, RateHints } from "./waiting-requests.ts";

export interface LimiterOptions {
  readonly clock: Clock;
  readonly plan: LimitPlan;
  /** What the processes share; of this limiter alone by default. */
  readonly book?: LimitBook;
  /** Names this process among those that share. */
  readonly holder?: string;
}

// While both wait for a flight, the next after so many interactive ones is the backfill's.
const INTERACTIVE_RUN = 4;
// A database that another process keeps locked is free again in a moment.
const BOOK_TRIES = 3;
const BOOK_RETRY_MS = 1_000;

/**
 * The limiter of one HubSpot account, in one process. Slots come from the book that all processes on the database share; a slot is held
 * from before its request leaves until a window after the answer. Interactive requests go before backfill ones, here and over the
 * processes, but every fifth is the backfill's. Among those of one priority the order is first come, first served.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #plan: LimitPlan;
  readonly #slots: SlotAccount;
  readonly #waiting = new WaitingRequests();
  #isAsking = false;
  #failures = 0;
  #interactiveRun = 0;
  #wake: { readonly at: number; readonly abort: AbortController } | null = null;

  constructor({ clock, plan, book = privateBook(), holder = "alone" }: LimiterOptions) {
    this.#clock = clock;
    this.#plan = plan;
    this.#slots = new SlotAccount({ clock, plan, book, holder });
  }

  get inFlight(): number {
    const own = this.#slots.held(this.#slots.moment());
    return flying(own, "interactive") + flying(own, "backfill");
  }

  /** Requests left for the account today, as far as known; null while unknown. */
  get dailyRemaining(): number | null {
    return this.#slots.dailyRemaining;
  }

  /** Resolves when the request may leave. Rejects with the signal's reason, the store's error, or `rate-limited` DAILY_LIMIT or DAILY_RESERVE. */
  acquire(lane: Lane, priority: Priority, signal?: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const leave = () => {
        this.#waiting.remove(request);
        reject(signal?.reason);
        this.#pump();
      };
      const done = () => signal?.removeEventListener("abort", leave);
      const request: WaitingRequest = {
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
      this.#waiting.add(request);
      this.#pump();
    });
  }

  /** HubSpot answered 429. @param pauseMs null for the daily limit */
  refused(lane: Lane, pauseMs: number | null): void {
    this.#slots.refused(lane, pauseMs);
    this.#pump();
  }

  #pump(): void {
    const moment = this.#slots.moment();
    for (;;) {
      const request = this.#next(this.#slots.held(moment), moment.now);
      if (request === null) break;
      this.#grant(request);
    }
    const needs = needsOf(this.#slots.held(moment), this.#waiting.counts());
    if (!this.#isAsking && this.#slots.shouldAsk(needs, moment.now)) void this.#ask();
    this.#scheduleWake(needs, moment.now);
  }

  #next(own: OwnShare, now: number): WaitingRequest | null {
    const interactive = this.#first("interactive", own, now);
    const backfill = this.#first("backfill", own, now);
    const isBackfillsTurn = this.#interactiveRun >= INTERACTIVE_RUN;
    if (backfill === null || (interactive !== null && !isBackfillsTurn)) return interactive;
    // The last flights are for interactive work that gets its slots in a moment.
    const isTight = flightsLeft(own, "interactive") <= this.#hopeful(now);
    return isTight && !isBackfillsTurn ? null : backfill;
  }

  #first(priority: Priority, own: OwnShare, now: number): WaitingRequest | null {
    if (flightsLeft(own, priority) <= 0) return null;
    const waiting = this.#waiting.counts();
    return this.#waiting.first(priority, (lane) => {
      if (this.#slots.isPaused(lane, now)) return false;
      const spare =
        priority === "backfill" ? own.spare[lane].backfill : interactiveSpare(own, waiting, lane);
      return spare > 0;
    });
  }

  /** Interactive requests of which nobody has said that there is no slot for them. */
  #hopeful(now: number): number {
    const waiting = this.#waiting.counts();
    return LANES.filter(
      (lane) => !(this.#slots.isPaused(lane, now) || this.#slots.wasShort(lane, "interactive")),
    ).reduce((sum, lane) => sum + waiting[lane].interactive, 0);
  }

  #grant(request: WaitingRequest): void {
    const { lane, priority } = request;
    this.#waiting.remove(request);
    this.#interactiveRun = priority === "interactive" ? this.#interactiveRun + 1 : 0;
    const known = this.#slots.use(lane, priority);
    request.grant({ release: (hints) => this.#release(request, known, hints) });
  }

  #release(request: WaitingRequest, known: KnownSlots, hints: RateHints): void {
    this.#slots.settle(request, known, hints);
    this.#pump();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    try {
      const refused = await this.#slots.ask(this.#waiting.counts(), () => ({
        needs: needsOf(this.#slots.held(this.#slots.moment()), this.#waiting.counts()),
        order: this.#waiting.order(),
      }));
      for (const lane of LANES) this.#refuse(lane, refused[lane]);
      this.#failures = 0;
    } catch (thrown) {
      this.#failed(toAppError(thrown));
    } finally {
      this.#isAsking = false;
    }
    this.#pump();
  }

  /** Without the book nobody knows what the others send: whoever waits goes on waiting for a moment, and then is told. */
  #failed(error: AppError): void {
    this.#failures += 1;
    if (error.kind === "unavailable" && this.#failures < BOOK_TRIES) {
      this.#slots.putOff(BOOK_RETRY_MS);
      return;
    }
    this.#failures = 0;
    for (const lane of LANES) {
      for (const request of this.#waiting.drain(lane)) request.refuse(error);
    }
  }

  #refuse(lane: Lane, spent: Answer["refused"][Lane]): void {
    if (spent === null) return;
    const error = spent.isReserve
      ? dailyReserve(spent.retryAfterMs, this.#plan.dailyReserve)
      : dailyLimit(spent.retryAfterMs);
    for (const request of this.#waiting.drain(lane)) request.refuse(error);
  }

  #scheduleWake(needs: Demand, now: number): void {
    const isNeeded = !this.#isAsking && LANES.some((lane) => total(needs[lane]) > 0);
    const isWaiting = LANES.some((lane) => total(this.#waiting.counts()[lane]) > 0);
    const at = Math.min(
      isNeeded ? this.#slots.askAt : Number.POSITIVE_INFINITY,
      isWaiting ? this.#slots.resumesAt(now) : Number.POSITIVE_INFINITY,
    );
    if (this.#wake !== null && this.#wake.at === at) return;
    this.#wake?.abort.abort();
    this.#wake = null;
    if (!Number.isFinite(at)) return;
    const abort = new AbortController();
    this.#wake = { at, abort };
    this.#clock.wait(Math.max(0, at - now), abort.signal).then(
      () => {
        this.#wake = null;
        this.#pump();
      },
      // Only our own abort ends the waiting early, and then another wake stands in its place.
      () => undefined,
    );
  }
}
