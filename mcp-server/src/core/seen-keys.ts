/** Which keys came before, in little memory: a set of 64-bit hashes instead of the keys themselves. */
import { halves } from "./digest.ts";

const INITIAL_SLOTS = 1 << 12;
const MAX_LOAD = 0.6;

/**
 * A set that only grows and answers "seen before?". About 16 bytes a key, in one typed array.
 *
 * Two different keys of n share a hash with odds of about n² / 2⁶⁴ (some 1 in 18 million for a million keys). The
 * one that comes second is then taken for a repetition, which costs little: such a row still creates its contact or
 * fills what is empty, it only does not replace what the contact already holds.
 */
export class SeenKeys {
  #slots = new Uint32Array(INITIAL_SLOTS * 2);
  #size = 0;

  /** Number of different keys added. */
  get size(): number {
    return this.#size;
  }

  /** Adds a key; false when it was there already. */
  add(key: string): boolean {
    if (this.#size >= (this.#slots.length / 2) * MAX_LOAD) this.#grow();
    const { high, low } = halves(key);
    const added = place(this.#slots, high, low);
    if (added) this.#size += 1;
    return added;
  }

  #grow(): void {
    const wider = new Uint32Array(this.#slots.length * 2);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const high = this.#slots[at] ?? 0;
      const low = this.#slots[at + 1] ?? 0;
      if (high !== 0 || low !== 0) place(wider, high, low);
    }
    this.#slots = wider;
  }
}

/** Linear probing; the pair (0, 0) means a free slot. False when the pair is there already. */
function place(slots: Uint32Array, high: number, low: number): boolean {
  const mask = slots.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const heldHigh = slots[slot * 2];
    const heldLow = slots[slot * 2 + 1];
    if (heldHigh === high && heldLow === low) return false;
    if (heldHigh === 0 && heldLow === 0) {
      slots[slot * 2] = high;
      slots[slot * 2 + 1] = low;
      return true;
    }
  }
}
