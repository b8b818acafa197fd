/** What an import tells about itself: counts, grouped failures, and remarks in plain words. */
import { z } from "zod";
import { addRows, noRows, type RowCounts } from "./import-batch.ts";
import type { ImportRow, SourceDescription } from "./import-row.ts";
import { addError, type JobErrorGroup } from "./job.ts";
import { shortened } from "./text.ts";

/** Everything counted so far; survives a crash inside the job's row. */
export interface ImportTally {
  readonly rows: RowCounts;
  readonly rejected: number;
  readonly errors: readonly JobErrorGroup[];
  /** Values per field that could not be read and are kept in `custom`. */
  readonly unread: Readonly<Record<string, number>>;
}

export const emptyTally: ImportTally = { rows: noRows, rejected: 0, errors: [], unread: {} };

/** The tally with a batch added. Examples name rows, never what they hold. */
export function addBatch(
  tally: ImportTally,
  rows: readonly ImportRow[],
  counts: RowCounts,
): ImportTally {
  let { errors, rejected } = tally;
  const unread: Record<string, number> = { ...tally.unread };
  for (const row of rows) {
    if (row.kind === "rejected") {
      rejected += 1;
      const { code, message } = row.rejection;
      errors = addError(errors, { code, message, example: `row ${row.row}` });
    } else if (row.kind === "record") {
      for (const field of row.warnings ?? []) unread[field] = (unread[field] ?? 0) + 1;
    }
  }
  return { rows: addRows(tally.rows, counts), rejected, errors, unread };
}

/** Counts as the job shows them: created, updated, unchanged and rejected sum to the rows read. */
export function jobCounts({ rows, rejected }: ImportTally): Readonly<Record<string, number>> {
  const { created, updated, unchanged, duplicates } = rows;
  return { created, updated, unchanged, rejected, duplicates };
}

/** Remarks on an import of customers: what was understood, what was passed over, and what emptiness meant. */
export function customerNotes(
  tally: ImportTally,
  description: SourceDescription,
): readonly string[] {
  const notes = [
    understood(description),
    description.unknown.length > 0
      ? `Columns not stored, since customers have no such field: ${listed(description.unknown.map(quoted))}. ` +
        "Name their field with column_map (a part of a JSON column as in contact.fax)."
      : null,
    tally.rows.duplicates > 0
      ? `${tally.rows.duplicates} row(s) repeat an account of an earlier row; what the later row says counts.`
      : null,
    'Empty cells (also "-" and "N/A") left what is stored as it is; null in records clears a field.',
  ];
  return notes.filter((note) => note !== null);
}

const LISTED = 30;

function understood(description: SourceDescription): string | null {
  const mapped = Object.entries(description.mapped)
    .filter(([, field]) => field !== "ignore")
    .map(([name, field]) => `${quoted(name)} → ${field}`);
  return mapped.length > 0 ? `Columns understood: ${listed(mapped)}.` : null;
}

/** Remarks for the person who asked. */
export function importNotes(tally: ImportTally, description: SourceDescription): readonly string[] {
  const notes = [
    understood(description),
    description.unknown.length > 0
      ? `Columns kept as custom fields: ${listed(description.unknown.map(quoted))}.`
      : null,
    ...Object.entries(tally.unread).map(
      ([field, count]) =>
        `${count} ${field} value(s) could not be read and are kept as custom fields.`,
    ),
    tally.rows.kept > 0
      ? `${tally.rows.kept} stored value(s) stayed because they are newer than the input.`
      : null,
  ];
  return notes.filter((note) => note !== null);
}

function listed(names: readonly string[]): string {
  const rest = names.length - LISTED;
  return names.slice(0, LISTED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function quoted(name: string): string {
  return `"${shortened(name, 60)}"`;
}

const checkpointSchema = z.object({
  /** The source's own checkpoint. */
  source: z.string(),
  kept: z.number(),
  unread: z.record(z.string(), z.number()),
});
const countsSchema = z.object({
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  rejected: z.number(),
  duplicates: z.number(),
});

/** What a job's row keeps to go on after a crash, beside its counts and errors. */
export function toImportCheckpoint(source: string, tally: ImportTally): string {
  return JSON.stringify({ source, kept: tally.rows.kept, unread: tally.unread });
}

/** Where a job stood: the source's checkpoint and the tally up to it; null when it has to begin at the beginning. */
export function resumeImport(job: {
  readonly checkpoint: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly errors: readonly JobErrorGroup[];
}): { readonly source: string; readonly tally: ImportTally } | null {
  if (job.checkpoint === null) return null;
  const { source, kept, unread } = checkpointSchema.parse(JSON.parse(job.checkpoint));
  const { rejected, ...rows } = countsSchema.parse(job.counts);
  return { source, tally: { rows: { ...rows, kept }, rejected, errors: job.errors, unread } };
}
