/** Association endpoints for one pair: read, default, labels, removal, and the list of types. */
import { apiSource, recordsOf } from "./account.ts";
import { type End, linksOf } from "./association-store.ts";
import { associationTypesBetween, findAssociationType } from "./association-types.ts";
import { batchReply } from "./batch.ts";
import { type Call, limitParam, type Reply } from "./call.ts";
import { ApiFailure, invalid } from "./errors.ts";
import { readTypeId, targetNotFound } from "./inline-associations.ts";
import { linkRecords, partRecords, relinkRecords } from "./links.ts";
import type { ObjectType } from "./object-types.ts";
import { resolveId } from "./records.ts";
import { afterLinkChange } from "./rollups.ts";

/** Associated records that one page of a read holds. */
export const ASSOCIATION_PAGE = 500;

/** One associated record in an answer: the id is a number here. */
export type AssociatedBody = {
  toObjectId: number;
  associationTypes: { category: string; typeId: number; label: string | null }[];
};

/** The end that an id names; 404 when the record is not there. */
export function endOf(call: Call, type: ObjectType, id: string): End {
  const record = resolveId(recordsOf(call.account, type), id);
  if (record !== undefined && record.archivedAt === null) return { typeId: type.id, id: record.id };
  const missing = targetNotFound(type, id);
  if (type !== call.type) throw missing;
  throw new ApiFailure(404, {
    ...missing.fault,
    subCategory: "crm.associations.FROM_OBJECT_NOT_FOUND",
    context: { fromObjectId: [id], fromObjectType: [type.singular] },
  });
}

/** 400 when one of the numbers is no association type between the two objects. */
export function checkTypeIds(call: Call, typeIds: readonly number[]): void {
  for (const typeId of typeIds) {
    if (findAssociationType(call.type.id, call.toType.id, typeId) === undefined)
      throw invalid(
        `Association type ${typeId} does not exist between ${call.type.singular} and ${call.toType.singular}`,
        { subCategory: "crm.associations.INVALID_ASSOCIATION_TYPE" },
      );
  }
}

/** Associates and counts notes. */
export function connect(call: Call, from: End, to: End, typeIds: readonly number[]): void {
  linkRecords(call.account, { from, to, typeIds }, apiSource(call.account));
  afterLinkChange(call.account, from, to);
}

/** Parts two records and counts notes. */
export function part(call: Call, from: End, to: End): void {
  partRecords(call.account, { from, to }, apiSource(call.account));
  afterLinkChange(call.account, from, to);
}

/** The unlabeled type between the two objects of the path; 400 when they cannot be associated. */
export function defaultTypeId(call: Call): number {
  const unlabeled = associationTypesBetween(call.type.id, call.toType.id).find(
    ({ label }) => label === null,
  );
  if (unlabeled === undefined)
    throw invalid(`${call.type.name} cannot be associated with ${call.toType.name}`);
  return unlabeled.typeId;
}

/** What an answer says of a labelled association. */
export function labelsBody(call: Call, from: End, to: End, typeIds: readonly number[]) {
  const labels = typeIds
    .map((typeId) => findAssociationType(call.type.id, call.toType.id, typeId)?.label ?? null)
    .filter((label) => label !== null);
  return {
    fromObjectTypeId: from.typeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: to.typeId,
    toObjectId: Number(to.id),
    labels,
  };
}

/** The records associated with one, live ones only. */
export function associatedWith(call: Call, from: End): AssociatedBody[] {
  const targets = recordsOf(call.account, call.toType);
  return [...linksOf(call.account.associations, from, call.toType.id)]
    .filter(([id]) => resolveId(targets, id)?.archivedAt === null)
    .map(([id, typeIds]) => ({
      toObjectId: Number(id),
      associationTypes: [...typeIds]
        .sort((a, b) => a - b)
        .map((typeId) => ({
          category: "HUBSPOT_DEFINED",
          typeId,
          label: findAssociationType(call.type.id, call.toType.id, typeId)?.label ?? null,
        })),
    }));
}

function pair(call: Call): { from: End; to: End } {
  const [fromId = "", toId = ""] = call.params;
  return { from: endOf(call, call.type, fromId), to: endOf(call, call.toType, toId) };
}

/** PUT …/associations/default/{to}/{toId}. */
export function putDefault(call: Call): Reply {
  const { from, to } = pair(call);
  const associationTypeId = defaultTypeId(call);
  connect(call, from, to, []);
  const result = {
    from: { id: from.id },
    to: { id: to.id },
    associationSpec: { associationCategory: "HUBSPOT_DEFINED", associationTypeId },
  };
  return batchReply(call, { results: [result], errors: [] }, 200);
}

/** PUT …/associations/{to}/{toId}: the given labels replace those of the pair. */
export function putLabels(call: Call): Reply {
  if (!Array.isArray(call.body) || call.body.length === 0)
    throw invalid("At least one association type must be given");
  const typeIds = call.body.map(readTypeId);
  checkTypeIds(call, typeIds);
  const { from, to } = pair(call);
  relinkRecords(call.account, { from, to, typeIds }, apiSource(call.account));
  afterLinkChange(call.account, from, to);
  return { status: 201, body: labelsBody(call, from, to, typeIds) };
}

/** DELETE of all associations of a pair. */
export function deletePair(call: Call): Reply {
  const { from, to } = pair(call);
  part(call, from, to);
  return { status: 204 };
}

/** GET of everything associated with one record. */
export function listAssociated(call: Call): Reply {
  const limit = limitParam(call, ASSOCIATION_PAGE, ASSOCIATION_PAGE);
  const start = Number(call.query.get("after") ?? 0) || 0;
  const all = associatedWith(call, endOf(call, call.type, call.params[0] ?? ""));
  const next = start + limit;
  const paging = next < all.length ? { paging: { next: { after: String(next) } } } : {};
  return { status: 200, body: { results: all.slice(start, next), ...paging } };
}

/** GET of the association types between two objects. */
export function listTypes(call: Call): Reply {
  const results = associationTypesBetween(call.type.id, call.toType.id).map(
    ({ typeId, label }) => ({ category: "HUBSPOT_DEFINED", typeId, label }),
  );
  return { status: 200, body: { results } };
}
