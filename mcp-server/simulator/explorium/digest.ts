/** Answers that depend on their input alone, so that the same company looks the same in every run. */

import { createHash } from "node:crypto";

/** A business id: 32 hexadecimal digits. */
export function businessIdOf(key: string): string {
  return createHash("md5").update(`business:${key}`).digest("hex");
}

/** A prospect id: 40 hexadecimal digits. */
export function prospectIdOf(key: string): string {
  return createHash("sha1").update(`prospect:${key}`).digest("hex");
}

/** A number in [0, below) for a seed. */
export function pickNumber(seed: string, below: number): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0) % below;
}

/** One of the values for a seed. */
export function pick<T>(seed: string, values: readonly T[]): T {
  const value = values[pickNumber(seed, values.length)];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

/** True for one seed in `outOf`; used to leave fields unknown. */
export function isRare(seed: string, outOf: number): boolean {
  return pickNumber(`rare/${seed}`, outOf) === 0;
}

/** The value, or null for one seed in `outOf`: every field but the id can be null. */
export function known<T>(seed: string, outOf: number, value: T): T | null {
  return isRare(seed, outOf) ? null : value;
}
