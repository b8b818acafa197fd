/** The OpenAPI document describes exactly what is served, from the tools' own schemas. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createHttpApp } from "../../mcp-server/src/http/app.ts";
import { inputSchemaOf } from "../../mcp-server/src/tools/advertised.ts";
import { openServices, type Services } from "./stack.ts";

const documentSchema = z.looseObject({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        operationId: z.string(),
        parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).default([]),
        requestBody: z.any().optional(),
        responses: z.record(z.string(), z.any()),
      }),
    ),
  ),
});

let services: Services;
let app: ReturnType<typeof createHttpApp>;
let document: z.infer<typeof documentSchema>;
beforeAll(async () => {
  services = await openServices();
  app = createHttpApp({
    tools: services.tools,
    services: services.services,
    log: services.log,
    mcpHandler: async () => new Response(),
    host: "127.0.0.1",
    apiToken: null,
    publicUrl: null,
  });
  const response = await app.request("http://localhost/api/openapi.json", {
    headers: { host: "localhost" },
  });
  document = documentSchema.parse(await response.json());
});
afterAll(() => services.close());

test("is OpenAPI 3.1 with unique operation ids", () => {
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  );

  expect(document.openapi).toMatch(/^3\.1\./);
  expect(new Set(ids).size).toBe(ids.length);
});

test("lists every served address with its methods, and no other", () => {
  const served = app.routes
    .filter(
      ({ path, method }) => path.startsWith("/api/") && !path.includes("*") && method !== "ALL",
    )
    .map(({ path, method }) => `${method} ${path.replaceAll(/:([a-z_]+)/g, "{$1}")}`)
    .filter((route) => !route.endsWith("/openapi.json"));
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(documented.sort()).toEqual([...new Set(served)].sort());
});

test("names every path parameter", () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const names = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(operations)) {
      const given = operation.parameters.filter((each) => each.in === "path");
      expect(given.map((each) => each.name)).toEqual(names);
    }
  }
});

test("asks for the tool's own schema without what the address says", () => {
  const sync = services.tools.find((tool) => tool.name === "sync");
  const body = (path: string) =>
    document.paths[path]?.["post"]?.requestBody?.content["application/json"].schema;

  expect(body("/api/sync/hubspot").properties).toEqual(
    inputSchemaOf(sync ?? services.tools[0]!)["properties"],
  );
  expect(Object.keys(body("/api/import/csv").properties)).not.toContain("source");
});
