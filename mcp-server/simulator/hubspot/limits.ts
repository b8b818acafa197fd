/** Rate limits: a rolling 10 s burst, a day, a rolling second for search; associations apart. */
import type { Account } from "./account.ts";
import { ApiFailure } from "./errors.ts";
import type { Settings } from "./settings.ts";

/** Which budget a request draws on. */
export type Lane = "objects" | "associations" | "search";

type Counter = { recent: number[]; today: number };

/** What was used so far. */
export type Usage = { day: string; objects: Counter; associations: Counter; search: number[] };

/** A 429, with what its body carries beside the common fields. */
export class RateLimited extends ApiFailure {
  readonly policy: "TEN_SECONDLY_ROLLING" | "DAILY" | "SECONDLY";

  constructor(policy: RateLimited["policy"]) {
    super(429, { message: `You have reached your ${policy.toLowerCase()} limit.` });
    this.policy = policy;
  }
}

const BURST_MS = 10_000;
const SECOND_MS = 1_000;
const TIME_ZONE = "America/New_York";

/** Nothing used. */
export function freshUsage(): Usage {
  const counter = () => ({ recent: [], today: 0 });
  return { day: "", objects: counter(), associations: counter(), search: [] };
}

const dayFormat = new Intl.DateTimeFormat("en-CA", { timeZone: TIME_ZONE });
let knownDay = { hour: Number.NaN, day: "" };

/** The account's calendar day; remembered per hour, as formatting is slow. */
function dayOf(now: number): string {
  const hour = Math.floor(now / 3_600_000);
  if (knownDay.hour !== hour) knownDay = { hour, day: dayFormat.format(now) };
  return knownDay.day;
}

function forget(times: number[], before: number): void {
  let count = 0;
  while (count < times.length && (times[count] ?? 0) <= before) count += 1;
  if (count > 0) times.splice(0, count);
}

function limitsOf(settings: Settings, lane: Lane): { burst: number; daily: number } {
  return lane === "associations"
    ? { burst: settings.associationsBurstLimit, daily: settings.associationsDailyLimit }
    : { burst: settings.burstLimit, daily: settings.dailyLimit };
}

function counterOf(usage: Usage, lane: Lane): Counter {
  return lane === "associations" ? usage.associations : usage.objects;
}

function refresh(usage: Usage, now: number): void {
  const day = dayOf(now);
  if (usage.day !== day) {
    usage.day = day;
    usage.objects.today = 0;
    usage.associations.today = 0;
  }
  forget(usage.objects.recent, now - BURST_MS);
  forget(usage.associations.recent, now - BURST_MS);
  forget(usage.search, now - SECOND_MS);
}

/** Counts a request, or throws RateLimited. A refused request uses nothing up. */
export function spend(account: Account, usage: Usage, lane: Lane): void {
  const now = account.now();
  refresh(usage, now);
  const counter = counterOf(usage, lane);
  const { burst, daily } = limitsOf(account.settings, lane);
  if (counter.today >= daily) throw new RateLimited("DAILY");
  if (lane === "search") {
    if (usage.search.length >= account.settings.searchPerSecond) throw new RateLimited("SECONDLY");
    usage.search.push(now);
  } else {
    if (counter.recent.length >= burst) throw new RateLimited("TEN_SECONDLY_ROLLING");
    counter.recent.push(now);
  }
  counter.today += 1;
}

/**
 * The rate headers of an answer. Search answers carry the daily pair only, OAuth apps get no daily
 * pair. Recorded responses, 2022 (230 searches), confirmed for service keys in 2026-09.
 */
export function rateHeaders(account: Account, usage: Usage, lane: Lane): Record<string, string> {
  const counter = counterOf(usage, lane);
  const { burst, daily } = limitsOf(account.settings, lane);
  const dailyPair: Record<string, string> = account.settings.oauth
    ? {}
    : {
        "X-HubSpot-RateLimit-Daily": String(daily),
        "X-HubSpot-RateLimit-Daily-Remaining": String(Math.max(0, daily - counter.today)),
      };
  if (lane === "search") return dailyPair;
  const secondly = Math.floor(burst / 10);
  const now = account.now();
  const lastSecond = counter.recent.filter((at) => at > now - SECOND_MS).length;
  return {
    "X-HubSpot-RateLimit-Max": String(burst),
    "X-HubSpot-RateLimit-Remaining": String(Math.max(0, burst - counter.recent.length)),
    "X-HubSpot-RateLimit-Interval-Milliseconds": String(BURST_MS),
    ...dailyPair,
    "X-HubSpot-RateLimit-Secondly": String(secondly),
    "X-HubSpot-RateLimit-Secondly-Remaining": String(Math.max(0, secondly - lastSecond)),
  };
}

const RETRY_AFTER_SECONDS = { TEN_SECONDLY_ROLLING: 10, SECONDLY: 1, DAILY: 3_600 } as const;

/** `Retry-After` in seconds, where the account is set to send it. */
export function retryHeaders(
  account: Account,
  policy: RateLimited["policy"],
): Record<string, string> {
  if (!account.settings.retryAfterHeader) return {};
  return { "Retry-After": String(RETRY_AFTER_SECONDS[policy]) };
}

/** The 429 body; a search's carries a request id as well. */
export function rateBody(
  account: Account,
  policy: RateLimited["policy"],
  correlationId: string,
): Record<string, unknown> {
  return {
    status: "error",
    message: `You have reached your ${policy.toLowerCase()} limit.`,
    errorType: "RATE_LIMIT",
    correlationId,
    policyName: policy,
    ...(policy === "SECONDLY" ? { requestId: correlationId } : {}),
    groupName: `publicapi:private-apps:api-calls-${account.portalId}-${account.appId}`,
  };
}
