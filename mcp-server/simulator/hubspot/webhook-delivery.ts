/** Sends webhook events as HubSpot does: signed batches, retries, and the trouble that is ordered. */
import type { Account } from "./account.ts";
import type { Letter, Subscription, WebhookEvent } from "./webhook-outbox.ts";
import { signV1, signV3 } from "./webhook-signature.ts";

/** One webhook request. `status` null where nobody answered in time. */
export type DeliveryAttempt = {
  readonly at: number;
  readonly status: number | null;
  readonly durationMs: number;
  readonly events: readonly WebhookEvent[];
};

/** What came of sending: numbers of events, a repeated one counted twice. */
export type DeliveryOutcome = {
  readonly attempts: readonly DeliveryAttempt[];
  readonly delivered: number;
  /** Will be sent again later. */
  readonly failed: number;
  /** Will never be sent again. */
  readonly lost: number;
};

const MINUTE_MS = 60_000;

/**
 * HubSpot docs, webhooks, read 2026-10: up to 10 retries over 24 hours, spread at random. How they
 * are spread is not told; these add up to 23.9 hours before the jitter.
 */
const RETRY_AFTER_MS = [1, 3, 6, 15, 30, 60, 120, 240, 360, 600].map((n) => n * MINUTE_MS);

/** The clock by which events come due: the machine's where they are sent by themselves. */
export function clockOf(account: Account, { auto }: Subscription): number {
  return auto ? Date.now() : account.now();
}

/** Splits letters into requests. */
export function batchesOf(account: Account, letters: readonly Letter[]): Letter[][] {
  const size = account.settings.webhookMaxBatch;
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, index) =>
    letters.slice(index * size, (index + 1) * size),
  );
}

/** The letters that really go out, some twice, and how many got lost. */
export function afterTrouble(
  account: Account,
  letters: readonly Letter[],
): { letters: Letter[]; lost: number } {
  const { webhookDropShare, webhookDuplicateShare, webhookShuffle } = account.settings;
  const { random } = account.outbox;
  const happens = (share: number) => share > 0 && random.next() < share;
  // Only what was never sent can vanish or double: retries are HubSpot's own doing.
  const isFirst = ({ event }: Letter) => event.attemptNumber === 0;
  const kept = letters.filter((letter) => !(isFirst(letter) && happens(webhookDropShare)));
  const twice = kept.filter((letter) => isFirst(letter) && happens(webhookDuplicateShare));
  const all = [...kept, ...twice];
  return {
    letters: webhookShuffle ? random.shuffled(all) : all,
    lost: letters.length - kept.length,
  };
}

function headersOf(
  account: Account,
  { clientSecret: secret, publicUrl: url }: Subscription,
  body: string,
  timestamp: number,
): Record<string, string> {
  const { webhookSignatures } = account.settings;
  const v1 = {
    "X-HubSpot-Signature": signV1({ secret, body }),
    "X-HubSpot-Signature-Version": "v1",
  };
  const v3 = {
    "X-HubSpot-Signature-v3": signV3({ secret, method: "POST", url, body, timestamp }),
    "X-HubSpot-Request-Timestamp": String(timestamp),
  };
  return {
    "Content-Type": "application/json",
    "User-Agent": "HubSpot Connect 2.0 (simulator)",
    ...(webhookSignatures.includes("v1") ? v1 : {}),
    ...(webhookSignatures.includes("v3") ? v3 : {}),
  };
}

async function statusOf(url: string, request: RequestInit): Promise<number | null> {
  try {
    const response = await fetch(url, { ...request, method: "POST", redirect: "manual" });
    await response.arrayBuffer();
    return response.status;
  } catch {
    // Refused, reset or too slow: to HubSpot all the same, and retried.
    return null;
  }
}

/** How one request is sent. `timestamp` in ms is what its signature says, by default now. */
export type Sending = { readonly timestamp?: number; readonly signal?: AbortSignal };

/** Sends one request and says how it was answered. */
export async function sendBatch(
  account: Account,
  subscription: Subscription,
  letters: readonly Letter[],
  { timestamp = account.now(), signal }: Sending = {},
): Promise<DeliveryAttempt> {
  const events = letters.map(({ event }) => event);
  const body = JSON.stringify(events);
  const headers = headersOf(account, subscription, body, timestamp);
  const timeout = AbortSignal.timeout(account.settings.webhookTimeoutMs);
  const ends = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const started = performance.now();
  const status = await statusOf(subscription.targetUrl, { headers, body, signal: ends });
  return { at: account.now(), status, durationMs: performance.now() - started, events };
}

function retryOf(account: Account, subscription: Subscription, { event }: Letter): Letter[] {
  const wait = RETRY_AFTER_MS[event.attemptNumber];
  if (wait === undefined) return [];
  const jitter = 0.8 + 0.4 * account.outbox.random.next();
  const dueAt = clockOf(account, subscription) + wait * jitter * account.settings.webhookRetryScale;
  return [{ event: { ...event, attemptNumber: event.attemptNumber + 1 }, dueAt }];
}

/** Books an answer: anything but a 2xx puts the events back, until their retries have run out. */
export function book(
  account: Account,
  subscription: Subscription,
  letters: readonly Letter[],
  attempt: DeliveryAttempt,
): DeliveryOutcome {
  const attempts = [attempt];
  const { status } = attempt;
  if (status !== null && status >= 200 && status < 300)
    return { attempts, delivered: letters.length, failed: 0, lost: 0 };
  const retries = letters.flatMap((letter) => retryOf(account, subscription, letter));
  account.outbox.waiting.push(...retries);
  return {
    attempts,
    delivered: 0,
    failed: retries.length,
    lost: letters.length - retries.length,
  };
}

/** Several outcomes as one. */
export function total(outcomes: readonly DeliveryOutcome[], lost: number): DeliveryOutcome {
  const sum = (count: (outcome: DeliveryOutcome) => number) =>
    outcomes.reduce((before, outcome) => before + count(outcome), 0);
  return {
    attempts: outcomes.flatMap(({ attempts }) => attempts),
    delivered: sum(({ delivered }) => delivered),
    failed: sum(({ failed }) => failed),
    lost: lost + sum((outcome) => outcome.lost),
  };
}
