/** Time, identifiers and the log, as the program asks for them. */

import type { Moment } from "../core/clock-step.ts";

/** Time and waiting; tests own both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that nobody sets and that never goes back, from no particular beginning; where missing, `now` serves. */
  elapsed?(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** This instant, by both. */
export function momentOf(clock: Clock): Moment {
  const wall = clock.now();
  return { now: clock.elapsed?.() ?? wall, wall };
}

/** New identifiers: short, URL-safe, unique, sortable by creation. */
export type NewId = (prefix: string) => string;

/** Structured log; never given secrets or contact data on purpose, and redacted all the same. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}
