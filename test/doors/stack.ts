/** The doors as the program wires them, over a real database and job runner, for tests. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { newId, systemClock } from "../../mcp-server/src/clock.ts";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { Events } from "../../mcp-server/src/events.ts";
import { createHttpApp } from "../../mcp-server/src/http/app.ts";
import { type HttpServer, serveHttp } from "../../mcp-server/src/http/listen.ts";
import { createMcpHttpDoor, type McpHttpDoor } from "../../mcp-server/src/mcp/http.ts";
import { buildServer } from "../../mcp-server/src/mcp/server.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import type { Clock, Log } from "../../mcp-server/src/ports/world.ts";
import { createTools, instructions } from "../../mcp-server/src/tools/catalogue.ts";
import type { Capabilities, Tool, ToolServices } from "../../mcp-server/src/tools/tool.ts";
import { createJobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { type KeptLog, keptLog } from "../support/quiet-log.ts";
import { tempStore } from "../support/store.ts";

/** What the tests' field map says: one field of each kind that a door treats in its own way. */
export const mapText = {
  contacts: {
    email: oneWay("email", { type: "email" }),
    first_name: twoWay("firstname", "first_name", "LATEST_WINS"),
    company: twoWay("company", "company", "WARP_WINS"),
    job_title: twoWay("jobtitle", "job_title", "MANUAL"),
    city: { ...twoWay("city", "city", "MANUAL"), propagate_clear: true },
    industry: oneWay("sync_industry", {
      warp_field: "company_record",
      warp_field_path: "company_record->>'industry'",
    }),
  },
  customers: {
    ban: oneWay("warp_ban", { warp_field: "ban" }),
    current_balance: oneWay("warp_current_balance", {
      warp_field: "current_balance",
      type: "number",
      update_frequency: "real-time",
    }),
    status: oneWay("warp_status", { warp_field: "status", enum_values: ["ACTIVE", "CLOSED"] }),
    tier: { ...oneWay("warp_tier", { warp_field: "tier" }), sync_direction: "HUBSPOT_TO_WARP" },
    company_name: twoWay("name", "company_name", "MANUAL"),
    credit_limit: {
      ...twoWay("warp_credit_limit", "credit_limit", "MANUAL"),
      type: "number",
      transform: "hubspot_value_in_cents_to_dollars",
    },
    contact_phone: {
      ...twoWay("phone", "contact", "LATEST_WINS"),
      warp_field_path: "contact->>'phone'",
    },
  },
} as const;

function oneWay<M extends object>(hubspot_property: string, more: M) {
  return { hubspot_property, warp_field: "email", sync_direction: "WARP_TO_HUBSPOT", ...more };
}

function twoWay(hubspot_property: string, warp_field: string, conflict_resolution: string) {
  return { hubspot_property, warp_field, sync_direction: "BIDIRECTIONAL", conflict_resolution };
}

const fieldMaps = parseFieldMap(JSON.stringify(mapText), "field map of the door tests");

export interface Services {
  readonly services: ToolServices;
  readonly tools: readonly Tool[];
  readonly store: Store;
  readonly events: Events;
  readonly lines: KeptLog["lines"];
  readonly log: Log;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** What each kind of job does; by default it ends at once with nothing done. */
  readonly handlers?: Partial<Readonly<Record<"import" | "enrich" | "sync", JobHandler>>>;
  readonly capabilities?: Partial<Capabilities>;
  /** Another field map or clock, or nothing that sends by itself. */
  readonly services?: Partial<
    Pick<ToolServices, "fieldMaps" | "clock" | "sendsByItself" | "standing">
  >;
  /** A store of the test's own, which it closes itself; by default a fresh one. */
  readonly store?: Store;
}

const idle: JobHandler = async () => ({ counts: {} });

/** The tools over a fresh database, with the given workers. */
export async function openServices(options: ServiceOptions = {}): Promise<Services> {
  const log = keptLog();
  const store = options.store ?? (await tempStore(log));
  const events = new Events((error) => log.error({ err: error }, "a listener failed"));
  const jobs = createJobRunner({
    store,
    handlers: { import: idle, enrich: idle, sync: idle, ...options.handlers },
    clock: systemClock,
    newId,
    log,
    events,
    owner: "door tests",
  });
  const services: ToolServices = {
    store,
    jobs,
    clock: systemClock,
    newId,
    fieldMaps,
    version: "0.0.0-test",
    sendsByItself: true,
    capabilities: {
      hubspot: true,
      lemlist: true,
      explorium: true,
      anthropic: true,
      ...options.capabilities,
    },
    ...options.services,
  };
  const close = async (): Promise<void> => {
    await jobs.stop();
    if (!options.store) await store.close();
  };
  return { services, tools: createTools(services), store, events, lines: log.lines, log, close };
}

export interface DoorOptions {
  readonly apiToken?: string | null;
  readonly publicUrl?: string | null;
  readonly clock?: Pick<Clock, "now">;
  readonly maxSessions?: number;
  readonly idleMs?: number;
  /** Adds to each session's server before it is connected. */
  readonly extend?: (server: McpServer) => McpServer;
}

export interface Doors {
  readonly http: HttpServer;
  readonly mcp: McpHttpDoor;
  close(): Promise<void>;
}

/** Listens on a free loopback port with REST and MCP, as the program does. */
export async function openDoors(open: Services, options: DoorOptions = {}): Promise<Doors> {
  const { services, tools, log } = open;
  const mcp = createMcpHttpDoor({
    createServer: () => {
      const server = productServer(open, "http");
      return options.extend ? options.extend(server) : server;
    },
    clock: options.clock ?? systemClock,
    log,
    ...(options.maxSessions === undefined ? {} : { maxSessions: options.maxSessions }),
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
  });
  const app = createHttpApp({
    tools,
    services,
    log,
    mcpHandler: (request) => mcp.fetch(request),
    host: "127.0.0.1",
    apiToken: options.apiToken ?? null,
    publicUrl: options.publicUrl ?? null,
  });
  const http = await serveHttp({
    fetch: (request) => app.fetch(request),
    host: "127.0.0.1",
    port: 0,
  });
  const close = async (): Promise<void> => {
    await mcp.close();
    await http.close(100);
  };
  return { http, mcp, close };
}

/** One connection's server, as the program makes it. */
export function productServer(open: Services, principal: string): McpServer {
  return buildServer(open.tools, {
    name: "hubspot-sync",
    version: open.services.version,
    instructions,
    log: open.log,
    principal,
  });
}
