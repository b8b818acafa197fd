/** How what happened to a record ends its part in a run. */
import type { AppError } from "../core/errors.ts";
import { failedEnd, type SyncEnd } from "../core/sync-record.ts";
import type { CrmCall } from "../ports/crm.ts";
import { iso } from "./iso-time.ts";

/** What an end depends on besides the error: whether the run was asked to stop, and the time. */
export interface EndingRun {
  readonly call: CrmCall;
  readonly now: () => number;
}

/** The end that an error means. Work that was not done because the run was asked to stop is nobody's failure. */
export function endOf({ call, now }: EndingRun, error: AppError): SyncEnd {
  return isStop(call.signal, error) ? { kind: "again" } : failedEnd(error, now(), iso);
}

function isStop(signal: AbortSignal | undefined, error: AppError): boolean {
  return signal?.aborted === true && (error === signal.reason || error.kind === "cancelled");
}
