/** How HubSpot stands towards us, as all processes know it together: whether it answers, and what is left of its limits. */
import { type CircuitView, circuitState } from "./circuit.ts";
import { limitsFigures } from "./limit-figures.ts";

/** What is kept, as JSON; null where nothing is. */
export interface KeptStanding {
  readonly circuit: string | null;
  readonly limits: string | null;
}

/** What the settings say of the limits. `dailyReserve` in percent. */
export interface LimitSettings {
  readonly burstLimit: number;
  readonly dailyReserve: number;
}

export interface HubspotStanding {
  /** Times ISO-8601 UTC, null while it is closed. */
  readonly circuit: Pick<CircuitView, "state" | "code"> & {
    readonly since: string | null;
    readonly nextTryAt: string | null;
  };
  /** Requests of the account's day; null until HubSpot has said. `reserve`: what of them is left to other apps. */
  readonly daily: {
    readonly limit: number;
    readonly remaining: number;
    readonly reserve: number;
  } | null;
  /** Slots of the ten seconds' limit, and how many of them are taken. */
  readonly burst: { readonly limit: number; readonly used: number };
}

/**
 * Reads it; what is not kept or cannot be read is as if nothing had been asked of HubSpot yet.
 *
 * @param now ms since the epoch
 * @param iso how milliseconds since the epoch are written
 */
export function readStanding(
  kept: KeptStanding,
  { burstLimit, dailyReserve }: LimitSettings,
  now: number,
  iso: (ms: number) => string,
): HubspotStanding {
  const { state, code, since, nextTryAt } = circuitState(kept.circuit, now);
  const figures = limitsFigures(kept.limits, now, dailyReserve);
  return {
    circuit: {
      ...{ state, code },
      since: since === null ? null : iso(since),
      nextTryAt: nextTryAt === null ? null : iso(nextTryAt),
    },
    daily: figures?.daily ?? null,
    burst: figures?.burst ?? { limit: burstLimit, used: 0 },
  };
}
