/** Which association types exist between which objects, and their numbers. */

/** One directed association type. `label` null for the unlabeled one, which every pair has. */
export type AssociationType = {
  readonly from: string;
  readonly to: string;
  readonly typeId: number;
  readonly label: string | null;
  /** The number of the same association seen from the other side. */
  readonly inverse: number;
  /** True where the `from` record can have only one association of this type. */
  readonly isExclusive: boolean;
};

type Pair = {
  from: string;
  to: string;
  there: number;
  back: number;
  label?: string;
  /** Which side may hold only one of these. */
  exclusive?: "from";
};

// Numbers from HubSpot's own SDK enumeration and the associations guide, read 2026-04.
const PAIRS: readonly Pair[] = [
  { from: "0-1", to: "0-2", there: 279, back: 280 },
  { from: "0-1", to: "0-2", there: 1, back: 2, label: "Primary", exclusive: "from" },
  { from: "0-1", to: "0-3", there: 4, back: 3 },
  { from: "0-2", to: "0-3", there: 342, back: 341 },
  { from: "0-3", to: "0-2", there: 5, back: 6, label: "Primary", exclusive: "from" },
  { from: "0-1", to: "0-1", there: 449, back: 449 },
  { from: "0-2", to: "0-2", there: 450, back: 450 },
  { from: "0-2", to: "0-2", there: 13, back: 14, label: "Parent Company" },
  { from: "0-1", to: "0-5", there: 15, back: 16 },
  { from: "0-3", to: "0-5", there: 27, back: 28 },
  { from: "0-5", to: "0-2", there: 339, back: 340 },
  { from: "0-5", to: "0-2", there: 26, back: 25, label: "Primary", exclusive: "from" },
  { from: "0-46", to: "0-1", there: 202, back: 201 },
  { from: "0-46", to: "0-2", there: 190, back: 189 },
  { from: "0-46", to: "0-3", there: 214, back: 213 },
  { from: "0-46", to: "0-5", there: 228, back: 227 },
  { from: "0-48", to: "0-1", there: 194, back: 193 },
  { from: "0-48", to: "0-2", there: 182, back: 181 },
  { from: "0-48", to: "0-3", there: 206, back: 205 },
  { from: "0-48", to: "0-5", there: 220, back: 219 },
  { from: "0-49", to: "0-1", there: 198, back: 197 },
  { from: "0-49", to: "0-2", there: 186, back: 185 },
  { from: "0-49", to: "0-3", there: 210, back: 209 },
  { from: "0-49", to: "0-5", there: 224, back: 223 },
  { from: "0-47", to: "0-1", there: 200, back: 199 },
  { from: "0-47", to: "0-2", there: 188, back: 187 },
  { from: "0-47", to: "0-3", there: 212, back: 211 },
  { from: "0-47", to: "0-5", there: 226, back: 225 },
  { from: "0-27", to: "0-1", there: 204, back: 203 },
  { from: "0-27", to: "0-2", there: 192, back: 191 },
  { from: "0-27", to: "0-3", there: 216, back: 215 },
  { from: "0-27", to: "0-5", there: 230, back: 229 },
  { from: "0-18", to: "0-1", there: 81, back: 82 },
  { from: "0-18", to: "0-2", there: 87, back: 88 },
  { from: "0-18", to: "0-3", there: 85, back: 86 },
  { from: "0-18", to: "0-5", there: 83, back: 84 },
];

function directions(pair: Pair): AssociationType[] {
  const label = pair.label ?? null;
  const there = {
    from: pair.from,
    to: pair.to,
    typeId: pair.there,
    label,
    inverse: pair.back,
    isExclusive: pair.exclusive === "from",
  };
  if (pair.there === pair.back) return [there];
  const inverseLabel = label === "Parent Company" ? "Child Company" : label;
  const back = {
    from: pair.to,
    to: pair.from,
    typeId: pair.back,
    label: inverseLabel,
    inverse: pair.there,
    isExclusive: false,
  };
  return [there, back];
}

const TYPES: readonly AssociationType[] = PAIRS.flatMap(directions);

/** All types between two objects, the unlabeled one first. */
export function associationTypesBetween(from: string, to: string): AssociationType[] {
  return TYPES.filter((type) => type.from === from && type.to === to);
}

/** One type by number, if it exists between these objects. */
export function findAssociationType(
  from: string,
  to: string,
  typeId: number,
): AssociationType | undefined {
  return TYPES.find((type) => type.from === from && type.to === to && type.typeId === typeId);
}
