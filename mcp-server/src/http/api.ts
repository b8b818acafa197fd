/** The REST door: the same tools as MCP, under plain addresses. */
import type { Context } from "hono";
import { z } from "zod";
import { argumentError } from "../core/argument-error.ts";
import { AppError } from "../core/errors.ts";
import { decodeLenient } from "../core/lenient.ts";
import { isFinished, jobLine } from "../tools/job-view.ts";
import type { Tool, ToolOutput, ToolServices } from "../tools/tool.ts";
import { readObject } from "./body.ts";
import { rejectsCsv, rejectsPage } from "./rejects.ts";
import { argumentsOf, type ToolRoute } from "./routes.ts";

export const MAX_BODY_BYTES = 1_000_000;

/** Calls a route's tool with what the request says. */
export async function callTool(tool: Tool, route: ToolRoute, c: Context): Promise<Response> {
  const body =
    route.method === "post"
      ? await readObject(c.req.raw, MAX_BODY_BYTES)
      : ({ kind: "object", value: {} } as const);
  if (body.kind === "refused") return body.response;
  const input = argumentsOf(route, {
    params: c.req.param(),
    query: c.req.queries(),
    body: body.value,
  });
  const output = await tool.run(input, {
    signal: c.req.raw.signal,
    progress: () => undefined,
    principal: "rest",
    confirm: null,
  });
  return answer(route, output);
}

function answer(route: ToolRoute, output: ToolOutput): Response {
  if (route.single && output["total"] === 0) {
    throw new AppError("not-found", String(output["next"] ?? "There is no such record."));
  }
  const status = z
    .object({ job_id: z.string(), status: z.enum(["queued", "running"]) })
    .safeParse(output);
  if (isRefused(output)) return refusal(output);
  if (!route.starts || !status.success) return Response.json(output);
  return Response.json(output, {
    status: 202,
    headers: { location: `/api/jobs/${encodeURIComponent(status.data.job_id)}` },
  });
}

const outcomeSchema = z.object({
  counts: z.object({ resolved: z.literal(0), refused: z.number().min(1) }),
});

const unknownSchema = z.object({
  refused: z.tuple([z.object({ code: z.literal("NOT_FOUND"), message: z.string() })]),
});

/** One conflict that nobody knows is not found; otherwise the answer says why, and shows the present values. */
function refusal(output: ToolOutput): Response {
  const unknown = unknownSchema.safeParse(output);
  if (unknown.success) throw new AppError("not-found", unknown.data.refused[0].message);
  return Response.json(output, { status: 409 });
}

/** Decisions of which none holds are a refusal to programs that look at the status only; the answer says why and shows the present values. */
function isRefused(output: ToolOutput): boolean {
  return outcomeSchema.safeParse(output).success && output["would_resolve"] === undefined;
}

export const jobsQuerySchema = z.strictObject({
  limit: z.number().min(1).max(100).optional().describe("Newest first (default 20)"),
});

/** GET /api/jobs: the newest jobs, one line each. */
export async function listJobs(services: ToolServices, c: Context): Promise<Response> {
  const { limit } = parsedQuery(jobsQuerySchema, c);
  const jobs = await services.jobs.list(Math.floor(limit ?? 20));
  return Response.json({ jobs: jobs.map(jobLine) });
}

export const rejectsQuerySchema = z.strictObject({
  limit: z.number().min(1).max(500).optional().describe("Rows per page (default 100)"),
  cursor: z.number().min(0).optional().describe("next_cursor of the page before"),
});

/** GET /api/jobs/{job_id}/rejects: JSON pages, or the whole list as CSV when the Accept header asks for it. */
export async function listRejects(services: ToolServices, c: Context): Promise<Response> {
  if (c.req.header("accept")?.includes("text/csv")) return await exportRejects(services, c);
  const { limit, cursor } = parsedQuery(rejectsQuerySchema, c);
  const jobId = await endedOrRunning(services, c);
  const page = { afterRow: Math.floor(cursor ?? 0), limit: Math.floor(limit ?? 100) };
  return Response.json(await rejectsPage(services.store.rejects, jobId, page));
}

/** GET /api/jobs/{job_id}/rejects.csv. A job that still runs would give half a file, so it has to end first. */
export async function exportRejects(services: ToolServices, c: Context): Promise<Response> {
  const jobId = await endedOrRunning(services, c);
  const job = await services.jobs.get(jobId);
  if (job && !isFinished(job)) {
    throw new AppError("conflict", "The job has not ended yet; ask again when it has.");
  }
  return new Response(rejectsCsv(services.store.rejects, jobId), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="rejects.csv"',
    },
  });
}

async function endedOrRunning(services: ToolServices, c: Context): Promise<string> {
  const jobId = c.req.param("job_id") ?? "";
  if (!(await services.jobs.get(jobId))) throw new AppError("not-found", "There is no such job.");
  return jobId;
}

function parsedQuery<S extends z.ZodObject>(schema: S, c: Context): z.output<S> {
  const parsed = schema.safeParse(decodeLenient(schema, c.req.query()));
  if (!parsed.success) throw argumentError(schema, parsed.error);
  return parsed.data;
}
