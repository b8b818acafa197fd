/** Who is associated with whom, kept in both directions. */
import {
  type AssociationType,
  associationTypesBetween,
  findAssociationType,
} from "./association-types.ts";

/** One end of an association. */
export type End = { readonly typeId: string; readonly id: string };

/** `typeId/id` → other object type → other id → association type numbers. */
export type AssociationStore = Map<string, Map<string, Map<string, Set<number>>>>;

const NOBODY: ReadonlyMap<string, ReadonlySet<number>> = new Map();

function keyOf(end: End): string {
  return `${end.typeId}/${end.id}`;
}

/** The associated ids of one object type, in the order in which they were associated. */
export function linksOf(
  store: AssociationStore,
  from: End,
  toTypeId: string,
): ReadonlyMap<string, ReadonlySet<number>> {
  return store.get(keyOf(from))?.get(toTypeId) ?? NOBODY;
}

function typesBetween(store: AssociationStore, from: End, to: End): Set<number> {
  const byType = store.get(keyOf(from)) ?? new Map<string, Map<string, Set<number>>>();
  store.set(keyOf(from), byType);
  const byId = byType.get(to.typeId) ?? new Map<string, Set<number>>();
  byType.set(to.typeId, byId);
  const types = byId.get(to.id) ?? new Set<number>();
  byId.set(to.id, types);
  return types;
}

function dropIfEmpty(store: AssociationStore, from: End, to: End): void {
  const byId = store.get(keyOf(from))?.get(to.typeId);
  if (byId?.get(to.id)?.size === 0) byId.delete(to.id);
}

/** Takes one type off a pair, in both directions. */
function removeType(store: AssociationStore, from: End, to: End, type: AssociationType): void {
  store.get(keyOf(from))?.get(to.typeId)?.get(to.id)?.delete(type.typeId);
  store.get(keyOf(to))?.get(from.typeId)?.get(from.id)?.delete(type.inverse);
  dropIfEmpty(store, from, to);
  dropIfEmpty(store, to, from);
}

/** Only one company of a contact is primary: the former one keeps its unlabeled association. */
function clearFormer(store: AssociationStore, from: End, to: End, type: AssociationType): void {
  if (!type.isExclusive) return;
  for (const [id, types] of linksOf(store, from, to.typeId)) {
    if (id !== to.id && types.has(type.typeId))
      removeType(store, from, { typeId: to.typeId, id }, type);
  }
}

function addType(store: AssociationStore, from: End, to: End, type: AssociationType): void {
  const back = findAssociationType(to.typeId, from.typeId, type.inverse);
  clearFormer(store, from, to, type);
  if (back !== undefined) clearFormer(store, to, from, back);
  typesBetween(store, from, to).add(type.typeId);
  typesBetween(store, to, from).add(type.inverse);
}

/** Associates two records. Any labelled type brings the unlabeled one along, as type 1 brings 279. */
export function link(
  store: AssociationStore,
  from: End,
  to: End,
  typeIds: readonly number[],
): void {
  const available = associationTypesBetween(from.typeId, to.typeId);
  for (const type of available) {
    if (type.label === null || typeIds.includes(type.typeId)) addType(store, from, to, type);
  }
}

/** Takes labels off a pair; taking the unlabeled one removes the association altogether. */
export function unlinkTypes(
  store: AssociationStore,
  from: End,
  to: End,
  typeIds: readonly number[],
): void {
  const available = associationTypesBetween(from.typeId, to.typeId);
  const isWhole = available.some((type) => type.label === null && typeIds.includes(type.typeId));
  for (const type of available) {
    if (isWhole || typeIds.includes(type.typeId)) removeType(store, from, to, type);
  }
}

/** Removes every association between two records. */
export function unlink(store: AssociationStore, from: End, to: End): void {
  for (const type of associationTypesBetween(from.typeId, to.typeId))
    removeType(store, from, to, type);
}

/** Every association of one record, as other ends with their type numbers. */
export function everyLink(store: AssociationStore, from: End): { to: End; typeIds: number[] }[] {
  return [...(store.get(keyOf(from)) ?? [])].flatMap(([typeId, byId]) =>
    [...byId].map(([id, types]) => ({ to: { typeId, id }, typeIds: [...types] })),
  );
}

/** Removes a record from all its associations. */
export function unlinkAll(store: AssociationStore, end: End): void {
  for (const { to } of everyLink(store, end)) unlink(store, end, to);
}
