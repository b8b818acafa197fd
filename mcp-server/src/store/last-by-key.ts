/** Rows without doubles: a statement that upserts the same key twice is an error in PostgreSQL. */

/** One row per key, at the place of its first; doubles are joined, by default the later one wins. */
export function lastByKey<T>(
  rows: readonly T[],
  key: (row: T) => string,
  join: (earlier: T, later: T) => T = (_, later) => later,
): readonly T[] {
  const kept = new Map<string, T>();
  for (const row of rows) {
    const earlier = kept.get(key(row));
    kept.set(key(row), earlier === undefined ? row : join(earlier, row));
  }
  return [...kept.values()];
}
