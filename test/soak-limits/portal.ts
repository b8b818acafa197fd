/** A portal in virtual time: the simulator's own strict limits, which other apps use as well. */
import { createAccount } from "../../mcp-server/simulator/hubspot/account.ts";
import {
  freshUsage,
  RateLimited,
  rateHeaders,
  spend,
} from "../../mcp-server/simulator/hubspot/limits.ts";
import type { Lane } from "../../mcp-server/src/core/limit-plan.ts";
import type { Arrive } from "./fleet.ts";
import type { VirtualTime } from "./virtual-time.ts";

const BEGINNING = Date.parse("2026-11-02T15:00:00Z");

export interface Portal {
  readonly arrive: Arrive;
  /** A request of another app. @returns whether it was counted */
  foreign(lane: Lane): boolean;
  dailyRemaining(): number;
  readonly counts: { ours: number; refused: number; foreign: number; foreignRefused: number };
  /** Requests of ours that were counted, with what the day had left before. */
  readonly daily: number[];
}

/** @param dailyLimit requests a day of all apps together */
export function openPortal(time: VirtualTime, dailyLimit: number, burstLimit = 100): Portal {
  const account = createAccount({
    now: () => BEGINNING + time.now,
    settings: { dailyLimit, burstLimit },
  });
  const usage = freshUsage();
  const counts = { ours: 0, refused: 0, foreign: 0, foreignRefused: 0 };
  const daily: number[] = [];
  const dailyRemaining = () => dailyLimit - usage.objects.today;
  const hintsOf = (lane: Lane) => {
    const headers = rateHeaders(account, usage, lane);
    const count = (name: string) => (headers[name] === undefined ? null : Number(headers[name]));
    return {
      max: count("X-HubSpot-RateLimit-Max"),
      remaining: count("X-HubSpot-RateLimit-Remaining"),
      dailyMax: count("X-HubSpot-RateLimit-Daily"),
      dailyRemaining: count("X-HubSpot-RateLimit-Daily-Remaining"),
    };
  };
  const counted = (lane: Lane): RateLimited["policy"] | null => {
    try {
      spend(account, usage, lane);
      return null;
    } catch (error) {
      if (error instanceof RateLimited) return error.policy;
      throw error;
    }
  };
  return {
    counts,
    daily,
    dailyRemaining,
    arrive: (lane) => {
      const before = dailyRemaining();
      const policy = counted(lane);
      counts.ours += 1;
      if (policy === null && lane !== "associations") daily.push(before);
      if (policy === null) return { hints: hintsOf(lane) };
      counts.refused += 1;
      const pauseMs = policy === "DAILY" ? null : policy === "SECONDLY" ? 1_000 : 10_000;
      return { hints: hintsOf(lane), refused: { pauseMs } };
    },
    foreign: (lane) => {
      const isCounted = counted(lane) === null;
      counts[isCounted ? "foreign" : "foreignRefused"] += 1;
      return isCounted;
    },
  };
}
