/** Association batches: create, default, read, archive. */
import { apiSource, recordsOf } from "./account.ts";
import type { End } from "./association-store.ts";
import {
  ASSOCIATION_PAGE,
  associatedWith,
  checkTypeIds,
  connect,
  defaultTypeId,
  endOf,
  labelsBody,
  part,
} from "./associations.ts";
import { batchReply, emptyBatch } from "./batch.ts";
import { asObject, batchInputs, type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, type BatchError, missingAttributes } from "./errors.ts";
import { readTypeId } from "./inline-associations.ts";
import { unlinkRecords } from "./links.ts";
import { resolveId } from "./records.ts";
import { afterLinkChange } from "./rollups.ts";

const MAX_READ = 1_000;
const MAX_WRITE = 2_000;

type Outcome = { results: unknown[]; errors: BatchError[] };
type Row = Record<string, unknown>;

function idOf(row: Row, side: "from" | "to"): string {
  const id = idText(asObject(row[side] ?? {})["id"]);
  if (id === undefined) throw missingAttributes("PublicAssociationMultiPost", [side]);
  return id;
}

/** Runs each input; a missing record becomes an error beside the results. */
function each(inputs: readonly Row[], run: (row: Row) => unknown): Outcome {
  const outcome: Outcome = { results: [], errors: [] };
  for (const row of inputs) {
    try {
      outcome.results.push(run(row));
    } catch (failure) {
      if (!(failure instanceof ApiFailure) || failure.status !== 404) throw failure;
      outcome.errors.push({ status: "error", ...failure.fault });
    }
  }
  return outcome;
}

/** Fails the whole request, before anything is associated, where an input lacks an end. */
function refuseLoose(inputs: readonly Row[]): void {
  for (const row of inputs) for (const side of ["from", "to"] as const) idOf(row, side);
}

function endsOf(call: Call, row: Row): { from: End; to: End } {
  const from = endOf(call, call.type, idOf(row, "from"));
  return { from, to: endOf(call, call.toType, idOf(row, "to")) };
}

function typeIdsOf(row: Row): number[] {
  const { types } = row;
  if (!Array.isArray(types) || types.length === 0)
    throw missingAttributes("PublicAssociationMultiPost", ["types"]);
  return types.map(readTypeId);
}

/** batch/create with association types: 201, or 207 beside missing records. */
export function batchCreateAssociations(call: Call): Reply {
  const inputs = batchInputs(call, MAX_WRITE);
  if (inputs === null) return emptyBatch(call);
  refuseLoose(inputs);
  for (const row of inputs) checkTypeIds(call, typeIdsOf(row));
  const outcome = each(inputs, (row) => {
    const { from, to } = endsOf(call, row);
    const typeIds = typeIdsOf(row);
    connect(call, from, to, typeIds);
    return labelsBody(call, from, to, typeIds);
  });
  return batchReply(call, outcome, 201);
}

/** batch/associate/default: the unlabeled type for each pair. */
export function batchAssociateDefault(call: Call): Reply {
  const inputs = batchInputs(call, MAX_WRITE);
  if (inputs === null) return emptyBatch(call);
  refuseLoose(inputs);
  const associationTypeId = defaultTypeId(call);
  const outcome = each(inputs, (row) => {
    const { from, to } = endsOf(call, row);
    connect(call, from, to, []);
    return {
      from: { id: from.id },
      to: { id: to.id },
      associationSpec: { associationCategory: "HUBSPOT_DEFINED", associationTypeId },
    };
  });
  return batchReply(call, outcome, 200);
}

/** Recorded response, 2026-02: a record without associations is an error, not an empty list. */
function nothingAssociated(call: Call, id: string): BatchError {
  const { type, toType } = call;
  return {
    status: "error",
    category: "OBJECT_NOT_FOUND",
    subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
    message: `No ${toType.singular} is associated with ${type.singular} ${id}.`,
    context: {
      fromObjectId: [id],
      fromObjectType: [type.singular],
      toObjectType: [toType.singular],
    },
  };
}

function readOne(call: Call, row: Row, outcome: Outcome): void {
  const id = idText(row["id"]);
  if (id === undefined) throw missingAttributes("PublicFetchAssociationsBatchRequest", ["id"]);
  const record = resolveId(recordsOf(call.account, call.type), id);
  const isLive = record?.archivedAt === null;
  const all = isLive ? associatedWith(call, { typeId: call.type.id, id: record.id }) : [];
  if (all.length === 0) {
    outcome.errors.push(nothingAssociated(call, id));
    return;
  }
  const start = Number(row["after"] ?? 0) || 0;
  const next = start + ASSOCIATION_PAGE;
  const paging = next < all.length ? { paging: { next: { after: String(next) } } } : {};
  outcome.results.push({ from: { id }, to: all.slice(start, next), ...paging });
}

/** batch/read: what is associated with each of up to 1,000 records. */
export function batchReadAssociations(call: Call): Reply {
  const inputs = batchInputs(call, MAX_READ);
  if (inputs === null) return emptyBatch(call);
  const outcome: Outcome = { results: [], errors: [] };
  for (const row of inputs) readOne(call, row, outcome);
  return batchReply(call, outcome, 200);
}

/** batch/archive: parts each pair; unknown records are passed over. */
export function batchArchiveAssociations(call: Call): Reply {
  for (const row of batchInputs(call, MAX_WRITE) ?? []) {
    const from = { typeId: call.type.id, id: idOf(row, "from") };
    const targets = Array.isArray(row["to"]) ? row["to"] : [row["to"]];
    for (const target of targets)
      part(call, from, { typeId: call.toType.id, id: idOf({ to: target }, "to") });
  }
  return { status: 204 };
}

/** batch/labels/archive: takes the given types off each pair. */
export function batchArchiveLabels(call: Call): Reply {
  for (const row of batchInputs(call, MAX_WRITE) ?? []) {
    const from = { typeId: call.type.id, id: idOf(row, "from") };
    const to = { typeId: call.toType.id, id: idOf(row, "to") };
    unlinkRecords(call.account, { from, to, typeIds: typeIdsOf(row) }, apiSource(call.account));
    afterLinkChange(call.account, from, to);
  }
  return { status: 204 };
}
