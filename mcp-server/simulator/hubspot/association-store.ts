/** Who is associated with whom, kept in both directions. */
import {
  type AssociationType,
  associationTypesBetween,
  findAssociationType,
} from "./association-types.ts";

/** One end of an association. */
export type End = { readonly typeId: string; readonly id: string };

/** One direction of an association that was made or taken away. */
export type LinkChange = {
  readonly from: End;
  readonly to: End;
  readonly type: AssociationType;
  readonly isRemoved: boolean;
};

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

/** Takes one type off a pair, in both directions. Returns what was there. */
function removeType(
  store: AssociationStore,
  from: End,
  to: End,
  type: AssociationType,
): LinkChange[] {
  const there = store.get(keyOf(from))?.get(to.typeId)?.get(to.id);
  if (there?.delete(type.typeId) !== true) return [];
  store.get(keyOf(to))?.get(from.typeId)?.get(from.id)?.delete(type.inverse);
  dropIfEmpty(store, from, to);
  dropIfEmpty(store, to, from);
  return bothWays({ from, to, type, isRemoved: true });
}

/** The change, and the same seen from the other end. */
function bothWays(change: LinkChange): LinkChange[] {
  const { from, to, type } = change;
  const back = findAssociationType(to.typeId, from.typeId, type.inverse);
  return back === undefined ? [change] : [change, { ...change, from: to, to: from, type: back }];
}

/** Only one company of a contact is primary: the former one keeps its unlabeled association. */
function clearFormer(
  store: AssociationStore,
  from: End,
  to: End,
  type: AssociationType,
): LinkChange[] {
  if (!type.isExclusive) return [];
  const former = [...linksOf(store, from, to.typeId)].filter(
    ([id, types]) => id !== to.id && types.has(type.typeId),
  );
  return former.flatMap(([id]) => removeType(store, from, { typeId: to.typeId, id }, type));
}

function addType(store: AssociationStore, from: End, to: End, type: AssociationType): LinkChange[] {
  const back = findAssociationType(to.typeId, from.typeId, type.inverse);
  const cleared = [
    ...clearFormer(store, from, to, type),
    ...(back === undefined ? [] : clearFormer(store, to, from, back)),
  ];
  const types = typesBetween(store, from, to);
  if (types.has(type.typeId)) return cleared;
  types.add(type.typeId);
  typesBetween(store, to, from).add(type.inverse);
  return [...cleared, ...bothWays({ from, to, type, isRemoved: false })];
}

/**
 * Associates two records. Any labelled type brings the unlabeled one along, as type 1 brings 279.
 *
 * @returns what changed, each from either end; nothing where all of it was there
 */
export function link(
  store: AssociationStore,
  from: End,
  to: End,
  typeIds: readonly number[],
): LinkChange[] {
  return associationTypesBetween(from.typeId, to.typeId)
    .filter((type) => type.label === null || typeIds.includes(type.typeId))
    .flatMap((type) => addType(store, from, to, type));
}

/** Takes labels off a pair; taking the unlabeled one removes the association altogether. */
export function unlinkTypes(
  store: AssociationStore,
  from: End,
  to: End,
  typeIds: readonly number[],
): LinkChange[] {
  const available = associationTypesBetween(from.typeId, to.typeId);
  const isWhole = available.some((type) => type.label === null && typeIds.includes(type.typeId));
  return available
    .filter((type) => isWhole || typeIds.includes(type.typeId))
    .flatMap((type) => removeType(store, from, to, type));
}

/** Removes every association between two records. */
export function unlink(store: AssociationStore, from: End, to: End): LinkChange[] {
  return associationTypesBetween(from.typeId, to.typeId).flatMap((type) =>
    removeType(store, from, to, type),
  );
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
