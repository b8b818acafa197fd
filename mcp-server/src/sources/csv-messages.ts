/** What the CSV reading thread and its owner say to each other. */
import type { CustomerRule } from "../core/customer-columns.ts";
import type { ErrorKind } from "../core/errors.ts";

/** What the thread starts with. */
export interface CsvTask {
  readonly path: string;
  /** The very file that may be read; another one in its place is refused. */
  readonly identity: string;
  /** How long it was when it was judged, and when it had been changed last (ms since the epoch): what is read is this and no more. */
  readonly size: number;
  readonly modifiedAtMs: number;
  readonly columnMap: Readonly<Record<string, string>>;
  /** Given when the rows are customers: what their field map says. */
  readonly customers?: readonly CustomerRule[];
  /** Data rows that an earlier run consumed: read again for their keys, not handed out again. */
  readonly skipRows: number;
}

/**
 * From the thread. Rows travel as JSON texts of some rows each: cheaper to take in than a structured clone of many
 * small objects, and short enough that the texts die young (V8 keeps large ones until a full collection).
 */
export type CsvMessage =
  | {
      readonly kind: "opened";
      readonly mapped: Readonly<Record<string, string>>;
      readonly unknown: readonly string[];
      readonly total: number | null;
    }
  | { readonly kind: "batch"; readonly rows: readonly string[]; readonly done: number }
  | { readonly kind: "end" }
  | {
      readonly kind: "failed";
      readonly error: {
        readonly kind: ErrorKind;
        readonly message: string;
        readonly code: string;
        readonly details: Readonly<Record<string, unknown>>;
        readonly cause: string | null;
      };
    };

/** To the thread: one batch was taken, another may come. */
export interface CsvMore {
  readonly kind: "more";
}
