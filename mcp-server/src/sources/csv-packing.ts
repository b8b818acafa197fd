/** Rows on their way from the CSV thread: records as bare values in a fixed order, half as long as objects with names. */
import type { ContactFields } from "../core/contact.ts";
import type { ImportRow } from "../core/import-row.ts";

type Text = string | null;

/** A record's values: its row, whether it repeats an earlier one, then the fields in the order of `unpack`. */
type PackedRecord = readonly [
  row: number,
  duplicate: boolean,
  companyDomain: Text,
  warnings: readonly string[] | null,
  email: string,
  first_name: Text,
  last_name: Text,
  company: Text,
  domain: Text,
  job_title: Text,
  phone: Text,
  country: Text,
  city: Text,
  website: Text,
  linkedin_url: Text,
  custom: ContactFields["custom"],
  email_status: ContactFields["email_status"],
  engagement_state: Text,
  unsubscribed: boolean,
];

interface PackedRows {
  readonly records: readonly PackedRecord[];
  /** Customers and rejected rows, as they are. */
  readonly others: readonly Exclude<ImportRow, RecordRow>[];
}

type RecordRow = Extract<ImportRow, { kind: "record" }>;

/** The rows as one JSON text. */
export function packRows(rows: readonly ImportRow[]): string {
  const packed: PackedRows = {
    records: rows.filter((row) => row.kind === "record").map(pack),
    others: rows.filter((row) => row.kind !== "record"),
  };
  return JSON.stringify(packed);
}

/** The rows of a text, in their order. */
export function unpackRows(text: string): readonly ImportRow[] {
  const { records, others }: PackedRows = JSON.parse(text);
  if (records.length === 0) return others;
  const rows: ImportRow[] = records.map(unpack);
  return others.length === 0 ? rows : [...rows, ...others].sort((a, b) => a.row - b.row);
}

function pack({ row, duplicate, companyDomain, warnings, fields }: RecordRow): PackedRecord {
  return [
    row,
    duplicate,
    companyDomain,
    warnings ?? null,
    fields.email,
    fields.first_name,
    fields.last_name,
    fields.company,
    fields.domain,
    fields.job_title,
    fields.phone,
    fields.country,
    fields.city,
    fields.website,
    fields.linkedin_url,
    fields.custom,
    fields.email_status,
    fields.engagement_state,
    fields.unsubscribed,
  ];
}

function unpack(packed: PackedRecord): RecordRow {
  const [row, duplicate, companyDomain, warnings] = packed;
  const fields: ContactFields = {
    email: packed[4],
    first_name: packed[5],
    last_name: packed[6],
    company: packed[7],
    domain: packed[8],
    job_title: packed[9],
    phone: packed[10],
    country: packed[11],
    city: packed[12],
    website: packed[13],
    linkedin_url: packed[14],
    custom: packed[15],
    email_status: packed[16],
    engagement_state: packed[17],
    unsubscribed: packed[18],
  };
  const record = { kind: "record", row, duplicate, companyDomain, fields } as const;
  return warnings === null ? record : { ...record, warnings };
}
