/** Records that an agent or a person typed in, as a source: one small batch. */
import { describeColumns, planColumns } from "../core/column-names.ts";
import { AppError } from "../core/errors.ts";
import type { ImportRow, RawRow, SourceDescription } from "../core/import-row.ts";
import { createRowNormaliser, type NormaliseRow } from "../core/normalise-record.ts";
import { SeenKeys } from "../core/seen-keys.ts";
import type { ImportRequest, OpenedSource } from "../ports/sources.ts";

const MAX_RECORDS = 200;

type RecordsRequest = Extract<ImportRequest, { source: "records" }>;

/**
 * Opens typed-in records. Their keys are read like column names; values that are no text become text. Throws `input`
 * for none or too many, and when no key means an e-mail address.
 */
export async function openRecords({ records, column_map }: RecordsRequest): Promise<OpenedSource> {
  if (records.length === 0 || records.length > MAX_RECORDS) {
    throw new AppError("input", `Give 1 to ${MAX_RECORDS} records; import a CSV file for more.`, {
      code: "RECORD_COUNT",
    });
  }
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const columns = planColumns(keys, column_map);
  const normalise = createRowNormaliser(columns);
  const seen = new SeenKeys();
  const rows = records.map((record, index) => {
    const cells = keys.map((key) => toText(Object.hasOwn(record, key) ? record[key] : undefined));
    return toRow({ keys, cells, row: index + 1 }, normalise, seen);
  });
  const description: SourceDescription = {
    ...describeColumns(columns),
    saidAt: null,
    resumed: true,
  };
  return {
    description,
    close: () => Promise.resolve(),
    batches: async function* () {
      yield { rows, checkpoint: "all", done: rows.length, total: rows.length };
    },
  };
}

interface Typed {
  readonly keys: readonly string[];
  readonly cells: readonly string[];
  readonly row: number;
}

function toRow({ keys, cells, row }: Typed, normalise: NormaliseRow, seen: SeenKeys): ImportRow {
  const normalised = normalise(cells);
  if (normalised.kind === "record") {
    return { ...normalised, row, duplicate: !seen.add(normalised.fields.email) };
  }
  return { kind: "rejected", row, raw: rawRow(keys, cells), rejection: normalised.rejection };
}

function rawRow(keys: readonly string[], cells: readonly string[]): RawRow {
  return Object.fromEntries(keys.map((key, index) => [key, cells[index] ?? ""]));
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
