/** Laws that every tool of the catalogue keeps. */
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inputSchemaOf, outputSchemaOf } from "../../mcp-server/src/tools/advertised.ts";
import { instructions } from "../../mcp-server/src/tools/catalogue.ts";
import { connectToKeep } from "../doors/in-process.ts";
import { openServices, type Services } from "../doors/stack.ts";

const names = [
  "import",
  "enrich",
  "sync",
  "query-contacts",
  "list-conflicts",
  "resolve-conflict",
  "queue-sync",
  "job-status",
  "cancel-job",
  "sync-health",
];

let open: Services;
beforeAll(async () => {
  open = await openServices();
});
afterAll(() => open.close());

function tool(name: string) {
  const found = open.tools.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  return found;
}

test("shows exactly the promised tools, always in the same order", () => {
  expect(open.tools.map(({ name }) => name)).toEqual(names);
});

describe.each(names)("%s", (name) => {
  test("is named as its file, in kebab-case", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(existsSync(new URL(`../../mcp-server/src/tools/${name}.ts`, import.meta.url))).toBe(
      true,
    );
  });

  test("gives every hint", () => {
    expect(Object.keys(tool(name).annotations).sort()).toEqual([
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
  });

  test("is never both read-only and destructive", () => {
    const { readOnlyHint, destructiveHint } = tool(name).annotations;

    expect(readOnlyHint && destructiveHint).toBe(false);
  });

  test("describes itself in at most 1,000 characters, the essence first, and says when not to use it", () => {
    const { description } = tool(name);

    expect(description.length).toBeLessThanOrEqual(1_000);
    expect(description.split(/[.:]/)[0]?.length ?? 0).toBeLessThanOrEqual(200);
    expect(description).toMatch(/Do not use it|It never/);
  });

  test("takes a closed, flat object under 16 KiB without unions, tuples or nullable types", () => {
    const schema = inputSchemaOf(tool(name));
    const text = JSON.stringify(schema);

    expect(schema["type"]).toBe("object");
    expect(schema["additionalProperties"]).toBe(false);
    expect(text.length).toBeLessThan(16_384);
    expect(text).not.toMatch(/"(anyOf|oneOf|allOf|prefixItems|\$ref|propertyNames)"/);
    expect(text).not.toContain('"type":[');
    expect(
      [...text.matchAll(/"pattern":"([^"]*)"/g)].filter(([, p]) => (p ?? "").length > 60),
    ).toEqual([]);
  });

  test("describes each of its arguments", () => {
    const properties = Object.values(tool(name).input.shape);

    expect(properties.filter((property) => !property.description)).toEqual([]);
  });

  test("says that its answer is an object with properties", () => {
    const schema = outputSchemaOf(tool(name));

    expect(schema["type"]).toBe("object");
    expect(Object.keys(schema["properties"] ?? {}).length).toBeGreaterThan(0);
  });
});

test("sync says that it finds what changed in HubSpot alone, and how to find what any signal missed", () => {
  const { description } = tool("sync");

  expect(description).toContain("due or changed in HubSpot");
  expect(description).toContain("mode reconcile");
});

test("costs at most 8,000 tokens as a whole as clients receive it, in at most 12 tools", async () => {
  const client = await connectToKeep(open);
  const { tools } = await client.listTools();
  await client.close();

  expect(JSON.stringify(tools).length / 4).toBeLessThanOrEqual(8_000);
  expect(tools.length).toBeLessThanOrEqual(12);
});

test("keeps the instructions within what clients show", () => {
  expect(instructions.length).toBeLessThan(2_048);
});
