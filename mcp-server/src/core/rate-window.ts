/** A rolling-window rate limit as a pure value: which slots are taken, when the next is free, what the headers taught. */

/**
 * One limit of the form "at most `limit` requests in any `windowMs`".
 *
 * A slot is taken from before its request leaves until `windowMs` after its answer arrived. Whenever the other side counts a request
 * inside its own window, that request left before and was answered no longer than `windowMs` ago, so it still holds its slot here:
 * the other side can never count more than `limit` of ours, whatever the latency. The price is latency / windowMs of the budget.
 */
export interface RateWindow {
  readonly limit: number;
  readonly windowMs: number;
  /** What the headers say the limit really is, never above `limit`. */
  readonly ceiling: number;
  /** Share of the ceiling in use, 0.5 to 1: falls with each refusal, rises again while none comes. */
  readonly pace: number;
  /** When the pace may next rise, ms since the epoch. */
  readonly paceRisesAt: number;
  readonly inFlight: number;
  /** When the slots of answered requests are free again, ascending, ms since the epoch. */
  readonly freeAt: readonly number[];
  /** Slots that somebody else was seen to use, held until a time. */
  readonly foreign: { readonly count: number; readonly until: number };
  /** Nothing leaves before this time: the other side asked for a pause. */
  readonly pausedUntil: number;
  /** Requests sent since the beginning. */
  readonly sent: number;
}

/** What was true when a request left; needed to read its answer's headers fairly. */
export interface Ticket {
  readonly held: number;
  readonly sent: number;
}

/** What an answer's headers say of the limit; null where a header is missing. */
export interface RateHeaders {
  readonly max: number | null;
  readonly remaining: number | null;
}

// Clocks are read in whole milliseconds and two machines' clocks drift: give a slot back this much late. Early would be a 429.
const GUARD_MS = 20;
const SLOWEST_PACE = 0.5;
const SLOWER = 0.85;
const RECOVERY = 0.05;

/** A window nobody has used yet. */
export function rateWindow(limit: number, windowMs: number): RateWindow {
  return {
    limit,
    windowMs,
    ceiling: limit,
    pace: 1,
    paceRisesAt: 0,
    inFlight: 0,
    freeAt: [],
    foreign: { count: 0, until: 0 },
    pausedUntil: 0,
    sent: 0,
  };
}

/** Slots in all right now, at least one. */
export function capacity(window: RateWindow, now: number): number {
  const foreign = window.foreign.until > now ? window.foreign.count : 0;
  return Math.max(1, Math.floor(window.ceiling * window.pace) - foreign);
}

/**
 * When a request may leave: `now` or earlier if at once, a later time if a slot is cooling, Infinity if only an answer can free one.
 *
 * @param reserve slots that must stay free for others
 */
export function readyAt(window: RateWindow, now: number, reserve: number): number {
  const cooling = coolingSlots(window, now);
  const usable = Math.max(1, capacity(window, now) - reserve);
  const excess = window.inFlight + cooling.length + 1 - usable;
  if (excess <= 0) return Math.max(now, window.pausedUntil);
  const freed = cooling[excess - 1] ?? Number.POSITIVE_INFINITY;
  const foreignLeaves = window.foreign.until > now ? window.foreign.until : freed;
  return Math.max(Math.min(freed, foreignLeaves), window.pausedUntil);
}

/** Takes a slot; the caller has asked `readyAt`. */
export function takeSlot(
  window: RateWindow,
  now: number,
): { readonly window: RateWindow; readonly ticket: Ticket } {
  const freeAt = coolingSlots(window, now);
  const inFlight = window.inFlight + 1;
  const sent = window.sent + 1;
  return {
    window: { ...window, freeAt, inFlight, sent },
    ticket: { held: inFlight + freeAt.length, sent },
  };
}

/** The request was answered or failed: its slot cools down for one window. A window without a refusal brings back some pace. */
export function settleSlot(window: RateWindow, now: number): RateWindow {
  return {
    ...risePace(window, now),
    inFlight: Math.max(0, window.inFlight - 1),
    freeAt: [...coolingSlots(window, now), now + window.windowMs + GUARD_MS],
  };
}

/**
 * Learns from an answer's headers: a lower maximum is obeyed (a higher one is not: the configured limit is the user's), and requests
 * that the other side counted but we did not send are given room for one window.
 */
export function observeHeaders(
  window: RateWindow,
  headers: RateHeaders,
  ticket: Ticket,
  now: number,
): RateWindow {
  const ceiling =
    headers.max !== null && headers.max > 0 ? Math.min(window.limit, headers.max) : window.ceiling;
  const known = { ...window, ceiling };
  if (headers.remaining === null || headers.max === null) return known;
  const counted = headers.max - headers.remaining;
  // Ours at most: what was held when the request left, and whatever left since.
  const ours = ticket.held + (window.sent - ticket.sent);
  return holdForeign(known, counted - ours, now);
}

function holdForeign(window: RateWindow, count: number, now: number): RateWindow {
  const current = window.foreign.until > now ? window.foreign.count : 0;
  if (count <= 0 || count < current) return window;
  return { ...window, foreign: { count, until: now + window.windowMs } };
}

/** The other side refused a request for its rate: pause, then go on more slowly. */
export function slowDown(window: RateWindow, pauseMs: number, now: number): RateWindow {
  // Requests in flight together are refused together: one pause is one lesson.
  const learnt = window.pausedUntil > now;
  const pausedUntil = Math.max(window.pausedUntil, now + pauseMs);
  return {
    ...window,
    pausedUntil,
    paceRisesAt: pausedUntil + window.windowMs,
    pace: learnt ? window.pace : Math.max(SLOWEST_PACE, window.pace * SLOWER),
  };
}

function risePace(window: RateWindow, now: number): RateWindow {
  if (window.pace === 1 || now < window.paceRisesAt) return window;
  return {
    ...window,
    pace: Math.min(1, window.pace + RECOVERY),
    paceRisesAt: now + window.windowMs,
  };
}

function coolingSlots(window: RateWindow, now: number): number[] {
  // A clock set back would freeze slots for as long as it jumped; no slot cools longer than one window.
  const latest = now + window.windowMs + GUARD_MS;
  return window.freeAt.filter((at) => at > now).map((at) => Math.min(at, latest));
}
