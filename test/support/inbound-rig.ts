/** The program as it is wired, without a timer of its own: workers, tools and the door for notifications over one database, HubSpot simulated, time the test's. */
import { createHmac } from "node:crypto";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import { createWorkers } from "../../mcp-server/src/adapters.ts";
import { readConfig } from "../../mcp-server/src/config.ts";
import type { FieldMaps } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { signatureVersions } from "../../mcp-server/src/core/webhook-signature.ts";
import { Events } from "../../mcp-server/src/events.ts";
import { createHttpApp } from "../../mcp-server/src/http/app.ts";
import { createWebhookDoor } from "../../mcp-server/src/http/webhooks.ts";
import { verifySignature } from "../../mcp-server/src/hubspot/signature.ts";
import { createTools } from "../../mcp-server/src/tools/catalogue.ts";
import type { Tool } from "../../mcp-server/src/tools/tool.ts";
import { createJobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import type { Poll } from "../../mcp-server/src/workers/poll.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { type KeptLog, keptLog } from "./quiet-log.ts";
import { type TempStore, tempStore } from "./store.ts";

/** One process of the program on the rig's database. */
export interface InboundProcess {
  readonly tools: readonly Tool[];
  readonly poll: Poll;
  /** One look at inbox and queues. */
  live(): Promise<void>;
  /** Runs a job to its end. */
  run(kind: "sync" | "enrich", args?: Readonly<Record<string, unknown>>): Promise<Job>;
  /** Hands notifications to the door in one signed request, and returns its status. */
  knock(notifications: readonly unknown[]): Promise<number>;
  stop(): Promise<void>;
}

export interface InboundRig {
  readonly simulator: Simulator;
  readonly store: TempStore;
  readonly clock: FakeClock;
  readonly log: KeptLog;
  /** Starts a process; ids of its runs begin with this name. */
  start(name: string): InboundProcess;
  close(): Promise<void>;
}

export interface InboundRigOptions {
  readonly maps: FieldMaps;
  /** Settings of the program, by their environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Settings of HubSpot. */
  readonly hubspot?: Readonly<Record<string, unknown>>;
}

// Later than any machine's clock: what triggers of the database write is in the past, and the test stamps it anew.
const START = "2040-03-01T08:00:00.000Z";
const ADDRESS = "http://127.0.0.1:8787/webhooks/hubspot";
const BURST = 1_000;
const JOB_WITHIN_MS = 60_000;

/** A migrated database, an account of HubSpot, and nothing running yet. */
export async function inboundRig(options: InboundRigOptions): Promise<InboundRig> {
  const clock = fakeClock(START);
  const settings = { searchLagMs: 0, burstLimit: BURST, ...options.hubspot };
  const simulator = await startSimulator({
    now: clock.now,
    logBodies: true,
    hubspot: { settings },
  });
  const log = keptLog();
  const store = await tempStore(log);
  await store.changes.capture(options.maps);
  const environment = {
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_CLIENT_SECRET: simulator.hubspotClientSecret,
    HUBSPOT_BURST_LIMIT: String(BURST),
    EXPLORIUM_API_KEY: simulator.exploriumKey,
    EXPLORIUM_BASE_URL: simulator.exploriumUrl,
    ...options.environment,
  };
  const ground = { simulator, store, clock, log, maps: options.maps, environment };
  const running: InboundProcess[] = [];
  return {
    ...{ simulator, store, clock, log },
    start: (name) => {
      const started = startProcess(ground, name);
      running.push(started);
      return started;
    },
    close: async () => {
      for (const each of running) await each.stop();
      await store.close();
      await simulator.close();
    },
  };
}

interface Ground extends Pick<InboundRig, "simulator" | "store" | "clock" | "log"> {
  readonly maps: FieldMaps;
  readonly environment: Readonly<Record<string, string>>;
}

function startProcess(ground: Ground, name: string): InboundProcess {
  const { store, clock, log, maps } = ground;
  const config = readConfig(ground.environment);
  const events = new Events((error) => log.error({ err: error }, "a listener failed"));
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}_${name}${++ids}`;
  const shared = { store, maps, clock, log, events, newId, owner: `process_${name}` };
  const { handlers, live, poll } = createWorkers(config, shared);
  if (!live || !poll) throw new Error("there is a token");
  const jobs = createJobRunner({ ...shared, handlers });
  const services = {
    ...{ store, jobs, clock, newId, fieldMaps: maps },
    ...{ sendsByItself: config.AUTO_SYNC_AFTER_ENRICH, version: "test" },
    capabilities: { hubspot: true, lemlist: false, explorium: true, anthropic: false },
  };
  const tools = createTools(services);
  return {
    tools,
    poll,
    live: () => live(new AbortController().signal),
    run: async (kind, args = {}) => {
      const { job } = await jobs.start(kind, args);
      return jobs.wait(job.job_id, JOB_WITHIN_MS);
    },
    knock: knocking(ground, { tools, services }),
    stop: () => jobs.stop(),
  };
}

type Served = Pick<Parameters<typeof createHttpApp>[0], "tools" | "services">;

function knocking(
  { simulator, store, clock, log }: Ground,
  served: Served,
): InboundProcess["knock"] {
  const secret = simulator.hubspotClientSecret;
  const versions = signatureVersions("v3");
  const webhooks = createWebhookDoor({
    ...{ inbox: store.inbox, clock, log, publicUrl: null, appId: null, maxWaiting: 100_000 },
    verify: (request, now) => verifySignature(request, { secret, versions, now }),
  });
  const app = createHttpApp({
    ...served,
    ...{ webhooks, log, host: "127.0.0.1", apiToken: null, publicUrl: null },
    mcpHandler: async () => new Response(),
  });
  return async (notifications) => {
    const body = JSON.stringify(notifications);
    const at = String(clock.now());
    // HubSpot docs, request signatures v3: method, address, body and time, keyed by the app's secret (read 2026-11).
    const signature = createHmac("sha256", secret).update(`POST${ADDRESS}${body}${at}`);
    const headers = {
      "content-type": "application/json",
      "x-hubspot-signature-v3": signature.digest("base64"),
      "x-hubspot-request-timestamp": at,
    };
    const answer = await app.fetch(new Request(ADDRESS, { method: "POST", headers, body }));
    return answer.status;
  };
}
