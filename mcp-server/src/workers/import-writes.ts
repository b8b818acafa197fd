/** Writes what a batch's plans say, and plans again where another writer was faster. */
import {
  addRows,
  type ContactPlan,
  noRows,
  planBatch,
  type RecordRow,
  type RowCounts,
} from "../core/import-batch.ts";
import type { Said } from "../core/import-merge.ts";
import type { ImportRow, RemoteOrigin } from "../core/import-row.ts";
import type { Store } from "../ports/store.ts";

/** A contact and the HubSpot record its row was read from. */
export interface RemoteRow {
  readonly contactId: number;
  readonly remote: RemoteOrigin;
}

/** What was done with a batch's records. */
export interface Written {
  readonly counts: RowCounts;
  readonly remote: readonly RemoteRow[];
}

/** The rows of a batch that are contacts. */
export function recordsOf(rows: readonly ImportRow[]): readonly RecordRow[] {
  return rows.filter((row) => row.kind === "record");
}

/** How a batch's rows would end, without writing. Repetitions of rows from earlier batches count as unchanged. */
export async function previewRecords(
  store: Store,
  rows: readonly RecordRow[],
  said: Said,
): Promise<RowCounts> {
  const plans = await planRecords(store, rows, said);
  return plans.map(previewed).reduce(addRows, noRows);
}

function previewed({ kind, counts, rows }: ContactPlan): RowCounts {
  const isRepetition = kind === "insert" && rows.every((row) => row.duplicate);
  // The first row of this contact stood in an earlier batch, which a preview did not store.
  return isRepetition
    ? { ...noRows, unchanged: rows.length, duplicates: counts.duplicates }
    : counts;
}

/** How the batch is written. */
export interface Writing extends Said {
  readonly now: string;
  /** True = insert first and look up only those e-mails that exist: cheaper while most rows are new. */
  readonly expectsNew: boolean;
}

/** Inserts and updates in the given transaction. */
export async function writeRecords(
  store: Store,
  rows: readonly RecordRow[],
  writing: Writing,
): Promise<Written> {
  const plans = writing.expectsNew
    ? planBatch(rows, [], writing)
    : await planRecords(store, rows, writing);
  const inserts = plans.filter((plan) => plan.kind === "insert");
  const known = await update(store, plans, writing.now);
  const ids = await insert(store, inserts, writing);
  const lost = inserts.filter((plan) => !ids.has(plan.fields.email)).flatMap((plan) => plan.rows);
  // These e-mails exist after all, perhaps since another process inserted them a moment ago: now they are updates.
  const again =
    lost.length === 0
      ? nothing
      : await writeRecords(store, lost, { ...writing, expectsNew: false });
  const inserted = inserts.flatMap((plan) => {
    const contactId = ids.get(plan.fields.email);
    return contactId === undefined ? [] : [{ plan, contactId }];
  });
  const counts = [...known.map((plan) => plan.counts), ...inserted.map(({ plan }) => plan.counts)];
  return {
    counts: counts.reduce(addRows, again.counts),
    remote: [
      ...known.flatMap((plan) => remoteRows(plan.id, plan.rows)),
      ...inserted.flatMap(({ plan, contactId }) => remoteRows(contactId, plan.rows)),
      ...again.remote,
    ],
  };
}

const nothing: Written = { counts: noRows, remote: [] };

async function planRecords(
  store: Store,
  rows: readonly RecordRow[],
  said: Said,
): Promise<readonly ContactPlan[]> {
  if (rows.length === 0) return [];
  const emails = [...new Set(rows.map((row) => row.fields.email))];
  return planBatch(rows, await store.contacts.findByEmails(emails), said);
}

type InsertPlan = Extract<ContactPlan, { kind: "insert" }>;

async function insert(
  store: Store,
  plans: readonly InsertPlan[],
  { source, now }: Writing,
): Promise<ReadonlyMap<string, number>> {
  if (plans.length === 0) return new Map();
  const rows = plans.map(({ fields }) => ({ fields, source, imported_at: now }));
  const inserted = await store.contacts.insert(rows);
  return new Map(inserted.map(({ id, email }) => [email, id]));
}

type KnownPlan = Exclude<ContactPlan, { kind: "insert" }>;

async function update(
  store: Store,
  plans: readonly ContactPlan[],
  now: string,
): Promise<readonly KnownPlan[]> {
  const patches = plans.flatMap((plan) =>
    plan.kind === "update" ? [{ id: plan.id, set: plan.set }] : [],
  );
  if (patches.length > 0) await store.contacts.update(patches, now);
  return plans.filter((plan) => plan.kind !== "insert");
}

function remoteRows(contactId: number, rows: readonly RecordRow[]): readonly RemoteRow[] {
  return rows.flatMap(({ remote }) => (remote === undefined ? [] : [{ contactId, remote }]));
}
