/** What the arguments already name but this release does not do; refused plainly instead of being ignored. */
import { AppError } from "../core/errors.ts";

/** `mode: reconcile`. */
export function laterReconcile(): AppError {
  return later(
    "mode",
    'Reconciling is not in this release; "mode" can be changes (or be left out).',
  );
}

function later(argument: string, message: string): AppError {
  return new AppError("input", message, { code: "NOT_IN_THIS_RELEASE", details: { argument } });
}
