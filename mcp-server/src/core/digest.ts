/** A short fingerprint of a text, to tell that something changed; no protection against forgery. */

/** The fingerprint in base 36. Same text, same digest, on every machine. */
export function digest(text: string): string {
  const { high, low } = halves(text);
  return (4_294_967_296 * (0x1fffff & low) + high).toString(36);
}

/** Two independently mixed 32-bit halves of a text (the construction known as cyrb53, kept at its full 64 bits); never both 0. */
export function halves(key: string): { readonly high: number; readonly low: number } {
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at);
    first = Math.imul(first ^ unit, 2654435761);
    second = Math.imul(second ^ unit, 1597334677);
  }
  first =
    Math.imul(first ^ (first >>> 16), 2246822507) ^ Math.imul(second ^ (second >>> 13), 3266489909);
  second =
    Math.imul(second ^ (second >>> 16), 2246822507) ^ Math.imul(first ^ (first >>> 13), 3266489909);
  const high = first >>> 0;
  const low = second >>> 0;
  return high === 0 && low === 0 ? { high: 1, low: 0 } : { high, low };
}
