/** How many inputs become few requests: cutting by count, by identity and by length. */

/**
 * Cuts items into batches of at most `size`, in waves: no two items of one wave share a key, and the n-th item of a key is in the n-th
 * wave. Waves must run one after the other, so that the last twin wins; the batches of a wave may run side by side.
 *
 * @param keyOf the record an item is about; null when it can have no twin
 */
export function cutIntoWaves<T>(
  items: readonly T[],
  size: number,
  keyOf: (item: T) => string | null,
): readonly (readonly (readonly T[])[])[] {
  const seen = new Map<string, number>();
  const waves: T[][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const wave = key === null ? 0 : (seen.get(key) ?? 0);
    if (key !== null) seen.set(key, wave + 1);
    const members = waves[wave] ?? [];
    members.push(item);
    waves[wave] = members;
  }
  return waves.map((members) => cut(members, size));
}

/** Cuts items into runs of at most `size`, in order. */
export function cut<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const runs: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    runs.push(items.slice(start, start + size));
  }
  return runs;
}

/**
 * Cuts texts into runs whose JSON forms, with a comma each, stay within `maxLength` characters and whose count stays within `maxCount`.
 * A text that is too long alone gets a run of its own: whether it fits is for the caller to say.
 */
export function cutByJsonLength(
  texts: readonly string[],
  maxLength: number,
  maxCount: number,
): readonly (readonly string[])[] {
  const runs: string[][] = [];
  let run: string[] = [];
  let length = 0;
  for (const text of texts) {
    const added = JSON.stringify(text).length + 1;
    if (run.length > 0 && (length + added > maxLength || run.length >= maxCount)) {
      runs.push(run);
      run = [];
      length = 0;
    }
    run.push(text);
    length += added;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** Two halves that differ by at most one item; the first is the larger. */
export function halve<T>(items: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
