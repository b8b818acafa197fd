/**
 * How far HubSpot was asked for changes. A pass asks for everything modified since a fixed time, by id, page by page; there is no upper bound: one
 * would only let records that change all the time slip from pass to pass. What changes behind the page that a pass is at is newer than the
 * pass's start, and the next one asks from well before that.
 */
import { z } from "zod";
import { AppError } from "./errors.ts";
import type { SignalObject } from "./signal.ts";

/**
 * HubSpot's search shows a change only after a while, "a few moments" by its docs and up to minutes by reports (read 2026-04). A change that takes
 * longer than this is found by the reconciliation only.
 */
export const SEARCH_LAG_MS = 5 * 60_000;

/** By how much this machine's clock may differ from HubSpot's, either way, without a change being passed over. */
export const CLOCK_SKEW_MS = 5 * 60_000;

const time = z.number();
const placeSchema = z.object({
  beganAt: time,
  since: time,
  seenUpTo: time.nullable(),
  pass: z.object({ startedAt: time, afterId: z.string(), maxSeen: time.nullable() }).nullable(),
  bin: z.string().nullable(),
  polledAt: time.nullable(),
});

/**
 * Where polling an object stands; times in milliseconds since the epoch. `beganAt`: when changes began to be kept in mind, which is before the
 * first sync linked anything. Whatever HubSpot modified between then and `since` was handled. `seenUpTo`: the
 * newest modification that a finished pass saw, by HubSpot's clock; null = none was. `pass`: the one under way, which has handled the ids up to
 * `afterId`. `bin`: where the round through the recycle bin goes on, null = at its start. `polledAt`: when the last pass ended, null = none has.
 */
export type PollPlace = Readonly<z.infer<typeof placeSchema>>;

/** A pass under way. */
export type PassPlace = PollPlace & { readonly pass: NonNullable<PollPlace["pass"]> };

/** What a page of changed records says about the place: the last id, and when its records were modified; NaN says nothing. */
export interface PollPage {
  readonly lastId: string;
  readonly modifiedAt: readonly number[];
}

/** The place before any poll: nothing before now is asked for, because whoever links records later reads them then. */
export function firstPlace(now: number): PollPlace {
  const since = overlapped(now);
  return { beganAt: now, since, seenUpTo: null, pass: null, bin: null, polledAt: null };
}

/** A stored place; null when there is none or it cannot be read. */
export function parsePlace(text: string | null): PollPlace | null {
  if (!text) return null;
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Starts a pass, or goes on with the one that was cut off. A clock that was set back must not leave a future to wait for. */
export function beginPass(place: PollPlace, now: number): PassPlace {
  if (place.pass !== null) return { ...place, pass: place.pass };
  const since = Math.min(place.since, overlapped(now));
  return { ...place, since, pass: { startedAt: now, afterId: "0", maxSeen: null } };
}

/**
 * The place once a page was handled.
 *
 * @throws AppError `unavailable` POLL_STUCK when the page does not lead on: the same one would be asked for for ever
 */
export function passPage(place: PassPlace, page: PollPage): PassPlace {
  const { pass } = place;
  if (!isAbove(page.lastId, pass.afterId))
    throw new AppError(
      "unavailable",
      "HubSpot's changes do not advance by id. They are asked for again later.",
      { code: "POLL_STUCK" },
    );
  const maxSeen = latest([pass.maxSeen, ...page.modifiedAt]);
  return { ...place, pass: { ...pass, afterId: page.lastId, maxSeen } };
}

/**
 * The place after the last page. Where something new was seen the next pass starts before that, too; in a quiet time before the start of this
 * pass only, or the same records would be asked for for ever.
 */
export function endPass(place: PassPlace, now: number, bin: string | null): PollPlace {
  const { startedAt, maxSeen } = place.pass;
  const seenUpTo = latest([place.seenUpTo, maxSeen]);
  const isNews = maxSeen !== null && seenUpTo !== place.seenUpTo;
  const started = startedAt - CLOCK_SKEW_MS;
  const upTo = isNews ? Math.min(started, maxSeen) : started;
  const since = Math.max(place.since, upTo - SEARCH_LAG_MS);
  return { beganAt: place.beganAt, since, seenUpTo, pass: null, bin, polledAt: now };
}

function overlapped(now: number): number {
  return now - CLOCK_SKEW_MS - SEARCH_LAG_MS;
}

function latest(times: readonly (number | null)[]): number | null {
  let found: number | null = null;
  for (const at of times) {
    if (at !== null && !Number.isNaN(at) && (found === null || at > found)) found = at;
  }
  return found;
}

// Ids are decimal numbers that may outgrow what a double holds exactly.
function isAbove(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

/** Where a place is kept. */
export function pollCursor(object: SignalObject): string {
  return `poll:${object}`;
}

/** JSON of the last poll's failure as `{at, code, message}`; "" or none when it went well. */
export const POLL_TROUBLE = "poll-trouble";

/** When an object was asked for last, or when asking for it began. */
export function askedAt(place: PollPlace): number {
  return place.polledAt ?? place.beganAt;
}
