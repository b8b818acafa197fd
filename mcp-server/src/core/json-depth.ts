/** How deep a JSON value is nested: what is deeper than any record would exhaust the stack of whoever walks it. */

/** Whether there are lists or objects within one another, more than `levels` of them. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let layer: readonly unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    layer = layer.flatMap((one) =>
      one !== null && typeof one === "object" ? Object.values(one) : [],
    );
    if (layer.length === 0) return false;
  }
  return true;
}
