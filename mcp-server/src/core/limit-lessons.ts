/** What answers teach about a limit: how large it really is, that others use it too, and when to slow down. */
import { byWindow, type LimitPlan, type WindowName } from "./limit-plan.ts";
import { ageOf, type Lessons, type SharedLimits, type Sightings } from "./shared-limits.ts";

/** What a window's answers said since the last telling; null where they said nothing. */
export interface WindowNews {
  readonly max: number | null;
  /** When `max` was said last, by a clock that nobody sets. */
  readonly heardAt: number | null;
  /** How long a refusal asked us to be quiet. */
  readonly refusedForMs: number | null;
  /** What HubSpot counted beyond what we knew of, with the slots taken until that knowledge. */
  readonly beyond: { readonly slots: number; readonly taken: number } | null;
}

export const noWindowNews: WindowNews = {
  max: null,
  heardAt: null,
  refusedForMs: null,
  beyond: null,
};

// Whoever sees a pause for the first time keeps all of it. A longer one than this is met by asking again.
export const LONGEST_PAUSE_MS = 60_000;
// What others sent in this time fits into the margin that is left to them.
export const SILENCE_MS = 1_000;
const SLOWEST_PACE = 0.5;
const SLOWER = 0.85;
const RECOVERY = 0.05;
// Search answers show nothing of others' use, so each faster step is a guess that may end in a refusal: guess rarely.
const RECOVERY_MS = 30_000;
// Other apps come in bursts: what they were seen to use is left to them, and less by this part each window in which they use less.
const FORGETTING = 0.95;
// Who calls tools calls again: so long the backfill leaves more to interactive work.
const CALLS_MS = 60_000;
// Room for what they send between two of our answers.
const OTHERS_MARGIN = 0.2;
const LEAST_MARGIN = 3;

/** Slots in all right now for all of our processes, at least one. */
export function capacityOf(lessons: Lessons, limit: number): number {
  const ceiling = Math.min(limit, lessons.ceiling ?? limit);
  const { count } = lessons.others;
  const room = count === 0 ? 0 : count + Math.max(LEAST_MARGIN, Math.ceil(count * OTHERS_MARGIN));
  return Math.max(1, Math.floor(ceiling * lessons.pace) - room);
}

/** How long nothing may be sent yet; 0 or less when something may. */
export function pauseLeft(
  { pause }: Lessons,
  name: WindowName,
  seen: Sightings,
  now: number,
): number {
  return pause.forMs - ageOf(seen, `pause:${name}`, now);
}

/** Whether interactive work took slots a short while ago. */
export function hasCalls({ calls }: Lessons, seen: Sightings, now: number): boolean {
  return calls > 0 && ageOf(seen, "calls:burst", now) < CALLS_MS;
}

/** The state with the news learnt. */
export function learn(
  state: SharedLimits,
  news: Readonly<Record<WindowName, WindowNews>>,
  { plan, seen, now }: { readonly plan: LimitPlan; readonly seen: Sightings; readonly now: number },
): SharedLimits["windows"] {
  return byWindow((name) => {
    const { windowMs, limit } = plan.windows[name];
    const known = { ...state.windows[name], limit };
    const paced = learnPace(known, news[name], {
      ageMs: ageOf(seen, `pause:${name}`, now),
    });
    const { max, heardAt } = news[name];
    // What was heard long ago is learnt from, but it breaks no silence.
    const isFresh = heardAt !== null && now - heardAt < SILENCE_MS;
    return {
      ...paced,
      ceiling: max !== null && max > 0 ? max : paced.ceiling,
      heard: known.heard + (isFresh ? 1 : 0),
      others: learnOthers(known, news[name], {
        windowMs,
        ageMs: ageOf(seen, `others:${name}`, now),
      }),
    };
  });
}

function learnPace(
  lessons: Lessons,
  { refusedForMs }: WindowNews,
  { ageMs }: { readonly ageMs: number },
): Lessons {
  const { pace, pause } = lessons;
  const mark = pause.mark + 1;
  const left = pause.forMs - ageMs;
  if (refusedForMs !== null) {
    return {
      ...lessons,
      // Requests in flight together are refused together: one pause is one lesson.
      pace: left > 0 ? pace : Math.max(SLOWEST_PACE, pace * SLOWER),
      pause: { mark, forMs: Math.max(Math.min(refusedForMs, LONGEST_PAUSE_MS), left) },
    };
  }
  if (pace === 1 || ageMs < pause.forMs + RECOVERY_MS) return lessons;
  return { ...lessons, pace: Math.min(1, pace + RECOVERY), pause: { mark, forMs: 0 } };
}

function learnOthers(
  { others, taken }: Lessons,
  { beyond }: WindowNews,
  { windowMs, ageMs }: { readonly windowMs: number; readonly ageMs: number },
): Lessons["others"] {
  // Slots that our processes took since then may be among those that HubSpot counted.
  const seen = beyond === null || taken < beyond.taken ? 0 : beyond.slots - (taken - beyond.taken);
  const mark = others.mark + 1;
  if (seen > 0 && seen >= others.count) return { mark, count: seen };
  if (others.count === 0 || ageMs < windowMs) return others;
  return { mark, count: Math.max(seen, Math.floor(others.count * FORGETTING), 0) };
}
