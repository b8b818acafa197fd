/** Sends webhook events by itself, soon after they happened, several requests at a time. */
import type { Account } from "./account.ts";
import {
  afterTrouble,
  batchesOf,
  book,
  clockOf,
  type DeliveryAttempt,
  type DeliveryOutcome,
  sendBatch,
  total,
} from "./webhook-delivery.ts";
import type { Letter, Outbox, Subscription } from "./webhook-outbox.ts";

/** Sends until it is stopped; requests under way are broken off then. */
export class Postman {
  readonly #account: Account;
  readonly #outbox: Outbox;
  readonly #subscription: Subscription;
  readonly #report: (outcome: DeliveryOutcome) => void;
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<readonly Letter[]>();
  #isWoken = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(
    account: Account,
    subscription: Subscription,
    report: (outcome: DeliveryOutcome) => void,
  ) {
    this.#account = account;
    this.#outbox = account.outbox;
    this.#subscription = subscription;
    this.#report = report;
  }

  /** Says that there may be something to send. What one request changed goes out together. */
  wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    setImmediate(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  /** Resolves when nothing waits and nothing is under way, events held up for later included. */
  idle(): Promise<void> {
    if (this.#isDone()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** What was under way waits again: whether it arrived is not known. */
  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    this.#outbox.waiting.unshift(...[...this.#underWay].flat());
    this.#tellIdle();
  }

  #isDone(): boolean {
    const isEmpty = this.#outbox.waiting.length === 0 && this.#underWay.size === 0;
    return isEmpty || this.#stopped.signal.aborted;
  }

  #tellIdle(): void {
    if (!this.#isDone()) return;
    const waiters = this.#idle;
    this.#idle = [];
    for (const resolve of waiters) resolve();
  }

  /** Due letters for as many requests as may start now. */
  #take(): Letter[] {
    const { webhookConcurrency, webhookMaxBatch } = this.#account.settings;
    const room = (webhookConcurrency - this.#underWay.size) * webhookMaxBatch;
    const now = clockOf(this.#account, this.#subscription);
    const taken: Letter[] = [];
    this.#outbox.waiting = this.#outbox.waiting.filter((letter) => {
      if (letter.dueAt > now || taken.length >= room) return true;
      taken.push(letter);
      return false;
    });
    return taken;
  }

  #pump(): void {
    if (this.#stopped.signal.aborted) return;
    const { letters, lost } = afterTrouble(this.#account, this.#take());
    if (lost > 0) this.#report(total([], lost));
    for (const batch of batchesOf(this.#account, letters)) this.#send(batch);
    this.#sleep();
    this.#tellIdle();
  }

  #send(letters: readonly Letter[]): void {
    const { signal } = this.#stopped;
    this.#underWay.add(letters);
    const settle = (attempt: DeliveryAttempt) => {
      if (signal.aborted) return;
      this.#underWay.delete(letters);
      this.#report(book(this.#account, this.#subscription, letters, attempt));
      this.#pump();
    };
    const fail = (failure: unknown) => {
      // Nothing that HubSpot does can end here: make a mistake of the simulator's own loud.
      queueMicrotask(() => {
        throw failure;
      });
    };
    sendBatch(this.#account, this.#subscription, letters, { signal }).then(settle, fail);
  }

  /** Until the first letter comes due; a request that ends looks again by itself. */
  #sleep(): void {
    clearTimeout(this.#timer);
    const { webhookConcurrency } = this.#account.settings;
    if (this.#outbox.waiting.length === 0 || this.#underWay.size >= webhookConcurrency) return;
    const first = this.#outbox.waiting.reduce((at, { dueAt }) => Math.min(at, dueAt), Infinity);
    const wait = Math.max(1, first - clockOf(this.#account, this.#subscription));
    this.#timer = setTimeout(() => this.#pump(), Math.min(wait, 2_147_483_647));
    this.#timer.unref();
  }
}
