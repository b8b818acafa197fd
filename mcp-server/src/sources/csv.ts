/** CSV files as a source: read in a thread of their own, so that the process stays free to answer. */
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import type { ImportBatch } from "../core/import-row.ts";
import type { ImportRequest, OpenedSource, Resume } from "../ports/sources.ts";
import { unpackRows } from "./csv-packing.ts";
import { CsvReader } from "./csv-reader.ts";
import { type ImportFile, resolveImportPath } from "./import-path.ts";

const DEFAULT_MAX_BYTES = 1_000_000_000;

export interface CsvSourceOptions {
  /** Folders that files may be read from; their real paths count. */
  readonly roots: readonly string[];
  /** Largest file that is read, in bytes; 1 GB unless told. */
  readonly maxBytes?: number;
}

export type CsvRequest = Extract<ImportRequest, { source: "csv" }>;

/**
 * Opens CSV files. Throws `input` errors for paths outside the roots, encodings other than UTF-8, headers without a
 * column for the key and empty files; a quote that is never closed ends the batches with one.
 */
export type OpenCsv = (request: CsvRequest, resume: Resume) => Promise<OpenedSource>;

/** A source for files below `roots`. A checkpoint holds for the very file it was taken from: by size and time. */
export function createCsvSource(options: CsvSourceOptions): OpenCsv {
  return async (request, { checkpoint, signal }) => {
    const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const file = await resolveImportPath(request.path, options.roots, maxBytes);
    const skipRows = rowsConsumed(checkpoint, file);
    const task = {
      ...file,
      columnMap: request.column_map ?? {},
      skipRows,
      ...(request.customers ? { customers: request.customers } : {}),
    };
    const reader = new CsvReader(task, signal);
    try {
      return await describe(reader, { file, resumed: checkpoint === null || skipRows > 0 });
    } catch (error) {
      await reader.close();
      throw error;
    }
  };
}

async function describe(
  reader: CsvReader,
  { file, resumed }: { readonly file: ImportFile; readonly resumed: boolean },
): Promise<OpenedSource> {
  const first = await reader.next();
  if (first.kind !== "opened") throw new AppError("bug", "The CSV thread spoke out of turn.");
  const { mapped, unknown, total } = first;
  const saidAt = new Date(file.modifiedAtMs).toISOString();
  return {
    description: { mapped, unknown, saidAt, resumed },
    batches: () => readBatches(reader, { file, total }),
    close: () => reader.close(),
  };
}

async function* readBatches(
  reader: CsvReader,
  { file, total }: { readonly file: ImportFile; readonly total: number | null },
): AsyncGenerator<ImportBatch> {
  try {
    for (
      let message = await reader.next();
      message.kind === "batch";
      message = await reader.next()
    ) {
      const rows = message.rows.flatMap(unpackRows);
      const checkpoint = toCheckpoint(message.done, file);
      // The count of lines is an estimate; it never promises fewer rows than were read.
      yield {
        rows,
        checkpoint,
        done: message.done,
        total: total === null ? null : Math.max(total, message.done),
      };
    }
  } finally {
    await reader.close();
  }
}

const checkpointSchema = z.object({
  rows: z.number().int().positive(),
  size: z.number(),
  modifiedAtMs: z.number(),
});

function toCheckpoint(rows: number, { size, modifiedAtMs }: ImportFile): string {
  return JSON.stringify({ rows, size, modifiedAtMs });
}

/** Rows to pass over: 0 when there is no checkpoint, or the file is another one by now. */
function rowsConsumed(checkpoint: string | null, file: ImportFile): number {
  if (checkpoint === null) return 0;
  const known = checkpointSchema.parse(JSON.parse(checkpoint));
  const isSameFile = known.size === file.size && known.modifiedAtMs === file.modifiedAtMs;
  return isSameFile ? known.rows : 0;
}
