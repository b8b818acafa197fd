/** MCP in process: results, refusals, progress, cancelling and hostile arguments. */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { defineTool, type Tool } from "../../mcp-server/src/tools/tool.ts";
import { gatedWorker, open } from "../tools/calls.ts";
import { storedContact } from "./contacts.ts";
import { connect, connectToKeep } from "./in-process.ts";
import { openServices, type Services } from "./stack.ts";

const resultSchema = z.object({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
});

async function call(client: Client, name: string, args: Record<string, unknown>) {
  return resultSchema.parse(await client.callTool({ name, arguments: args }));
}

/** Services whose only tool fails in the given way. */
function failing(services: Services, thrown: unknown): Services {
  const tool: Tool = defineTool({
    name: "sync-health",
    title: "Fails",
    description: "Fails.",
    input: z.strictObject({}),
    output: z.object({}),
    annotations: {
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    run: () => Promise.reject(thrown),
  });
  return { ...services, tools: [tool] };
}

describe("answers", () => {
  test("are complete as text and as structured content", async () => {
    const services = await open();
    await storedContact(services.store, "ada@example.com", { fields: { first_name: "Ada" } });
    const client = await connect(services);

    const { content, structuredContent, isError } = await call(client, "query-contacts", {});

    expect(isError ?? false).toBe(false);
    expect(JSON.parse(content[0]?.text ?? "")).toEqual(structuredContent);
    expect(structuredContent).toMatchObject({ total: 1, contacts: [{ first_name: "Ada" }] });
  });

  test("are checked by the client against the advertised schemas", async () => {
    const services = await open();
    const client = await connect(services);
    await client.listTools();

    // The client validates structured content once it has listed the tools.
    await expect(call(client, "sync-health", {})).resolves.toMatchObject({
      structuredContent: { version: "0.0.0-test" },
    });
  });

  test("take arguments that a client turned into text", async () => {
    const services = await open();
    await storedContact(services.store, "ada@example.com");
    const client = await connect(services);

    const { structuredContent } = await call(client, "query-contacts", {
      filter: '{"status":"imported"}',
      fields: '["first_name"]',
      limit: "5",
    });

    expect(structuredContent).toMatchObject({ total: 1, contacts: [{ first_name: null }] });
  });
});

describe("refusals", () => {
  test("say the argument, what is allowed and nothing of the validator's own", async () => {
    const client = await connect(await open());

    const { isError, content, structuredContent } = await call(client, "import", {
      source: "xls",
      colour: "red",
    });

    expect(isError).toBe(true);
    expect(structuredContent).toBeUndefined();
    expect(content[0]?.text).toMatch(
      /^INVALID_ARGUMENTS: "source" must be one of: csv, lemlist, hubspot, records\. There is no "colour"/,
    );
  });

  test("say when to try again", async () => {
    const error = new AppError("rate-limited", "HubSpot asks to wait.", { retryAfterMs: 2_500 });
    const client = await connect(failing(await open(), error));

    const { content } = await call(client, "sync-health", {});

    expect(content[0]?.text).toBe(
      "RATE_LIMITED: HubSpot asks to wait. Try again in 3 s (retry_after_seconds: 3).",
    );
  });

  test("never show what was really thrown, but log it", async () => {
    const services = await open();
    const client = await connect(failing(services, new Error("password=hunter2 at /srv/app.ts:7")));

    const { isError, content } = await call(client, "sync-health", {});

    expect(isError).toBe(true);
    expect(content[0]?.text).toMatch(/^BUG: /);
    expect(content[0]?.text).not.toContain("hunter2");
    expect(services.lines.at(-1)?.fields["err"]).toBeInstanceOf(Error);
  });
});

describe("long calls", () => {
  test("report progress that only rises, at most twice a second", async () => {
    const updates = [0, 10, 5, 20, 30, 40];
    const services = await open({
      handlers: {
        import: async ({ save }) => {
          for (const done of updates) {
            await save({ progress: { done, total: 40, phase: "reading rows" } });
          }
          return { progress: { done: 40, total: 40, phase: "done" } };
        },
      },
    });
    const client = await connect(services);

    const heard: number[] = [];
    const started = performance.now();
    await client.callTool(
      { name: "import", arguments: { source: "records", records: [{ email: "a@example.com" }] } },
      undefined,
      { onprogress: ({ progress }) => heard.push(progress) },
    );
    const halfSeconds = Math.floor((performance.now() - started) / 500);

    expect(heard.length).toBeGreaterThan(0);
    expect(heard.length).toBeLessThanOrEqual(halfSeconds + 1);
    expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b));
  });

  test("leave their job running when the client cancels the call", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { enrich: worker.handler } });
    const client = await connect(services);
    const abort = new AbortController();

    const waiting = client.callTool(
      { name: "enrich", arguments: { wait_seconds: 20 } },
      undefined,
      { signal: abort.signal },
    );
    await expect.poll(() => worker.seen.length).toBe(1);
    abort.abort();
    await expect(waiting).rejects.toThrow();
    worker.finish();

    const [job] = await services.services.jobs.list(1);
    expect(await services.services.jobs.wait(job?.job_id ?? "", 10_000)).toMatchObject({
      status: "completed",
    });
  });
});

describe("hostile arguments", () => {
  let services: Services;
  let client: Client;
  beforeAll(async () => {
    services = await openServices();
    await storedContact(services.store, "ada@example.com");
    client = await connectToKeep(services);
  });
  afterAll(async () => {
    await client.close();
    await services.close();
  });

  const names = [
    ...["import", "enrich", "sync", "query-contacts", "job-status", "cancel-job"],
    ...["list-conflicts", "resolve-conflict", "queue-sync"],
  ];
  const argument = fc.constantFrom(
    ...["source", "path", "records", "column_map", "filter", "emails", "ids", "job_id", "email"],
    ...["search", "fields", "sort", "limit", "cursor", "include", "dry_run", "mode", "__proto__"],
    ...["conflict_id", "version", "resolution", "resolutions", "value", "note", "plan_id"],
    ...["object", "ban", "changed_fields", "trigger_source", "direction"],
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("csv", "records", "[", "{}", "null", "1e999", "-1", "' OR 1=1 --", "\u0000"),
    fc.jsonValue().map((json) => JSON.stringify(json)),
  );

  test("always get an answer or a typed refusal, never a stack trace or a hang", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.dictionary(argument, value, { maxKeys: 4 }),
        async (name, args) => {
          const result = await call(client, name, { wait_seconds: 0, ...args });

          const text = result.content[0]?.text ?? "";
          if (result.isError)
            expect(text).toMatch(/^(INVALID_ARGUMENTS|NOT_FOUND|PLAN_STALE|INPUT|[A-Z_]*CURSOR): /);
          expect(text).not.toMatch(/\bat .*\.[tj]s:\d+|node_modules|SQLITE|ZodError/);
        },
      ),
      { numRuns: 150 },
    );
  });
});
