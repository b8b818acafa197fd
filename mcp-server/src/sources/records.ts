/** Records that an agent or a person typed in, as a source: one small batch. */
import { AppError } from "../core/errors.ts";
import type { SourceDescription } from "../core/import-row.ts";
import type { ImportRequest, OpenedSource } from "../ports/sources.ts";
import { contactRows, customerRows, type RowKind, toText } from "./row-kind.ts";

const MAX_RECORDS = 200;

type RecordsRequest = Extract<ImportRequest, { source: "records" }>;

/**
 * Opens typed-in records. Their keys are read like column names; a contact's values that are no text become text. Throws `input` for none or
 * too many, and when no key means an e-mail address (of customers: an account number).
 */
export async function openRecords(request: RecordsRequest): Promise<OpenedSource> {
  const { records } = request;
  if (records.length === 0 || records.length > MAX_RECORDS) {
    throw new AppError("input", `Give 1 to ${MAX_RECORDS} records; import a CSV file for more.`, {
      code: "RECORD_COUNT",
    });
  }
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const kind = kindOf(keys, request);
  const rows = records.map((record, index) =>
    kind.read(
      keys.map((key) => (Object.hasOwn(record, key) ? record[key] : undefined)),
      index + 1,
    ),
  );
  const description: SourceDescription = { ...kind.columns, saidAt: null, resumed: true };
  return {
    description,
    close: () => Promise.resolve(),
    batches: async function* () {
      yield { rows, checkpoint: "all", done: rows.length, total: rows.length };
    },
  };
}

function kindOf(
  keys: readonly string[],
  { column_map, customers }: RecordsRequest,
): RowKind<unknown> {
  if (customers) return customerRows(keys, column_map ?? {}, customers);
  const contacts = contactRows(keys, column_map);
  return { ...contacts, read: (cells, row) => contacts.read(cells.map(toText), row) };
}
