/** What the days allow to each lane, and what is left of them afterwards. */
import { askDay, type DayAnswer, type DayNews, learnDay, takeFromDay } from "./daily-budget.ts";
import {
  byLane,
  DAYS_OF,
  type DayName,
  type Demand,
  LANES,
  type Lane,
  type LimitPlan,
} from "./limit-plan.ts";
import { type OwnShare, total } from "./own-share.ts";
import type { SharedLimits } from "./shared-limits.ts";

/** A lane's day has nothing left for us. */
export type DaySpent = Extract<DayAnswer, { kind: "spent" }>;

export interface Days {
  readonly days: SharedLimits["days"];
  readonly answers: Readonly<Record<DayName, DayAnswer | null>>;
  readonly room: Readonly<Record<Lane, number>>;
  readonly refused: Readonly<Record<Lane, DaySpent | null>>;
  readonly waitsForAnswer: boolean;
}

/** What a process brings that wants to send. */
export interface AskingDays {
  readonly plan: LimitPlan;
  readonly own: OwnShare;
  readonly wants: Demand;
  readonly news: Readonly<Record<DayName, DayNews>>;
  /** Requests of other processes that no header may have counted. */
  readonly elsewhere: Readonly<Record<DayName, number>>;
  /** Requests that other apps were seen to send in a while. */
  readonly others: number;
  /** Ms since the epoch. */
  readonly wall: number;
}

/** Learns the news and asks the days of the lanes that are wanted. */
export function askDays(known: SharedLimits["days"], asking: AskingDays): Days {
  const { plan, own, wants, wall } = asking;
  const learnt = (name: DayName) => {
    const uncounted = asking.elsewhere[name] + onDay(own.spare, name);
    return learnDay(known[name], asking.news[name], uncounted, wall);
  };
  const days = { objects: learnt("objects"), associations: learnt("associations") };
  const wanting = LANES.filter((lane) => total(wants[lane]) > 0);
  const asked = (name: DayName) =>
    wanting.some((lane) => DAYS_OF[lane].includes(name))
      ? askDay(days[name], plan.dailyReserve, {
          inFlight: onDay(own.inFlight, name),
          others: name === "objects" ? asking.others : 0,
          wall,
        })
      : null;
  const answers = { objects: asked("objects"), associations: asked("associations") };
  const answersOf = (lane: Lane) =>
    wanting.includes(lane) ? DAYS_OF[lane].map((name) => answers[name]) : [];
  return {
    days,
    answers,
    room: byLane((lane) =>
      Math.min(
        ...answersOf(lane).map((answer) => (answer?.kind === "go" ? answer.room : 0)),
        Number.POSITIVE_INFINITY,
      ),
    ),
    refused: byLane((lane) => answersOf(lane).find((answer) => answer?.kind === "spent") ?? null),
    waitsForAnswer: wanting.some((lane) =>
      answersOf(lane).some(
        (one) => one?.kind === "wait" || (one?.kind === "go" && one.room < total(wants[lane])),
      ),
    ),
  };
}

/** Requests that draw on a day. */
export function onDay(demand: Demand, name: DayName): number {
  return LANES.filter((lane) => DAYS_OF[lane].includes(name)).reduce(
    (sum, lane) => sum + total(demand[lane]),
    0,
  );
}

/** The days after these grants. */
export function daysAfter({ days, answers }: Days, grants: Demand): SharedLimits["days"] {
  const after = (name: DayName) => {
    const requests = onDay(grants, name);
    const answer = answers[name];
    // Who was let try whether the day has more, and could not send for want of a slot, has not tried.
    const day = answer && (answer.kind !== "go" || requests > 0) ? answer.day : days[name];
    return takeFromDay(day, requests);
  };
  return { objects: after("objects"), associations: after("associations") };
}
