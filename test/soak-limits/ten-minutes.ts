/** Ten minutes of one portal: a backfill here, tool calls there, and other apps that come in bursts. */

import { createRandom } from "../../mcp-server/simulator/hubspot/random.ts";
import { hubspotLimits, type Lane } from "../../mcp-server/src/core/limit-plan.ts";
import { Fleet, type FleetProcess, mostInAnyWindow, type Sent } from "./fleet.ts";
import { openPortal } from "./portal.ts";
import { VirtualTime } from "./virtual-time.ts";

export interface SoakOptions {
  readonly seed: number;
  readonly dailyLimit: number;
  /** Percent. */
  readonly dailyReserve: number;
  /** Whether the backfill's process is killed in the middle and started anew. */
  readonly kills: boolean;
}

export interface SoakFigures {
  readonly seed: number;
  readonly ours: number;
  readonly refused429: number;
  readonly share429: number;
  readonly foreign: number;
  readonly foreignRefused: number;
  readonly backfill: number;
  /** Fewest backfill requests in any whole minute before the day's share was used up. */
  readonly leastBackfillAMinute: number;
  readonly toolCalls: number;
  /** Milliseconds from asking for a permit to the answer. */
  readonly interactiveP50: number;
  readonly interactiveP95: number;
  readonly interactiveWorst: number;
  /** Milliseconds of a whole tool call of several requests one after another. */
  readonly toolCallP95: number;
  readonly mostInBurst: number;
  readonly mostSearchesASecond: number;
  /** Requests of ours counted when no more than the reserve was left. */
  readonly intoReserve: number;
  readonly refusedForReserve: number;
  readonly endedAtSecond: number | null;
}

const MINUTES = 10;
const END = MINUTES * 60_000;
const FLIGHTS = 10;

/** Plays the ten minutes of a seed. */
export async function playTenMinutes(options: SoakOptions): Promise<SoakFigures> {
  const random = createRandom(options.seed);
  const between = (least: number, most: number) => least + random.next() * (most - least);
  const time = new VirtualTime();
  const portal = openPortal(time, options.dailyLimit);
  const fleet = new Fleet({
    time,
    plan: hubspotLimits({
      burstLimit: 100,
      requestMs: 30_000,
      dailyReserve: options.dailyReserve,
    }),
    arrive: portal.arrive,
    travel: () => [between(20, 80), between(30, 150)],
    bookDelay: () => [between(0, 5), between(0, 3)],
  });
  const wait = (ms: number) => new Promise<void>((resolve) => time.after(ms, resolve));
  const laneOf = (): Lane => {
    const chance = random.next();
    return chance < 0.03 ? "search" : chance < 0.13 ? "associations" : "objects";
  };
  let stoppedAt: number | null = null;

  async function backfill(process: FleetProcess): Promise<void> {
    while (time.now < END) {
      const outcome = await process.request(laneOf(), "backfill");
      if (outcome === "gone") return;
      if (outcome === "refused") {
        stoppedAt ??= time.now;
        await wait(60_000);
      }
    }
  }
  const startBackfill = (ahead: number) => {
    const process = fleet.start(ahead);
    for (let flight = 0; flight < FLIGHTS; flight += 1) void backfill(process);
    return process;
  };

  const calls: number[] = [];
  const answered: number[] = [];
  async function toolCalls(process: FleetProcess): Promise<void> {
    while (time.now < END && stoppedAt === null) {
      await wait(between(2_000, 8_000));
      const startedAt = time.now;
      const steps = 2 + Math.floor(random.next() * 4);
      for (let step = 0; step < steps; step += 1) {
        const askedAt = time.now;
        const outcome = await process.request(laneOf(), "interactive");
        if (outcome === "refused") return;
        answered.push(time.now - askedAt);
      }
      calls.push(time.now - startedAt);
    }
  }

  async function otherApp(): Promise<void> {
    while (time.now < END) {
      await wait(between(10_000, 50_000));
      const size = Math.floor(between(10, 50));
      const gap = between(20, 150);
      for (let index = 0; index < size; index += 1) {
        portal.foreign("objects");
        await wait(gap);
      }
    }
  }

  const first = startBackfill(0);
  void toolCalls(fleet.start(120));
  void toolCalls(fleet.start(-90));
  void otherApp();
  if (options.kills) {
    time.after(END / 2, () => {
      first.kill();
      time.after(500, () => startBackfill(0));
    });
  }
  await time.run(END + 60_000);

  const arrivals = (lanes: readonly Lane[]) =>
    fleet.sent.filter(({ lane }) => lanes.includes(lane)).map(({ arrivedAt }) => arrivedAt);
  const reserve = Math.ceil((options.dailyLimit * options.dailyReserve) / 100);
  const sorted = answered.toSorted((a, b) => a - b);
  const { counts } = portal;
  return {
    seed: options.seed,
    ours: counts.ours,
    refused429: counts.refused,
    share429: counts.refused / counts.ours,
    foreign: counts.foreign,
    foreignRefused: counts.foreignRefused,
    backfill: fleet.sent.filter(({ priority }) => priority === "backfill").length,
    leastBackfillAMinute: leastAMinute(fleet.sent, stoppedAt ?? END),
    toolCalls: calls.length,
    interactiveP50: at(sorted, 0.5),
    interactiveP95: at(sorted, 0.95),
    interactiveWorst: at(sorted, 1),
    toolCallP95: at(
      calls.toSorted((a, b) => a - b),
      0.95,
    ),
    mostInBurst: mostInAnyWindow(arrivals(["objects", "associations"]), 10_000),
    mostSearchesASecond: mostInAnyWindow(arrivals(["search"]), 1_000),
    intoReserve: portal.daily.filter((before) => before <= reserve).length,
    refusedForReserve: fleet.refusals.length,
    endedAtSecond: stoppedAt === null ? null : Math.round(stoppedAt / 1_000),
  };
}

function at(sorted: readonly number[], part: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
}

function leastAMinute(sent: readonly Sent[], until: number): number {
  const minutes = Array.from({ length: Math.floor(until / 60_000) }, () => 0);
  for (const { priority, sentAt } of sent) {
    const minute = Math.floor(sentAt / 60_000);
    if (priority === "backfill" && minute < minutes.length) minutes[minute]! += 1;
  }
  return Math.min(...minutes);
}
