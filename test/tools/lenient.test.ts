/** Arguments that arrive as text are read back, and nothing else is touched. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { decodeLenient } from "../../mcp-server/src/core/lenient.ts";

const schema = z.strictObject({
  limit: z.number().optional(),
  force: z.boolean().optional(),
  search: z.string().optional(),
  emails: z.array(z.string()).optional(),
  ids: z.array(z.number()).optional(),
  filter: z.strictObject({ min: z.number().optional(), name: z.string().optional() }).optional(),
  map: z.record(z.string(), z.unknown()).optional(),
  rows: z.array(z.strictObject({ n: z.number() })).optional(),
});

const typed = fc.record(
  {
    limit: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
    force: fc.boolean(),
    search: fc.string(),
    emails: fc.array(fc.emailAddress()),
    ids: fc.array(fc.integer()),
    filter: fc.record({ min: fc.integer(), name: fc.string() }, { requiredKeys: [] }),
    rows: fc.array(fc.record({ n: fc.integer() })),
  },
  { requiredKeys: [] },
);

describe("decodeLenient", () => {
  test("leaves arguments of the right type as they are", () => {
    fc.assert(
      fc.property(typed, (value) => {
        expect(schema.parse(decodeLenient(schema, value))).toEqual(schema.parse(value));
      }),
    );
  });

  test("reads back what a client turned into JSON text, member by member", () => {
    fc.assert(
      fc.property(typed, (value) => {
        const asText = Object.fromEntries(
          Object.entries(value).map(([key, member]) => [
            key,
            typeof member === "string" ? member : JSON.stringify(member),
          ]),
        );

        expect(schema.parse(decodeLenient(schema, asText))).toEqual(schema.parse(value));
      }),
    );
  });

  test("never throws and never hides a wrong value from the schema", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
        expect(() =>
          schema.safeParse(decodeLenient(schema, { limit: value, x: value })),
        ).not.toThrow();
        expect(schema.safeParse(decodeLenient(schema, { unknown: 1 })).success).toBe(false);
      }),
    );
  });

  test.each([
    [{ search: "[not json" }, { search: "[not json" }],
    [{ search: "42" }, { search: "42" }],
    [{ search: 42 }, { search: "42" }],
    [{ emails: "a@x.io, b@x.io" }, { emails: ["a@x.io", "b@x.io"] }],
    [{ emails: "a@x.io" }, { emails: ["a@x.io"] }],
    [{ ids: ["7", 8] }, { ids: [7, 8] }],
    [{ filter: '{"min":"3"}' }, { filter: { min: 3 } }],
    [
      { force: "TRUE", limit: " 5 " },
      { force: true, limit: 5 },
    ],
    [{ limit: null, filter: null }, {}],
    ['{"limit":"5"}', { limit: 5 }],
  ])("reads %j as %j", (sent, meant) => {
    expect(decodeLenient(schema, sent)).toEqual(meant);
  });

  test.each([
    { limit: "five" },
    { limit: "" },
    { force: "yes" },
    { ids: "a,b" },
    { rows: "x" },
    { filter: "acme" },
  ])("leaves %j for the schema to refuse", (sent) => {
    expect(schema.safeParse(decodeLenient(schema, sent)).success).toBe(false);
  });

  test("does not reach into the prototype", () => {
    const decoded = decodeLenient(schema, '{"__proto__":{"limit":9},"constructor":"x"}');

    expect(schema.safeParse(decoded).success).toBe(false);
    expect({}).not.toHaveProperty("limit");
  });
});
