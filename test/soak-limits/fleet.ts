/** Processes that share an account's limits through one book, and a HubSpot that counts what arrives. */
import type { Lane, LimitPlan, Priority } from "../../mcp-server/src/core/limit-plan.ts";
import type { LimitBook } from "../../mcp-server/src/hubspot/limit-book.ts";
import { Limiter, type RateHints } from "../../mcp-server/src/hubspot/limiter.ts";
import { type MachineClock, machineClock, type VirtualTime } from "./virtual-time.ts";

/** How HubSpot answers a request that arrives now; `pauseMs` of a refusal, null for the daily one. */
export type Arrive = (lane: Lane) => {
  readonly hints: RateHints;
  readonly refused?: { readonly pauseMs: number | null };
};

export interface Sent {
  readonly process: number;
  readonly lane: Lane;
  readonly priority: Priority;
  readonly askedAt: number;
  readonly sentAt: number;
  readonly arrivedAt: number;
}

export interface FleetOptions {
  readonly time: VirtualTime;
  readonly plan: LimitPlan;
  readonly arrive: Arrive;
  /** Milliseconds on the way there, and back. */
  readonly travel: () => readonly [number, number];
  /** Milliseconds until the book opens, and until its writer knows that it is written. */
  readonly bookDelay: () => readonly [number, number];
}

/** A book on a database: one writer at a time, each taking its time. */
export function sharedBook(time: VirtualTime, delay: FleetOptions["bookDelay"]): LimitBook {
  let kept: string | null = null;
  let turn: Promise<void> = Promise.resolve();
  const pass = (ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));
  return {
    change: async (decide) => {
      const before = turn;
      const mine = Promise.withResolvers<void>();
      turn = mine.promise;
      await before;
      const [open, written] = delay();
      await pass(open);
      const { value, result } = decide(kept);
      kept = value;
      mine.resolve();
      await pass(written);
      return result;
    },
  };
}

/** One process with its own limiter and clock. */
export class FleetProcess {
  readonly clock: MachineClock;
  readonly #limiter: Limiter;
  readonly #fleet: Fleet;
  readonly #number: number;
  #isDead = false;

  constructor(fleet: Fleet, number: number, book: LimitBook, ahead: number) {
    const { time, plan } = fleet.options;
    this.#fleet = fleet;
    this.#number = number;
    this.clock = machineClock(time, ahead);
    this.#limiter = new Limiter({ clock: this.clock, plan, book, holder: `p${number}` });
  }

  /** The process is gone at once; what it sent is on its way all the same. */
  kill(): void {
    this.#isDead = true;
    this.clock.stop();
  }

  /** Asks for a permit, sends, and releases it with the answer. Resolves when answered, refused or gone. */
  async request(lane: Lane, priority: Priority): Promise<"answered" | "429" | "refused" | "gone"> {
    const { time, travel, arrive } = this.#fleet.options;
    if (this.#isDead) return "gone";
    const askedAt = time.now;
    let permit: Awaited<ReturnType<Limiter["acquire"]>>;
    try {
      permit = await this.#limiter.acquire(lane, priority);
    } catch (error) {
      this.#fleet.refusals.push(error);
      return "refused";
    }
    if (this.#isDead) return "gone";
    const [there, back] = travel();
    const sentAt = time.now;
    const answer = await new Promise<ReturnType<Arrive>>((resolve) => {
      time.after(there, () => {
        const said = arrive(lane);
        const arrivedAt = time.now;
        this.#fleet.sent.push({
          process: this.#number,
          lane,
          priority,
          askedAt,
          sentAt,
          arrivedAt,
        });
        time.after(back, () => resolve(said));
      });
    });
    if (this.#isDead) return "gone";
    permit.release(answer.hints);
    if (answer.refused) this.#limiter.refused(lane, answer.refused.pauseMs);
    return answer.refused ? "429" : "answered";
  }
}

/** Several processes on one database. */
export class Fleet {
  readonly options: FleetOptions;
  readonly sent: Sent[] = [];
  readonly refusals: unknown[] = [];
  readonly #book: LimitBook;
  #count = 0;

  constructor(options: FleetOptions) {
    this.options = options;
    this.#book = sharedBook(options.time, options.bookDelay);
  }

  /** @param ahead how far its machine's time of day is before the true one */
  start(ahead = 0): FleetProcess {
    this.#count += 1;
    return new FleetProcess(this, this.#count, this.#book, ahead);
  }
}

/** The most arrivals that any rolling window saw. */
export function mostInAnyWindow(arrivals: readonly number[], windowMs: number): number {
  const sorted = arrivals.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [index, at] of sorted.entries()) {
    while (sorted[first]! <= at - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
