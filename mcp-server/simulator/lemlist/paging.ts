/** Reading of the list parameters that every Lemlist list shares. */

/** A positive count from a query value; missing or unreadable gives the fallback, too large gives the maximum. */
export function readCount(
  value: string | undefined,
  bounds: { readonly fallback: number; readonly max: number },
): number {
  const count = Number.parseInt(value ?? "", 10);
  if (!Number.isFinite(count) || count < 1) return bounds.fallback;
  return Math.min(count, bounds.max);
}
