/** Ids and picks that are the same in every run, so that tests and demos can be compared. */

import { createHash } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** An id as Lemlist writes them: a three-letter kind, an underscore, 17 letters or digits. */
export function objectId(kind: string, seed: string): string {
  const bytes = createHash("sha256").update(`${kind}:${seed}`).digest();
  const letters = Array.from(bytes.subarray(0, 17), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${kind}_${letters.join("")}`;
}

/** A number in [0, below) that depends on the seed alone. */
export function pickNumber(seed: string, below: number): number {
  return createHash("sha256").update(seed).digest().readUInt32BE(0) % below;
}
