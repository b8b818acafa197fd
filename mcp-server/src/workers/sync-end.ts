/** How what happened to a record ends its part in a run. */
import { CIRCUIT_OPEN } from "../core/circuit.ts";
import { halves } from "../core/digest.ts";
import type { AppError } from "../core/errors.ts";
import { quickRetryMs } from "../core/retry-policy.ts";
import { failedEnd, parkedMs, type SyncEnd } from "../core/sync-record.ts";
import type { CrmCall } from "../ports/crm.ts";
import { iso } from "./iso-time.ts";

/** What an end depends on besides the error: whether the run was asked to stop, and the time. */
export interface EndingRun {
  readonly call: CrmCall;
  readonly now: () => number;
}

/** The end that an error means. Work that was not done because the run was asked to stop, or because HubSpot does not answer, is nobody's failure. */
export function endOf({ call, now }: EndingRun, error: AppError): SyncEnd {
  if (isStop(call.signal, error)) return { kind: "again" };
  if (error.code === CIRCUIT_OPEN) return { kind: "again", due_at: iso(now() + parkedMs(error)) };
  return failedEnd(error, now(), iso);
}

/** What quick tries depend on: how often each record was tried since it was last settled. */
export interface TryingRun {
  readonly runId: string;
  readonly now: () => number;
  readonly tries?: ReadonlyMap<number, number>;
}

/**
 * The ends with those put off that may have been written: such a record is read again in a moment, as often as document B tries. All of a run for one
 * moment, so that they are read together.
 */
export function withQuickTries(
  { runId, now, tries }: TryingRun,
  ends: ReadonlyMap<number, SyncEnd>,
): ReadonlyMap<number, SyncEnd> {
  const chance = halves(runId).high / 2 ** 32;
  const soon = [...ends].flatMap(([id, end]): readonly (readonly [number, SyncEnd])[] => {
    if (end.kind !== "failed" || end.cause !== "unknown-outcome") return [];
    const waitMs = quickRetryMs(tries?.get(id) ?? 0, chance);
    return waitMs === null ? [] : [[id, { kind: "soon", due_at: iso(now() + waitMs) }]];
  });
  return soon.length === 0 ? ends : new Map([...ends, ...soon]);
}

function isStop(signal: AbortSignal | undefined, error: AppError): boolean {
  return signal?.aborted === true && (error === signal.reason || error.kind === "cancelled");
}
