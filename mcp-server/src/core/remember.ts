/** Remembering answers of pure functions, for values that repeat within an input. */

const REMEMBERED = 10_000;

/**
 * The same function with its recent answers kept. When there are too many, all are forgotten at once: simpler than
 * keeping order, and as good for inputs where values repeat.
 */
export function remembering<T>(answer: (key: string) => T, limit = REMEMBERED): (key: string) => T {
  let known = new Map<string, { readonly value: T }>();
  return (key) => {
    const held = known.get(key);
    if (held !== undefined) return held.value;
    if (known.size >= limit) known = new Map();
    const value = answer(key);
    known.set(key, { value });
    return value;
  };
}
