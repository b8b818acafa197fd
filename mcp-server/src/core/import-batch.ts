/** What a batch of rows does to the contacts it names: one plan per e-mail, one outcome per row. */
import type { Contact, ContactFields, ContactPatch } from "./contact.ts";
import { mergeIntoNew, newFields, planImport, type Said, type Statement } from "./import-merge.ts";
import type { ImportRow } from "./import-row.ts";

export type RecordRow = Extract<ImportRow, { kind: "record" }>;

/** How many rows ended which way. `duplicates` are among them; `kept` counts values that were newer than the input. */
export interface RowCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly duplicates: number;
  readonly kept: number;
}

/** What becomes of one contact, and of the rows that named it. */
export type ContactPlan =
  | {
      readonly kind: "insert";
      readonly fields: ContactFields;
      readonly rows: readonly RecordRow[];
      readonly counts: RowCounts;
    }
  | {
      readonly kind: "update";
      readonly id: number;
      readonly set: ContactPatch;
      readonly rows: readonly RecordRow[];
      readonly counts: RowCounts;
    }
  | {
      readonly kind: "none";
      readonly id: number;
      readonly rows: readonly RecordRow[];
      readonly counts: RowCounts;
    };

export const noRows: RowCounts = { created: 0, updated: 0, unchanged: 0, duplicates: 0, kept: 0 };

export function addRows(a: RowCounts, b: RowCounts): RowCounts {
  return {
    created: a.created + b.created,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    duplicates: a.duplicates + b.duplicates,
    kept: a.kept + b.kept,
  };
}

/** Plans for all e-mails of a batch, in the order in which they first appear. Rows keep their order within a plan. */
export function planBatch(
  rows: readonly RecordRow[],
  stored: readonly Contact[],
  said: Said,
): readonly ContactPlan[] {
  const known = new Map(stored.map((contact) => [contact.email, contact]));
  const byEmail = new Map<string, RecordRow[]>();
  for (const row of rows) {
    const same = byEmail.get(row.fields.email);
    if (same === undefined) byEmail.set(row.fields.email, [row]);
    else same.push(row);
  }
  return [...byEmail].map(([email, same]) => {
    const contact = known.get(email);
    return contact === undefined ? planNew(same) : planKnown(same, contact, said);
  });
}

function planNew(rows: readonly RecordRow[]): ContactPlan {
  const [first, ...others] = rows.map(statementOf);
  if (first === undefined) throw new RangeError("a plan needs a row");
  let fields = newFields(first);
  let updated = 0;
  for (const statement of others) {
    const merged = mergeIntoNew(fields, statement);
    if (merged !== null) updated += 1;
    fields = merged ?? fields;
  }
  const counts = {
    created: 1,
    updated,
    unchanged: others.length - updated,
    duplicates: countDuplicates(rows),
    kept: 0,
  };
  return { kind: "insert", fields, rows, counts };
}

function planKnown(rows: readonly RecordRow[], contact: Contact, said: Said): ContactPlan {
  let state = contact;
  let set: ContactPatch = {};
  let updated = 0;
  let kept = 0;
  for (const row of rows) {
    const outcome = planImport(state, statementOf(row), said);
    kept += outcome.kept.length;
    if (outcome.kind === "unchanged") continue;
    updated += 1;
    set = { ...set, ...outcome.set };
    state = { ...state, ...outcome.set };
  }
  const counts = {
    created: 0,
    updated,
    unchanged: rows.length - updated,
    duplicates: countDuplicates(rows),
    kept,
  };
  const { id } = contact;
  return updated > 0
    ? { kind: "update", id, set, rows, counts }
    : { kind: "none", id, rows, counts };
}

/** What HubSpot holds of a contact that we have already only fills gaps; differences are for the sync to settle. */
function statementOf(row: RecordRow): Statement {
  const { fields, companyDomain } = row;
  return { fields, companyDomain, fillOnly: row.duplicate || row.remote !== undefined };
}

function countDuplicates(rows: readonly RecordRow[]): number {
  return rows.reduce((count, row) => count + (row.duplicate ? 1 : 0), 0);
}
