/** Seeded randomness, so that a simulator run can be repeated. */

/** A repeatable stream of random numbers. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** A UUID version 7 stamped with the given milliseconds. */
  uuid(atMs: number): string;
  /** A new array in random order. */
  shuffled<T>(items: readonly T[]): T[];
};

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function uuidV7(atMs: number, next: () => number): string {
  const time = Math.floor(atMs).toString(16).padStart(12, "0");
  const word = () =>
    Math.floor(next() * 65_536)
      .toString(16)
      .padStart(4, "0");
  const variant = (0x8000 | Math.floor(next() * 0x4000)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${word().slice(1)}-${variant}-${word()}${word()}${word()}`;
}

/** The same seed gives the same stream. */
export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    uuid: (atMs) => uuidV7(atMs, next),
    shuffled: (items) => {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
  };
}
