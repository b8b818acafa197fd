/** How HubSpot stands towards us, as all processes know it together: whether it answers, and what is left of its limits. */
import { type CircuitView, circuitState } from "./circuit.ts";
import { hubspotLimits } from "./limit-plan.ts";
import { heldAt, storedLimits } from "./shared-limits.ts";

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
  readonly circuit: CircuitView;
  /** Requests of the account's day; null until HubSpot has said. `reserve`: what of them is left to other apps. */
  readonly daily: {
    readonly limit: number;
    readonly remaining: number;
    readonly reserve: number;
  } | null;
  /** Slots of the ten seconds' limit, and how many of them are taken. */
  readonly burst: { readonly limit: number; readonly used: number };
}

// A process that ended with requests under way may hold their slots for so long.
const REQUEST_MS = 30_000;

/** Reads it; what is not kept or cannot be read is as if nothing had been asked of HubSpot yet. @param now ms since the epoch */
export function readStanding(
  kept: KeptStanding,
  settings: LimitSettings,
  now: number,
): HubspotStanding {
  const plan = hubspotLimits({ ...settings, requestMs: REQUEST_MS });
  const limits = kept.limits === null ? null : storedLimits(kept.limits);
  const circuit = circuitState(kept.circuit, now);
  if (limits === null)
    return { circuit, daily: null, burst: { limit: settings.burstLimit, used: 0 } };
  const { limit, remaining } = limits.days.objects;
  const held = Object.values(limits.holders).map(({ at, windows }) =>
    heldAt(windows.burst, Math.max(0, now - at), plan, "burst"),
  );
  const total = limits.windows.burst.limit;
  return {
    circuit,
    daily:
      limit === null || remaining === null
        ? null
        : { limit, remaining, reserve: (limit * settings.dailyReserve) / 100 },
    burst: {
      limit: total,
      used: Math.min(
        total,
        held.reduce((sum, count) => sum + count, 0),
      ),
    },
  };
}
