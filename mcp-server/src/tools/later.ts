/** What the arguments already name but this release does not do; refused plainly instead of being ignored. */
import { AppError } from "../core/errors.ts";

/** `object: customers`. */
export function laterObject(): AppError {
  return later(
    "object",
    'Customers are not in this release; "object" can be contacts (or be left out).',
  );
}

/** `mode: reconcile`. */
export function laterReconcile(): AppError {
  return later(
    "mode",
    'Reconciling is not in this release; "mode" can be changes (or be left out).',
  );
}

/** `plan_id`. */
export function laterPlan(): AppError {
  return later(
    "plan_id",
    'Applying a stored plan is not in this release: preview with "dry_run", then call sync without "plan_id".',
  );
}

function later(argument: string, message: string): AppError {
  return new AppError("input", message, { code: "NOT_IN_THIS_RELEASE", details: { argument } });
}
