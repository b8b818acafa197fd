/** The HTTP side as one fetch handler: REST, MCP and health behind the same guard. */
import { Hono } from "hono";
import { toAppError, treatments } from "../core/errors.ts";
import type { Log } from "../ports/world.ts";
import type { Tool, ToolServices } from "../tools/tool.ts";
import { callTool, exportRejects, listJobs, listRejects } from "./api.ts";
import { createGuard, type GuardOptions } from "./guard.ts";
import { openApiDocument } from "./openapi.ts";
import { errorResponse, problemResponse } from "./problem.ts";
import { listReports, readReport } from "./reports.ts";
import { toolRoutes } from "./routes.ts";
import { type WebhookDoor, webhookPaths } from "./webhooks.ts";

export interface HttpAppOptions extends GuardOptions {
  readonly tools: readonly Tool[];
  readonly services: ToolServices;
  /** Answers everything under /mcp. */
  readonly mcpHandler: (request: Request) => Promise<Response>;
  /** Answers HubSpot's notifications; left out = there is no address for them. */
  readonly webhooks?: WebhookDoor;
  /** The figures as Prometheus reads them; left out = there is no address for them. */
  readonly metrics?: () => Promise<string>;
  readonly log: Log;
}

// Answers hold contact data: no cache keeps them, no page frames them, no browser guesses their type.
const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

// Prometheus' text format, as its exposition formats page names it (read 2026-11).
const prometheusText = { "content-type": "text/plain; version=0.0.4; charset=utf-8" } as const;

/**
 * The app. `/healthz` answers anybody and says nothing; `/api/*`, `/mcp` and `/metrics` ask the guard first. Notifications come from other hosts without a token:
 * their signature is what lets them in.
 *
 * @throws AppError `input` when it would be open to other machines without a token
 */
export function createHttpApp(options: HttpAppOptions): Hono {
  const app = new Hono();
  const guard = createGuard(options);
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  for (const area of ["/api/*", "/mcp", "/metrics"]) {
    app.use(area, async (c, next) => guard(c.req.raw) ?? (await next()));
  }
  app.all("/mcp", (c) => options.mcpHandler(c.req.raw));
  const { webhooks, metrics } = options;
  if (metrics) app.get("/metrics", async (c) => c.text(await metrics(), 200, prometheusText));
  // Whoever enters the address with a slash behind it means the same door.
  const doors = webhookPaths.flatMap((path) => [path, `${path}/`]);
  if (webhooks) for (const path of doors) app.post(path, (c) => webhooks(c.req.raw));
  addApi(app, options);
  refuseTheRest(app, options.log);
  return app;
}

function addApi(app: Hono, { tools, services }: HttpAppOptions): void {
  for (const route of toolRoutes) {
    const tool = tools.find((candidate) => candidate.name === route.tool);
    if (tool)
      app.on(route.method.toUpperCase(), honoPath(route.path), (c) => callTool(tool, route, c));
  }
  app.get("/api/jobs", (c) => listJobs(services, c));
  app.get("/api/jobs/:job_id/rejects", (c) => listRejects(services, c));
  app.get("/api/jobs/:job_id/rejects.csv", (c) => exportRejects(services, c));
  app.get("/api/reconciliations", () => listReports(services));
  app.get("/api/reconciliations/:run_id", (c) => readReport(services, c));
  const document = openApiDocument(tools, services.version);
  app.get("/api/openapi.json", (c) => c.json(document));
}

/** Known address, other method: 405. Unknown address: 404. Anything thrown: its own problem, never a stack trace. */
function refuseTheRest(app: Hono, log: Log): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (method === "ALL" || path.includes("*")) continue;
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    app.all(path, () => methodNotAllowed([...new Set(allowed)].join(", ")));
  }
  app.notFound(() =>
    problemResponse({
      status: 404,
      code: "NOT_FOUND",
      title: "Not found",
      detail: "There is nothing at this address; /api/openapi.json lists what there is.",
    }),
  );
  app.onError((thrown) => {
    const error = toAppError(thrown);
    if (treatments[error.kind].alert)
      log.error({ code: error.code, err: error.cause }, "request failed");
    return errorResponse(error);
  });
}

function methodNotAllowed(allow: string): Response {
  return problemResponse({
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    title: "Method not allowed",
    detail: `This address takes ${allow}.`,
    headers: { allow },
  });
}

function honoPath(path: string): string {
  return path.replaceAll(/\{([a-z_]+)\}/g, ":$1");
}
