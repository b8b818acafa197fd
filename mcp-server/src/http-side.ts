/** The HTTP side of a running program: REST and MCP over HTTP on one port. */
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { signatureVersions } from "./core/webhook-signature.ts";
import { createHttpApp } from "./http/app.ts";
import { serveHttp } from "./http/listen.ts";
import { createWebhookDoor, type WebhookDoor } from "./http/webhooks.ts";
import { verifySignature } from "./hubspot/signature.ts";
import { createMcpHttpDoor } from "./mcp/http.ts";
import { buildServer } from "./mcp/server.ts";
import { createScrape, type Scrape } from "./metrics/scrape.ts";
import type { SharedMeter } from "./metrics/shared-meter.ts";
import type { Log } from "./ports/world.ts";
import type { Tool, ToolServices } from "./tools/tool.ts";

/** An open listener. */
export interface HttpSide {
  readonly url: string;
  close(): Promise<void>;
}

export interface HttpSideParts {
  readonly tools: readonly Tool[];
  readonly services: ToolServices;
  readonly log: Log;
  /** Left out = nothing is counted, and there is no /metrics. */
  readonly meter?: SharedMeter;
  /** How the server introduces itself to MCP clients. */
  readonly introduction: {
    readonly name: string;
    readonly version: string;
    readonly instructions: string;
  };
}

/** Listens where the configuration says. Throws `conflict` (PORT_TAKEN) when another program has the port. */
export async function openHttpSide(config: Config, parts: HttpSideParts): Promise<HttpSide> {
  const { tools, log, introduction, meter } = parts;
  const door = createMcpHttpDoor({
    createServer: () => buildServer(tools, { ...introduction, log, principal: "http" }),
    clock: systemClock,
    log,
  });
  const app = createHttpApp({
    ...parts,
    mcpHandler: (request) => door.fetch(request),
    webhooks: counted(webhookDoor(config, parts), meter),
    ...(meter ? { metrics: scrapeOf(parts.services, meter) } : {}),
    host: config.HTTP_HOST,
    apiToken: config.API_TOKEN?.reveal() ?? null,
    publicUrl: config.PUBLIC_URL ?? null,
  });
  const server = await serveHttp({
    fetch: (request) => app.fetch(request),
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
  });
  return {
    url: server.url,
    close: async () => {
      await door.close();
      await server.close();
    },
  };
}

function webhookDoor(config: Config, { services, log }: HttpSideParts): WebhookDoor {
  const secret = config.HUBSPOT_CLIENT_SECRET?.reveal();
  const versions = signatureVersions(config.WEBHOOK_SIGNATURES);
  return createWebhookDoor({
    inbox: services.store.inbox,
    clock: services.clock,
    log,
    verify:
      secret === undefined
        ? null
        : (request, now) => verifySignature(request, { secret, versions, now }),
    publicUrl: config.PUBLIC_URL ?? null,
    appId: config.HUBSPOT_APP_ID ?? null,
    maxWaiting: config.WEBHOOK_MAX_WAITING,
  });
}

/** A door of which every answer is counted. */
function counted(door: WebhookDoor, meter: SharedMeter | undefined): WebhookDoor {
  return async (request) => {
    const response = await door(request);
    meter?.count("webhookRequests", { status: String(response.status) });
    return response;
  };
}

function scrapeOf({ store, clock, version, standing }: ToolServices, meter: SharedMeter): Scrape {
  return createScrape({ store, meter, clock, version, ...(standing ? { standing } : {}) });
}
