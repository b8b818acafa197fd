/** The OpenAPI 3.1 document, made from the same table and schemas that serve the requests. */
import { z } from "zod";
import { reportSchema } from "../core/reconcile-report.ts";
import { contactFilterSchema } from "../core/selection.ts";
import { inputSchemaOf, type JsonSchema, outputSchemaOf, plain } from "../tools/advertised.ts";
import { jobLineSchema } from "../tools/job-view.ts";
import type { Tool } from "../tools/tool.ts";
import { jobsQuerySchema, rejectsQuerySchema } from "./api.ts";
import { type ToolRoute, toolRoutes } from "./routes.ts";

type Json = Readonly<Record<string, unknown>>;

const problem = {
  type: "object",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string", description: "What happened and how to mend it" },
    code: { type: "string" },
    retry_after_seconds: { type: "number" },
  },
  required: ["type", "title", "status", "detail", "code"],
};

/** The document for the given tools. */
export function openApiDocument(tools: readonly Tool[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of toolRoutes) {
    const tool = tools.find((candidate) => candidate.name === route.tool);
    if (tool) paths[route.path] = { ...paths[route.path], [route.method]: operation(route, tool) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "hubspot-sync",
      version,
      description: "The same verbs as the MCP server. Contact data is untrusted text.",
    },
    paths: { ...paths, ...ownPaths() },
    components: {
      schemas: { Problem: problem },
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{}, { token: [] }],
  };
}

function operation(route: ToolRoute, tool: Tool): Json {
  const pathNames = parameterNames(route.path);
  const input = inputSchemaOf(tool);
  const own = omit(input, [...pathNames, ...Object.keys(route.fixed ?? {})]);
  const inPath = pathNames.map((name) => parameter(name, "path", properties(input)[name] ?? {}));
  return {
    operationId: `${route.method}${route.path.replaceAll(/[^a-z]+/g, "_")}`,
    summary: route.summary,
    description: tool.description,
    parameters: route.method === "get" ? [...inPath, ...queryParameters(route, own)] : inPath,
    ...(route.method === "post" && Object.keys(properties(own)).length > 0
      ? { requestBody: { required: hasRequired(own), content: json(own) } }
      : {}),
    responses: responses(json(outputSchemaOf(tool)), route),
  };
}

function queryParameters(route: ToolRoute, schema: JsonSchema): readonly Json[] {
  const members = route.flatFilter ? properties(plain(contactFilterSchema, "input")) : {};
  const own = omit(schema, notInQuery(route));
  return Object.entries({ ...properties(own), ...members }).map(([name, value]) =>
    parameter(name, "query", value),
  );
}

const ofLists = ["filter", "search", "sort", "limit", "cursor"];
const ofOne = ["email", "ban"];

/** Arguments that make no sense at an address: of lists where it names one record, and the other way round. */
function notInQuery(route: ToolRoute): readonly string[] {
  if (route.single)
    return [...ofLists, ...ofOne, ...(route.path.includes("{ban}") ? ["fields"] : [])];
  return route.flatFilter ? [...ofOne, "filter"] : [];
}

const reportsSchema = {
  type: "object",
  properties: { reconciliations: { type: "array", items: { type: "object" } } },
};

function ownPaths(): Readonly<Record<string, Json>> {
  const jobId = parameter("job_id", "path", { type: "string" });
  const lines = plain(z.object({ jobs: z.array(jobLineSchema) }), "output");
  const rejects = {
    type: "object",
    properties: {
      rejects: { type: "array", items: { type: "object" } },
      next_cursor: { type: ["string", "null"] },
    },
  };
  const csv = { "text/csv": { schema: { type: "string" } } };
  return {
    "/api/jobs": {
      get: {
        operationId: "get_api_jobs",
        summary: "The newest jobs",
        parameters: queryOf(jobsQuerySchema),
        responses: responses(json(lines)),
      },
    },
    "/api/jobs/{job_id}/rejects": {
      get: {
        operationId: "get_api_jobs_rejects",
        summary: "An import's rejected rows, as JSON pages or as CSV by Accept",
        parameters: [jobId, ...queryOf(rejectsQuerySchema)],
        responses: responses({ ...json(rejects), ...csv }),
      },
    },
    "/api/reconciliations": {
      get: {
        operationId: "get_api_reconciliations",
        summary: "The newest reconciliations, one entry per kind of record",
        parameters: [],
        responses: responses(json(reportsSchema)),
      },
    },
    "/api/reconciliations/{run_id}": {
      get: {
        operationId: "get_api_reconciliation",
        summary: "One report; with .md behind the id, or by Accept, as a page of Markdown",
        parameters: [parameter("run_id", "path", { type: "string" })],
        responses: responses({
          ...json(plain(reportSchema, "output")),
          "text/markdown": { schema: { type: "string" } },
        }),
      },
    },
    "/api/jobs/{job_id}/rejects.csv": {
      get: {
        operationId: "get_api_jobs_rejects_csv",
        summary: "All rejected rows of an ended import as a CSV file",
        parameters: [jobId],
        responses: responses(csv),
      },
    },
  };
}

function responses(content: Json, route?: ToolRoute): Json {
  return {
    200: { description: "Done", content },
    ...(route?.starts
      ? { 202: { description: "Under way; Location names the job", content } }
      : {}),
    default: {
      description: "Refused",
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    },
  };
}

function json(schema: unknown): Json {
  return { "application/json": { schema } };
}

function queryOf(schema: z.ZodObject): readonly Json[] {
  return Object.entries(properties(plain(schema, "input"))).map(([name, value]) =>
    parameter(name, "query", value),
  );
}

function parameter(name: string, place: "path" | "query", schema: unknown): Json {
  return { name, in: place, required: place === "path", schema };
}

function parameterNames(path: string): readonly string[] {
  return [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name ?? "");
}

const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

function properties(schema: JsonSchema): Readonly<Record<string, unknown>> {
  return objectSchema.parse(schema).properties;
}

function hasRequired(schema: JsonSchema): boolean {
  return objectSchema.parse(schema).required.length > 0;
}

function omit(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const { properties: all, required, ...rest } = objectSchema.parse(schema);
  const kept = Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const still = required.filter((name) => !names.includes(name));
  return { ...rest, properties: kept, ...(still.length > 0 ? { required: still } : {}) };
}
