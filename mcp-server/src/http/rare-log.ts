/** Log lines about what a caller does: however often, one a minute per kind, with how many there were. */
import type { Clock, Log } from "../ports/world.ts";

const EVERY_MS = 60_000;

/** Writes the line unless one of its kind was written within the last minute; `times` counts those since then. */
export type RareLog = (
  level: "warn" | "error",
  fields: Readonly<Record<string, unknown>> & { readonly code: string },
  message: string,
) => void;

/** A rare log over a log. Its kinds are the codes, which are the program's own and few. */
export function createRareLog(log: Log, clock: Pick<Clock, "now">): RareLog {
  const kinds = new Map<string, { readonly at: number; readonly withheld: number }>();
  return (level, fields, message) => {
    const now = clock.now();
    const last = kinds.get(fields.code);
    if (last && now - last.at < EVERY_MS) {
      kinds.set(fields.code, { at: last.at, withheld: last.withheld + 1 });
      return;
    }
    kinds.set(fields.code, { at: now, withheld: 0 });
    log[level]({ ...fields, times: (last?.withheld ?? 0) + 1 }, message);
  };
}
