/** `associations` inside a create: to whom, by which types. */
import { type Account, recordsOf } from "./account.ts";
import type { End } from "./association-store.ts";
import { associationTypesBetween } from "./association-types.ts";
import { asObject, idText } from "./call.ts";
import { ApiFailure, invalid, missingAttributes, unreadable } from "./errors.ts";
import { OBJECT_TYPES, type ObjectType } from "./object-types.ts";
import { resolveId } from "./records.ts";

/** An association to make once the record exists. */
export type WantedLink = { to: End; typeIds: number[] };

const CATEGORIES = ["HUBSPOT_DEFINED", "USER_DEFINED", "INTEGRATOR_DEFINED"];

/** The type number of an `{associationCategory, associationTypeId}`; both are required. */
export function readTypeId(value: unknown): number {
  const spec = asObject(value);
  const missing = ["associationCategory", "associationTypeId"].filter(
    (name) => spec[name] === undefined || spec[name] === null,
  );
  if (missing.length > 0) throw missingAttributes("AssociationSpec", missing);
  const category = String(spec["associationCategory"]);
  if (!CATEGORIES.includes(category))
    throw unreadable(
      `Cannot deserialize value of type \`AssociationCategory\` from String "${category}": not one of the values accepted for Enum class: [${CATEGORIES.join(", ")}]`,
    );
  const typeId = Number(spec["associationTypeId"]);
  if (Number.isInteger(typeId)) return typeId;
  throw unreadable(
    `Cannot deserialize value of type \`int\` from ${JSON.stringify(spec["associationTypeId"])}`,
  );
}

/** 404 for an association to a record that is not there. */
export function targetNotFound(type: ObjectType, id: string): ApiFailure {
  return new ApiFailure(404, {
    message: `No ${type.singular} with ID ${id} exists.`,
    category: "OBJECT_NOT_FOUND",
    subCategory: "crm.associations.TO_OBJECT_NOT_FOUND",
    context: { toObjectId: [id], toObjectType: [type.singular] },
  });
}

function targetType(from: ObjectType, typeIds: readonly number[]): ObjectType {
  const target = OBJECT_TYPES.find((to) =>
    typeIds.every((typeId) =>
      associationTypesBetween(from.id, to.id).some((type) => type.typeId === typeId),
    ),
  );
  if (target === undefined)
    throw invalid(
      `Association types [${typeIds.join(", ")}] do not lead from ${from.singular} to one object type`,
    );
  return target;
}

function readLink(account: Account, from: ObjectType, value: unknown): WantedLink {
  const wanted = asObject(value);
  const id = idText(asObject(wanted["to"] ?? {})["id"]);
  const types = wanted["types"];
  if (id === undefined || !Array.isArray(types) || types.length === 0)
    throw missingAttributes("PublicAssociationsForObject", ["to", "types"]);
  const typeIds = types.map(readTypeId);
  const type = targetType(from, typeIds);
  const record = resolveId(recordsOf(account, type), id);
  if (record === undefined || record.archivedAt !== null) throw targetNotFound(type, id);
  return { to: { typeId: type.id, id: record.id }, typeIds };
}

/** The wanted associations, targets checked. Absent is none. */
export function findLinks(account: Account, from: ObjectType, value: unknown): WantedLink[] {
  return Array.isArray(value) ? value.map((entry) => readLink(account, from, entry)) : [];
}
