/** How long and from which seed the fuzz tests run: short by default, long with FUZZ_SECONDS, again with FUZZ_SEED. */
import fc from "fast-check";
import { expectOwnError } from "./laws.ts";

const setting = (name: string): number | null => {
  const value = Number(process.env[name] ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : null;
};

// Long runs share the time between the tests of all files, some dozens, two at a time.
const LONG_SHARE = 20;
const longSeconds = setting("FUZZ_SECONDS");

/** Whether there is time for what takes minutes. */
export const isLong = longSeconds !== null;

/** The seed of this process; a failure is repeated with `FUZZ_SEED`. */
export const seed = setting("FUZZ_SEED") ?? Math.floor(Math.random() * 2 ** 31) + 1;

/** How long one fuzz test may take in all, in milliseconds; give it to the test as its timeout. */
export const testTimeout = 90_000 + (longSeconds === null ? 0 : (longSeconds * 1_000) / LONG_SHARE);

/** Longest that a single call may take before it counts as hanging; roomy, because the machine may be busy. */
const CALL_DEADLINE_MS = 30_000;

export interface Rounds {
  /** Runs in a short fuzz; a long one goes on until its time is over. */
  readonly runs: number;
  /** Milliseconds of a short fuzz, 3,000 unless told. */
  readonly shortMs?: number;
}

/** Tries a law with generated values; a failure names seed, path and the smallest value that breaks it. */
export async function fuzz<T>(
  arbitrary: fc.Arbitrary<T>,
  law: (value: T) => Promise<void> | void,
  { runs, shortMs = 3_000 }: Rounds,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (value) => law(value)),
    {
      seed,
      numRuns: longSeconds === null ? runs : 10_000_000,
      interruptAfterTimeLimit: longSeconds === null ? shortMs : (longSeconds * 1_000) / LONG_SHARE,
      // Shrinking a hang would take for ever; half a minute finds a small example of anything else.
      endOnFailure: false,
    },
  );
}

/** The promise's outcome, or a failure that says what hung. */
export async function inTime<T>(
  pending: Promise<T>,
  what: string,
  ms: number = CALL_DEADLINE_MS,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`hung: ${what}`)), ms);
  try {
    return await Promise.race([pending, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

process.stderr.write(`fuzz seed ${seed} (FUZZ_SEED repeats it)\n`);

/** The call's value, or null when it was refused in our own words. */
export async function orOwnError<T>(call: Promise<T>, what: string): Promise<T | null> {
  let thrown: unknown;
  try {
    return await inTime(call, what);
  } catch (caught) {
    thrown = caught;
  }
  expectOwnError(thrown);
  return null;
}
