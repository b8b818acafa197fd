/** How much of everything is tried: by default a part that CRASH_SEED draws, with CRASH_POINTS=all the whole. */
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";

const { CRASH_POINTS = "1", CRASH_SEED } = process.env;

/** Printed with every test that draws; the same seed draws the same. */
export const seed = Number(CRASH_SEED ?? Date.now() % 1_000_000);
export const isEverything = CRASH_POINTS === "all";
/** Points of each kind in each scenario. */
export const perKind = isEverything ? Number.POSITIVE_INFINITY : Number(CRASH_POINTS);
export const random = seededRandom(seed);

/** All of them, or one. */
export function some<T>(list: readonly T[]): readonly T[] {
  return isEverything ? list : oneOf(list);
}

/** One of them, in a list; of none none. */
export function oneOf<T>(list: readonly T[]): readonly T[] {
  const at = Math.floor(random() * list.length);
  return list.slice(at, at + 1);
}
