/** Runs many pieces of work a few at a time. */

/** As many as the limiter lets fly at once; more would only wait in memory. */
export const WIDTH = 10;

/** Results in the order of the items. The first failure ends it: nothing more is started, what runs is left to finish. */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  let failed = false;
  const runner = async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, runner));
  return results;
}
