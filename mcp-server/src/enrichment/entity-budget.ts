/** Keeps Explorium's quota: a number of entities in any minute, corrected by what the answers' headers say. */
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

// With answers outstanding nobody can say when a slot is free; look again this soon.
const LOOK_AGAIN_MS = 50;

/** A permit for one request; `settle` must be called once it was answered or failed. */
export interface Permit {
  /** @param headers what the answer said of the quota; null when there was no answer */
  settle(headers: RateHeaders | null): void;
}

/** The quota of one key in this process. */
export class EntityBudget {
  readonly #clock: Clock;
  #window: RateWindow;

  constructor(clock: Clock, quota: { readonly limit: number; readonly windowMs: number }) {
    this.#clock = clock;
    this.#window = rateWindow(quota.limit, quota.windowMs);
  }

  /** Waits until a request of that many entities fits, and takes their slots. Rejects with the signal's reason. */
  async take(entities: number, signal: AbortSignal): Promise<Permit> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#clock.now();
      const at = readyAt(this.#window, now, entities - 1);
      if (at <= now) return this.#takeNow(entities, now);
      await this.#clock.wait(Number.isFinite(at) ? at - now : LOOK_AGAIN_MS, signal);
    }
  }

  /** The provider refused for its rate: nothing leaves for `pauseMs`, and then a little less at a time. */
  pause(pauseMs: number): void {
    this.#window = slowDown(this.#window, pauseMs, this.#clock.now());
  }

  #takeNow(entities: number, now: number): Permit {
    let last: Ticket = { held: 0, sent: 0 };
    for (let taken = 0; taken < entities; taken++) {
      const { window, ticket } = takeSlot(this.#window, now);
      this.#window = window;
      last = ticket;
    }
    return { settle: (headers) => this.#settle(entities, headers, last) };
  }

  #settle(entities: number, headers: RateHeaders | null, ticket: Ticket): void {
    const now = this.#clock.now();
    if (headers) this.#window = observeHeaders(this.#window, headers, ticket, now);
    for (let freed = 0; freed < entities; freed++) this.#window = settleSlot(this.#window, now);
  }
}
