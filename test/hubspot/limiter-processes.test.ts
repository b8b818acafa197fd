/** Real processes on one database, over real HTTP, against a HubSpot that counts for itself. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { describeEachEngine } from "../support/store.ts";
import { fastClock } from "./fast-clock.ts";

// A window of ten seconds passes in two.
const SPEED = 5;
const LIMIT = 40;

const clock = fastClock(SPEED);
const simulator = await startSimulator({
  now: clock.now,
  hubspot: { seed: 7, settings: { burstLimit: LIMIT } },
});
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => simulator.close());

function start(url: string, requests: number, lane: "interactive" | "backfill"): ChildProcess {
  const file = fileURLToPath(new URL("./limiter-process.ts", import.meta.url));
  const plan = { requests, lane, burstLimit: LIMIT, speed: SPEED };
  const { hubspotUrl, hubspotToken } = simulator;
  const child = fork(file, [url, hubspotUrl, hubspotToken, JSON.stringify(plan)]);
  children.push(child);
  return child;
}

/** Statuses of all requests so far, with their numbers. */
function statuses(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of simulator.requests.list({})) {
    counts[String(status)] = (counts[String(status)] ?? 0) + 1;
  }
  return counts;
}

async function heard(child: ChildProcess, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await once(child, "message");
}

describeEachEngine("processes with one token", (_open, { empty, openAt }) => {
  // HubSpot docs, usage guidelines: the burst is counted per app, however many processes it has (read 2026-11).
  test("send more than one window's worth together and are never refused, though one is killed", async () => {
    simulator.requests.clear();
    const url = await empty();
    await openAt(url);
    const killed = start(url, 200, "backfill");
    const others = [start(url, 40, "backfill"), start(url, 15, "interactive")];
    const ends = others.map((child) => once(child, "exit"));

    await heard(killed, 10);
    killed.kill("SIGKILL");
    const codes = (await Promise.all(ends)).map(([code]) => code);

    expect(codes).toEqual([0, 0]);
    const { "207": answered = 0, "200": whole = 0, ...rest } = statuses();
    expect(answered + whole).toBeGreaterThanOrEqual(10 + 40 + 15);
    expect(rest).toEqual({});
  }, 60_000);
});
