/** The adapter against the simulator over real HTTP, both on one clock that runs fast. */
import { afterAll, beforeEach } from "vitest";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import type { HubspotOptions as AccountOptions } from "../../mcp-server/simulator/hubspot/hubspot.ts";
import type { LogEntry } from "../../mcp-server/simulator/request-log.ts";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import {
  createHubspotCrm,
  type HubspotCrm,
  type HubspotOptions,
} from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import type { WriteOutcome } from "../../mcp-server/src/ports/crm.ts";
import type { Clock, Log } from "../../mcp-server/src/ports/world.ts";
import { fastClock } from "./fast-clock.ts";

/** How fast waits pass: the ten seconds of a burst take 100 ms. */
const SPEED = 100;

/** Keeps what is logged, as text. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}

export interface Portal {
  readonly simulator: Simulator;
  readonly log: { readonly lines: string[] };
  readonly clock: Clock;
  /** A fresh adapter with limits out of the way. */
  crm(options?: Partial<HubspotOptions>): HubspotCrm;
  /** Orders a fault of HubSpot. */
  fault(order: Omit<FaultOrder, "service">): void;
  /** Requests whose path contains a text. */
  requests(path: string): readonly LogEntry[];
}

/** One simulator for a test file, emptied before each test. Limits are out of the way unless given. */
export async function openPortal(
  settings: AccountOptions["settings"] = {},
  speed = SPEED,
): Promise<Portal> {
  const clock = fastClock(speed);
  const log = recordingLog();
  const roomy = {
    burstLimit: 10_000,
    associationsBurstLimit: 10_000,
    searchPerSecond: 1_000,
    searchLagMs: 0,
  };
  const simulator = await startSimulator({
    now: clock.now,
    logBodies: true,
    hubspot: { seed: 7, settings: { ...roomy, ...settings } },
  });
  beforeEach(() => {
    simulator.hubspot.reset();
    simulator.faults.clear();
    simulator.requests.clear();
    log.lines.length = 0;
  });
  afterAll(() => simulator.close());
  return {
    simulator,
    log,
    clock,
    crm: (options = {}) =>
      createHubspotCrm({
        baseUrl: simulator.hubspotUrl,
        accessToken: simulator.hubspotToken,
        burstLimit: 5_000,
        clock,
        log,
        random: () => 0,
        timeoutMs: 20_000,
        ...options,
      }),
    fault: (order) => simulator.faults.add({ service: "hubspot", ...order }),
    requests: (path) => simulator.requests.list({ path }),
  };
}

/** The outcome of one input. */
export function outcomeOf(outcomes: readonly WriteOutcome[], ref: string): WriteOutcome {
  const found = outcomes.filter((outcome) => outcome.ref === ref);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} outcomes for ${ref}`);
  }
  return found[0];
}

/** Kinds of outcomes with their numbers. */
export function kinds(outcomes: readonly WriteOutcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Contacts e1@example.com, e2@… as upsert rows. */
export function upsertRows(count: number, properties: Record<string, string> = {}) {
  return Array.from({ length: count }, (_, index) => ({
    ref: `r${index}`,
    id: `e${index}@example.com`,
    properties: { email: `e${index}@example.com`, firstname: `First ${index}`, ...properties },
  }));
}

/** Everything that an iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
