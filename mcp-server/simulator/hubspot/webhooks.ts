/** The app's webhook subscription as tests and people handle it. */
import { z } from "zod";
import type { Account } from "./account.ts";
import { DEMO_CLIENT_SECRET } from "./settings.ts";
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
import type { Letter, Subscription, WebhookEvent } from "./webhook-outbox.ts";
import { Postman } from "./webhook-postman.ts";

/** Where webhooks go and which. */
export const subscriptionSchema = z.strictObject({
  targetUrl: z.url(),
  /** What is signed where a proxy stands in front of the target; by default the target. */
  publicUrl: z.url().optional(),
  clientSecret: z.string().min(1).default(DEMO_CLIENT_SECRET),
  /** For example `contact.creation`; null for all. */
  subscriptionTypes: z.array(z.string()).nullable().default(null),
  /** Which properties' changes; null for all. */
  propertyNames: z.array(z.string()).nullable().default(null),
  /** `object.*` events with an objectTypeId, for every object type. */
  generic: z.boolean().default(false),
  /** Sent soon after they happened; otherwise they wait for `deliver`. */
  auto: z.boolean().default(false),
});

/** How to send what waits. */
export const deliverySchema = z.strictObject({
  /** At most so many events; the others stay. */
  limit: z.number().int().nonnegative().optional(),
  order: z.enum(["oldest", "newest", "shuffled"]).default("oldest"),
  /** Also what is held up or waits for its retry. */
  early: z.boolean().default(false),
  /** What the signatures say, in ms; by default now. */
  timestamp: z.number().int().optional(),
});

/** What `subscribe` takes. */
export type SubscribeOptions = z.input<typeof subscriptionSchema>;

/** What `deliver` takes. */
export type DeliverOptions = z.input<typeof deliverySchema>;

/** What a delivery did, and how many events wait after it. */
export type DeliveryReport = DeliveryOutcome & { readonly waiting: number };

/** The webhooks of one account. */
export type Webhooks = {
  /**
   * From now on changes raise events. What waits already stays and goes to the new target. Throws a
   * ZodError on wrong options.
   */
  subscribe(options: SubscribeOptions): Subscription;
  /** No more events; what waits is forgotten, requests under way are broken off. */
  unsubscribe(): void;
  subscription(): Subscription | null;
  /** Events that were not sent yet or wait for a retry, oldest first. */
  pending(): WebhookEvent[];
  /** Forgets what waits. */
  clear(): void;
  /**
   * Sends what waits and is due, one request after the other: deterministic where the receiver is.
   * Throws when nobody subscribed.
   */
  deliver(options?: DeliverOptions): Promise<DeliveryReport>;
  /** Everything sent since the subscription, oldest first; the latest 10,000 requests. */
  attempts(): DeliveryAttempt[];
  /** Sums since the first subscription. */
  totals(): Omit<DeliveryOutcome, "attempts">;
  /** Resolves when nothing is left that is sent by itself. */
  idle(): Promise<void>;
};

const KEPT_ATTEMPTS = 10_000;

/** What was sent so far. */
class Ledger {
  attempts: DeliveryAttempt[] = [];
  totals = { delivered: 0, failed: 0, lost: 0 };

  readonly add = (outcome: DeliveryOutcome): void => {
    this.attempts.push(...outcome.attempts);
    if (this.attempts.length > 1.1 * KEPT_ATTEMPTS)
      this.attempts = this.attempts.slice(-KEPT_ATTEMPTS);
    this.totals.delivered += outcome.delivered;
    this.totals.failed += outcome.failed;
    this.totals.lost += outcome.lost;
  };

  clear(): void {
    this.attempts = [];
    this.totals = { delivered: 0, failed: 0, lost: 0 };
  }
}

function inOrder(account: Account, letters: readonly Letter[], order: string): Letter[] {
  if (order === "shuffled") return account.outbox.random.shuffled(letters);
  return order === "newest" ? letters.toReversed() : [...letters];
}

/** Takes what is to be sent out of the outbox. */
function takeLetters(
  account: Account,
  subscription: Subscription,
  { limit, order, early }: z.output<typeof deliverySchema>,
): Letter[] {
  const { outbox } = account;
  const now = clockOf(account, subscription);
  const due = outbox.waiting.filter(({ dueAt }) => early || dueAt <= now);
  const taken = inOrder(account, due, order).slice(0, limit ?? due.length);
  const gone = new Set(taken);
  outbox.waiting = outbox.waiting.filter((letter) => !gone.has(letter));
  return taken;
}

async function deliver(account: Account, given: DeliverOptions): Promise<DeliveryReport> {
  const options = deliverySchema.parse(given);
  const { outbox } = account;
  const { subscription } = outbox;
  if (subscription === null) throw new Error("Nobody subscribed to webhooks.");
  const taken = takeLetters(account, subscription, options);
  const { letters, lost } = afterTrouble(account, taken);
  const sending = options.timestamp === undefined ? {} : { timestamp: options.timestamp };
  const outcomes: DeliveryOutcome[] = [];
  for (const batch of batchesOf(account, letters)) {
    const attempt = await sendBatch(account, subscription, batch, sending);
    outcomes.push(book(account, subscription, batch, attempt));
  }
  return { ...total(outcomes, lost), waiting: outbox.waiting.length };
}

/** Webhooks of an account, and how to stop them before a reset. */
export function webhooksOf(account: Account): Webhooks & { reset(): void } {
  const ledger = new Ledger();
  let postman: Postman | null = null;
  const stop = () => {
    postman?.stop();
    postman = null;
    account.outbox.onRaised = null;
    account.outbox.subscription = null;
  };
  const unsubscribe = () => {
    stop();
    account.outbox.waiting = [];
  };
  return {
    subscribe: (options) => {
      const { publicUrl, ...rest } = subscriptionSchema.parse(options);
      const subscription = { ...rest, publicUrl: publicUrl ?? rest.targetUrl };
      stop();
      account.outbox.subscription = subscription;
      // A new receiver gets at once what the former one did not take, whichever clock that was for.
      account.outbox.waiting = account.outbox.waiting.map(({ event }) => ({ event, dueAt: 0 }));
      if (!subscription.auto) return subscription;
      const started = new Postman(account, subscription, ledger.add);
      postman = started;
      account.outbox.onRaised = () => started.wake();
      started.wake();
      return subscription;
    },
    unsubscribe,
    subscription: () => account.outbox.subscription,
    pending: () => account.outbox.waiting.map(({ event }) => event),
    clear: () => {
      account.outbox.waiting = [];
    },
    deliver: async (options = {}) => {
      const report = await deliver(account, options);
      ledger.add(report);
      return report;
    },
    attempts: () => [...ledger.attempts],
    totals: () => ({ ...ledger.totals }),
    idle: () => postman?.idle() ?? Promise.resolve(),
    reset: () => {
      unsubscribe();
      ledger.clear();
    },
  };
}
