/** Collects what answers say of the limits until it is told to the other processes. */
import { type DayNews, noDayNews } from "../core/daily-budget.ts";
import { noWindowNews, type WindowNews } from "../core/limit-lessons.ts";
import {
  byWindow,
  DAYS_OF,
  type DayName,
  type Lane,
  WINDOWS_OF,
  type WindowName,
} from "../core/limit-plan.ts";
import type { RateHints } from "./waiting-requests.ts";

/** Slots that all processes held and had taken when a request left, as far as we knew. */
export type KnownSlots = Readonly<
  Record<WindowName, { readonly held: number; readonly taken: number }>
>;

type Heard = {
  readonly windows: Readonly<Record<WindowName, WindowNews>>;
  readonly days: Readonly<Record<DayName, DayNews>>;
};

const nothing: Heard = {
  windows: byWindow(() => noWindowNews),
  days: { objects: noDayNews, associations: noDayNews },
};

/** What this process heard and the others do not know yet. */
export class HeardLimits {
  #heard: Heard = nothing;

  get news(): Heard {
    return this.#heard;
  }

  /** The lane was refused. @param pauseMs null for the daily limit */
  refused(lane: Lane, pauseMs: number | null): void {
    if (pauseMs === null) {
      this.#day(DAYS_OF[lane][0], { isSpent: true });
      return;
    }
    for (const name of WINDOWS_OF[lane]) {
      const before = this.#heard.windows[name].refusedForMs;
      this.#window(name, { refusedForMs: Math.max(before ?? 0, pauseMs) });
    }
  }

  /**
   * An answer's headers.
   *
   * @param known when the request left
   * @param at.inFlight requests that draw on the same day and have no answer yet
   * @param at.now by a clock that nobody sets
   */
  answered(
    lane: Lane,
    hints: RateHints,
    known: KnownSlots,
    at: { readonly inFlight: number; readonly now: number },
  ): void {
    const name = WINDOWS_OF[lane][0];
    if (name !== undefined && hints.max !== null && hints.max > 0) {
      this.#window(name, { max: hints.max, heardAt: at.now });
      if (hints.remaining !== null) {
        const slots = hints.max - hints.remaining - known[name].held;
        this.#beyond(name, { slots, taken: known[name].taken });
      }
    }
    if (hints.dailyRemaining === null) return;
    this.#day(DAYS_OF[lane][0], {
      limit: hints.dailyMax ?? null,
      remaining: hints.dailyRemaining - at.inFlight,
    });
  }

  /** A request leaves that no header has counted yet. */
  sent(lane: Lane): void {
    const name = DAYS_OF[lane][0];
    const { remaining } = this.#heard.days[name];
    if (remaining !== null) this.#day(name, { remaining: remaining - 1 });
  }

  /** The others know this now; what was heard since stays. */
  told(news: Heard): void {
    const windows = byWindow((name) =>
      this.#heard.windows[name] === news.windows[name] ? noWindowNews : this.#heard.windows[name],
    );
    const day = (name: DayName) =>
      this.#heard.days[name] === news.days[name] ? noDayNews : this.#heard.days[name];
    this.#heard = {
      windows,
      days: { objects: day("objects"), associations: day("associations") },
    };
  }

  #beyond(name: WindowName, next: NonNullable<WindowNews["beyond"]>): void {
    const before = this.#heard.windows[name].beyond;
    const isMore = before === null || next.slots + next.taken > before.slots + before.taken;
    if (isMore) this.#window(name, { beyond: next });
  }

  #window(name: WindowName, change: Partial<WindowNews>): void {
    const { windows } = this.#heard;
    this.#heard = {
      ...this.#heard,
      windows: { ...windows, [name]: { ...windows[name], ...change } },
    };
  }

  #day(name: DayName, change: Partial<DayNews>): void {
    const { days } = this.#heard;
    this.#heard = { ...this.#heard, days: { ...days, [name]: { ...days[name], ...change } } };
  }
}
