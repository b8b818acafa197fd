/** This process's dealings with the book that all processes share: what it holds, what it heard, what it may use. */
import type { Moment } from "../core/clock-step.ts";
import { reserveOf } from "../core/daily-budget.ts";
import { type Answer, askForSlots } from "../core/limit-ask.ts";
import { LONGEST_PAUSE_MS } from "../core/limit-lessons.ts";
import {
  blockOf,
  byLane,
  byWindow,
  DAYS_OF,
  type Demand,
  LANES,
  type Lane,
  type LimitPlan,
  noDemand,
  PRIORITIES,
  type Priority,
  WINDOWS,
  WINDOWS_OF,
} from "../core/limit-plan.ts";
import {
  addSpare,
  emptyShare,
  keepSpare,
  type OwnShare,
  settleSlot,
  spareStands,
  total,
  useSlot,
} from "../core/own-share.ts";
import { GUARD_MS, readLimits, type Sightings } from "../core/shared-limits.ts";
import { RESTED } from "../core/smoothing.ts";
import { type Clock, momentOf } from "../ports/world.ts";
import { HeardLimits, type KnownSlots } from "./heard-limits.ts";
import type { LimitBook } from "./limit-book.ts";
import type { RateHints } from "./waiting-requests.ts";

export interface SlotOptions {
  readonly clock: Clock;
  readonly plan: LimitPlan;
  readonly book: LimitBook;
  /** Names this process among those that share. */
  readonly holder: string;
}

/** What is wanted of the book. */
export interface Wanted {
  readonly needs: Demand;
  /** The lane first whose oldest request waits longest. */
  readonly order: readonly Lane[];
}

// Several processes' requests under way.
const NEAR_THE_END = 100;

/** The slots of one process. One telling at a time; the caller sees to that. */
export class SlotAccount {
  readonly #options: SlotOptions;
  readonly #heard = new HeardLimits();
  #own: OwnShare = emptyShare;
  #seen: Sightings = new Map();
  #known: KnownSlots = byWindow(() => ({ held: 0, taken: 0 }));
  #pausedUntil = byWindow(() => Number.NEGATIVE_INFINITY);
  /** What the last answer left open, and when asking again may help. */
  #unmet: Demand = noDemand;
  #askAt = Number.POSITIVE_INFINITY;
  /** When a slot is free whose answer came after the last telling. */
  #freedAt = Number.POSITIVE_INFINITY;
  #waitsForAnswer = false;
  #hasOthers = false;
  #mustTell = false;
  /** Others count slots of ours that we do not use any more. */
  #owesQuiet = false;
  #dailyRemaining: number | null = null;
  #dueAt = RESTED;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** What is held, without unused slots that must be told of again first. */
  held(moment: Moment): OwnShare {
    if (!spareStands(this.#own, moment)) this.#own = keepSpare(this.#own, noDemand);
    return this.#own;
  }

  moment(): Moment {
    return momentOf(this.#options.clock);
  }

  /** Requests left for the account today, as far as known; null while unknown. */
  get dailyRemaining(): number | null {
    return this.#dailyRemaining;
  }

  /** When asking again may help though nothing happens here. */
  get askAt(): number {
    return this.#askAt;
  }

  isPaused(lane: Lane, now: number): boolean {
    return WINDOWS_OF[lane].some((name) => this.#pausedUntil[name] > now);
  }

  /** When the next pause ends; Infinity when there is none. */
  resumesAt(now: number): number {
    const ends = WINDOWS.map((name) => this.#pausedUntil[name]).filter((at) => at > now);
    return Math.min(...ends, Number.POSITIVE_INFINITY);
  }

  /** Whether the last answer left requests of that kind without a slot. */
  wasShort(lane: Lane, priority: Priority): boolean {
    return this.#unmet[lane][priority] > 0;
  }

  /** Uses an unused slot. @returns what must be given to `settle` */
  use(lane: Lane, priority: Priority): KnownSlots {
    this.#own = useSlot(this.#own, lane, priority);
    this.#owesQuiet = true;
    this.#heard.sent(lane);
    return this.#known;
  }

  /** The request was answered or failed. */
  settle(
    request: { readonly lane: Lane; readonly priority: Priority },
    known: KnownSlots,
    hints: RateHints,
  ): void {
    const { lane } = request;
    const { plan } = this.#options;
    const { now } = this.moment();
    this.#own = settleSlot(this.#own, request, plan, now);
    this.#heard.answered(lane, hints, known, { inFlight: this.#drawingOn(lane), now });
    this.#hearDay(lane, hints);
    const windowMs = Math.min(...WINDOWS_OF[lane].map((name) => plan.windows[name].windowMs));
    this.#freedAt = Math.min(this.#freedAt, now + windowMs + GUARD_MS);
    this.#askAt = this.#waitsForAnswer ? now : Math.min(this.#askAt, this.#freedAt);
  }

  /** HubSpot answered 429. @param pauseMs null for the daily limit */
  refused(lane: Lane, pauseMs: number | null): void {
    this.#heard.refused(lane, pauseMs);
    this.#mustTell = true;
    this.#own = keepSpare(this.#own, noDemand);
    if (pauseMs === null) return;
    const until = this.moment().now + Math.min(pauseMs, LONGEST_PAUSE_MS);
    this.#pausedUntil = byWindow((name) => {
      const before = this.#pausedUntil[name];
      return WINDOWS_OF[lane].includes(name) ? Math.max(before, until) : before;
    });
  }

  /** The book cannot be opened now: nothing is asked of it for a while. */
  putOff(ms: number): void {
    this.#unmet = byLane(() => ({ interactive: 1, backfill: 1 }));
    this.#askAt = this.moment().now + ms;
  }

  /** Whether there is reason to ask or to tell. */
  shouldAsk(needs: Demand, now: number): boolean {
    if (this.#mustTell) return true;
    const lanes = LANES.filter((lane) => total(needs[lane]) > 0);
    if (lanes.length === 0) return this.#owesQuiet && this.#hasOthers && !this.#isFlying();
    if (now >= this.#askAt) return true;
    return lanes.some((lane) =>
      PRIORITIES.some((one) => needs[lane][one] > 0 && !this.wasShort(lane, one)),
    );
  }

  /**
   * Tells what is held and heard, and takes what slots there are. Rejects with the store's error; then nothing was taken.
   *
   * @param waiting requests that wait; unused slots beyond them are given back
   * @param wanted asked when the book is open, so that it is what is wanted then
   * @returns lanes on which the day has nothing left
   */
  async ask(waiting: Demand, wanted: () => Wanted): Promise<Answer["refused"]> {
    const { book, clock } = this.#options;
    this.#mustTell = false;
    this.#owesQuiet = false;
    this.#own = keepSpare(this.#own, this.#worthKeeping(waiting));
    const { answer, moment, news } = await book.change(
      (value) => this.#decide(value, wanted()),
      new Date(clock.now()).toISOString(),
    );
    this.#heard.told(news);
    this.#apply(answer, moment);
    return answer.refused;
  }

  #decide(value: string | null, { needs, order }: Wanted) {
    const { plan, holder } = this.#options;
    const moment = this.moment();
    const { news } = this.#heard;
    const answer = askForSlots(readLimits(value, plan, moment.wall), {
      me: holder,
      plan,
      moment,
      own: this.#own,
      wants: needs,
      order,
      news,
      seen: this.#seen,
      dueAt: this.#dueAt,
    });
    this.#freedAt = Number.POSITIVE_INFINITY;
    return { value: JSON.stringify(answer.state), result: { answer, moment, news } };
  }

  #apply(answer: Answer, moment: Moment): void {
    this.#own = addSpare(this.#own, answer.grants, moment);
    this.#seen = answer.seen;
    this.#dueAt = answer.dueAt;
    this.#known = answer.known;
    this.#unmet = answer.unmet;
    this.#waitsForAnswer = answer.waitsForAnswer;
    const isNewer = Number.isFinite(this.#freedAt);
    this.#askAt =
      isNewer && answer.waitsForAnswer
        ? moment.now
        : Math.min(moment.now + answer.againInMs, this.#freedAt);
    this.#hasOthers = answer.hasOthers;
    this.#dailyRemaining = answer.state.days.objects.remaining ?? this.#dailyRemaining;
  }

  #isFlying(): boolean {
    return LANES.some((lane) => total(this.#own.inFlight[lane]) > 0);
  }

  /** Requests under way that draw on the day that the lane's headers speak of. */
  #drawingOn(lane: Lane): number {
    return LANES.filter((other) => DAYS_OF[other].includes(DAYS_OF[lane][0])).reduce(
      (sum, other) => sum + total(this.#own.inFlight[other]),
      0,
    );
  }

  #hearDay(lane: Lane, { dailyRemaining }: RateHints): void {
    if (dailyRemaining === null) return;
    const { limit, remaining } = this.#heard.news.days[DAYS_OF[lane][0]];
    const left = (remaining ?? 0) - reserveOf({ limit }, this.#options.plan.dailyReserve);
    if (left <= 0) this.#own = keepSpare(this.#own, noDemand);
    // The others must not go on by what they knew when there was plenty.
    if (left < NEAR_THE_END || this.#dailyRemaining === null) this.#mustTell = true;
    if (lane !== "associations") this.#dailyRemaining = dailyRemaining;
  }

  /** Whoever has nothing to send keeps nothing: telling once more of slots kept would never end. */
  #worthKeeping(waiting: Demand): Demand {
    const isIdle = !this.#isFlying() && LANES.every((lane) => total(waiting[lane]) === 0);
    return byLane((lane) => {
      const more = isIdle ? 0 : blockOf(this.#options.plan, lane) - 1;
      const { interactive, backfill } = waiting[lane];
      return { interactive: interactive + more, backfill: backfill + more };
    });
  }
}
