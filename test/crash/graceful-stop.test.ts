/** SIGTERM, or the end of the client, in the middle of anything: the process ends soon and well, and what it was at is handed back. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import { rowsOf } from "../support/crash-rig.ts";
import { differences } from "../support/crash-state.ts";
import { initializeRequest } from "../support/initialize.ts";
import type { Notification } from "../support/webhook-sender.ts";
import { calmRun, problemsIn, unlikeIn } from "./deaths.ts";
import { Lane } from "./lane.ts";
import type { Scenario } from "./scenario.ts";
import { chain, enriching, hearing, importing, reconciling, syncing } from "./scenarios.ts";
import { worldState } from "./world-state.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

const STOP_WITHIN_MS = 5_000;
const NEWS = 3_000;

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.open();
});
afterAll(() => lane.close());

const hangs = { name: "timeout-before-commit", times: 1_000 } as const;
const hangsHavingDoneIt = { name: "timeout-after-commit", times: 1_000 } as const;

const cases: readonly (readonly [what: string, Scenario, FaultOrder])[] = [
  ["an enrichment whose company data never answers", enriching, { service: "explorium", ...hangs }],
  ["an enrichment whose model never answers", enriching, { service: "anthropic", ...hangs }],
  [
    "a sync whose write HubSpot never answers",
    syncing,
    { service: "hubspot", ...hangs, path: "contacts/batch/upsert" },
  ],
  [
    "a sync whose write HubSpot carries out and never answers",
    syncing,
    { service: "hubspot", ...hangsHavingDoneIt, path: "contacts/batch/upsert" },
  ],
  [
    "a sync whose note HubSpot carries out and never answers",
    syncing,
    { service: "hubspot", ...hangsHavingDoneIt, path: "notes" },
  ],
  [
    "a reconciliation whose list never comes",
    reconciling,
    { service: "hubspot", ...hangs, method: "GET", path: "/contacts" },
  ],
  [
    "a look at what HubSpot notified that is never answered",
    hearing,
    { service: "hubspot", ...hangs, path: "batch/read" },
  ],
  [
    "a chain whose first lookup takes long",
    chain,
    { service: "hubspot", name: "slow", delayMs: 20_000 },
  ],
];

for (const [what, scenario, fault] of cases)
  test(`${what} stops within five seconds, and another process ends the work`, async () => {
    const calm = await calmRun(lane, scenario);
    const player = await lane.begin(scenario);
    const { faults, requests } = lane.world.simulator;
    faults.add(fault);

    const hasBegun = () => requests.list().some((one) => one.fault === fault.name);
    await player.live({}, hasBegun);
    const stoppedInMs = player.stoppedInMs;
    const held = heldRows();
    faults.clear();
    await player.live({});
    player.close();

    expect(requests.list().some((one) => one.fault === fault.name)).toBe(true);
    expect(stoppedInMs).toBeLessThan(STOP_WITHIN_MS);
    expect(held).toEqual([]);
    expect(problemsIn(lane, player)).toEqual([]);
    expect((await unlikeIn(lane, scenario, calm)).unlike).toEqual([]);
  });

test("an import stops within five seconds, and another process ends it", async () => {
  const calm = await calmRun(lane, importing);
  const player = await lane.begin(importing);

  await player.live({}, () => rowsOf(lane.world.file, "select 1 from jobs").length > 0);
  const stoppedInMs = player.stoppedInMs;
  const held = heldRows();
  await player.live({});
  player.close();

  expect(stoppedInMs).toBeLessThan(STOP_WITHIN_MS);
  expect(held).toEqual([]);
  expect(problemsIn(lane, player)).toEqual([]);
  expect(differences(worldState(lane.world), calm.state)).toEqual([]);
});

test("under a flood of notifications it stops within five seconds, and keeps all that it said yes to", async () => {
  const flood: Scenario = { ...hearing, act: (world) => flooded(hearing.act?.(world) ?? []) };
  const player = await lane.begin(flood);

  await player.live({}, () => player.acknowledged > 300);
  const stoppedInMs = player.stoppedInMs;
  const acknowledged = player.acknowledged;
  const lost = player.lost();
  await player.live({});
  player.close();

  expect(acknowledged).toBeGreaterThan(300);
  expect(stoppedInMs).toBeLessThan(STOP_WITHIN_MS);
  expect(lost).toEqual([]);
  expect(problemsIn(lane, player)).toEqual([]);
});

test("open streams of MCP clients do not hold it up", async () => {
  const player = await lane.begin({ name: "streams" });
  const client = new Client({ name: "test", version: "1" });
  let isConnected = false;

  await player.live(
    {},
    () => isConnected,
    async (url) => {
      await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
      await client.listTools();
      isConnected = true;
    },
  );
  player.close();
  await client.close();

  expect(isConnected).toBe(true);
  expect(player.stoppedInMs).toBeLessThan(STOP_WITHIN_MS);
});

test("the end of the client ends a stdio server at work within five seconds, and another process ends the work", async () => {
  const calm = await calmRun(lane, syncing);
  const player = await lane.begin(syncing);
  const { faults, requests } = lane.world.simulator;
  faults.add({ service: "hubspot", ...hangs, path: "contacts/batch/upsert" });
  const server = lane.serveStdio();
  const say = (message: object) => server.process.stdin?.write(`${JSON.stringify(message)}\n`);
  const params = { name: "sync", arguments: { wait_seconds: 0 } };

  say(initializeRequest());
  say({ jsonrpc: "2.0", method: "notifications/initialized" });
  say({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
  await vi.waitUntil(() => requests.list().some(({ fault }) => fault === hangs.name), 30_000);
  const asked = performance.now();
  server.process.stdin?.end();
  const code = await server.ended;
  const stoppedInMs = performance.now() - asked;
  const held = heldRows();
  faults.clear();
  const heir = lane.beside({ name: "heir" });
  await heir.live({});
  player.close();
  heir.close();

  expect(code).toBe(0);
  expect(stoppedInMs).toBeLessThan(STOP_WITHIN_MS);
  expect(held).toEqual([]);
  expect(problemsIn(lane, heir)).toEqual([]);
  expect((await unlikeIn(lane, syncing, calm)).unlike).toEqual([]);
});

/** The same news again and again, each time as news of its own. */
function flooded(told: readonly Notification[]): readonly Notification[] {
  return Array.from({ length: NEWS / told.length }, () => told).flat();
}

/** Work that is still somebody's. */
function heldRows(): readonly unknown[] {
  return rowsOf(
    lane.world.file,
    `select 'job ' || kind as what, lease_owner from jobs where status = 'running' or lease_owner is not null
     union all select 'sync_queue', lease_owner from sync_queue where lease_owner is not null
     union all select 'hubspot_queue', lease_owner from hubspot_queue where lease_owner is not null
     union all select name, owner from leases where until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
  );
}
