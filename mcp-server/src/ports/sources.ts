/** What the program asks of the places contacts and customers come from. */
import type { CustomerRule } from "../core/customer-columns.ts";
import type { ImportBatch, SourceDescription } from "../core/import-row.ts";
import type { CrmFilter } from "./crm.ts";

/** An import's input as the caller named it, already parsed by the tool's schema. */
export type ImportRequest =
  | {
      readonly source: "csv";
      readonly path: string;
      readonly column_map?: Readonly<Record<string, string>>;
      /** Given when the rows are customers: what their field map says. */
      readonly customers?: readonly CustomerRule[];
    }
  | { readonly source: "lemlist"; readonly campaign_id?: string }
  | { readonly source: "hubspot"; readonly filters?: readonly CrmFilter[] }
  | {
      readonly source: "records";
      readonly records: readonly Readonly<Record<string, unknown>>[];
      readonly column_map?: Readonly<Record<string, string>>;
      readonly customers?: readonly CustomerRule[];
    };

/** An opened input: its description, then its batches. `close` may be called at any time, more than once. */
export interface OpenedSource {
  readonly description: SourceDescription;
  batches(): AsyncIterable<ImportBatch>;
  close(): Promise<void>;
}

/** Where to go on, and what ends it: an aborted signal makes the batches throw its reason. */
export interface Resume {
  readonly checkpoint: string | null;
  readonly signal: AbortSignal;
}

/** Opens an input, resuming after a checkpoint. Throws `input` errors that say the mend. */
export type OpenSource = (request: ImportRequest, resume: Resume) => Promise<OpenedSource>;
