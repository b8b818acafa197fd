/** The one error class of the program, its closed kinds, and the table that says how each kind is treated. */

/** Why something could not be done. The kind alone decides retry, HTTP status and what a person is told. */
export const errorKinds = [
  "input",
  "not-found",
  "stale",
  "conflict",
  "auth",
  "no-credits",
  "rate-limited",
  "unavailable",
  "unknown-outcome",
  "cancelled",
  "bug",
] as const;
export type ErrorKind = (typeof errorKinds)[number];

/** How document B's error table treats a kind. `status` is the HTTP status of our own answer. */
export interface ErrorTreatment {
  readonly retry: boolean;
  readonly status: number;
  readonly alert: boolean;
}

/**
 * Treatment per kind. `unknown-outcome` (a write that may have happened) is retried only through a new
 * read of the record, never by sending the same request again.
 */
export const treatments: Readonly<Record<ErrorKind, ErrorTreatment>> = {
  input: { retry: false, status: 400, alert: false },
  "not-found": { retry: false, status: 404, alert: false },
  stale: { retry: false, status: 409, alert: false },
  conflict: { retry: false, status: 409, alert: false },
  auth: { retry: false, status: 502, alert: true },
  "no-credits": { retry: false, status: 502, alert: true },
  "rate-limited": { retry: true, status: 503, alert: false },
  unavailable: { retry: true, status: 503, alert: false },
  "unknown-outcome": { retry: true, status: 503, alert: false },
  cancelled: { retry: false, status: 409, alert: false },
  bug: { retry: false, status: 500, alert: true },
};

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Stable machine-readable code, upper snake case; defaults to the kind in that form. */
  readonly code?: string;
  /** After how long trying again makes sense, in milliseconds: as the other side asked, or as its failure is known to pass. */
  readonly retryAfterMs?: number;
  /** What a caller can act on, e.g. missing scopes. Never contact data or secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * A failure in our own words: the message says the mend, foreign text stays in `cause` and never
 * reaches a model or a person.
 */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly retryAfterMs: number | null;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, options: AppErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "AppError";
    this.kind = kind;
    this.code = options.code ?? kind.toUpperCase().replaceAll("-", "_");
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.details = options.details ?? {};
  }
}

/** Any thrown thing as an AppError; what we did not expect becomes a `bug` without its foreign text. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError("bug", "Something went wrong inside hubspot-sync; the log has the details.", {
    cause: thrown,
  });
}
