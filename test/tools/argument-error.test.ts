/** Refused arguments are named with what is allowed, and never repeated. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { argumentError } from "../../mcp-server/src/core/argument-error.ts";

const schema = z.strictObject({
  source: z.enum(["csv", "lemlist"]),
  limit: z.number().min(1).max(100).optional(),
  name: z.string().max(3).optional(),
  filter: z.strictObject({ status: z.enum(["a", "b"]).optional() }).optional(),
  rows: z
    .array(z.strictObject({ n: z.number() }))
    .max(2)
    .optional(),
});

function refusal(input: unknown): string {
  const parsed = schema.safeParse(input);
  if (parsed.success) throw new Error("the schema took it");
  return argumentError(schema, parsed.error).message;
}

describe("argumentError", () => {
  test.each([
    [{}, '"source" must be one of: csv, lemlist.'],
    [{ source: "xls" }, '"source" must be one of: csv, lemlist.'],
    [{ source: "csv", limit: 500 }, '"limit" must be at most 100.'],
    [{ source: "csv", limit: 0 }, '"limit" must be at least 1.'],
    [{ source: "csv", limit: "many" }, '"limit" must be a number.'],
    [{ source: "csv", name: "abcd" }, '"name" must have at most 3 character(s).'],
    [{ source: "csv", rows: [{}] }, '"rows[0].n" is missing: it must be a number.'],
    [{ source: "csv", rows: [1] }, '"rows[0]" must be an object.'],
    [{ source: "csv", rows: [1, 2, 3] }, '"rows" must have at most 2 item(s).'],
    [{ source: "csv", colour: 1 }, "the names are: source, limit, name, filter, rows."],
    [{ source: "csv", filter: { stat: 1 } }, '"filter" has no "stat"; the names are: status.'],
    ["csv", "The arguments must be an object."],
  ])("says of %j: %s", (input, sentence) => {
    expect(refusal(input)).toContain(sentence);
  });

  test("never repeats a value, whatever was sent", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^SECRET[a-z]{6,}$/), (secret) => {
        const message = refusal({ source: secret, limit: secret, filter: { status: secret } });

        expect(message).not.toContain(secret);
      }),
    );
  });

  test("keeps hostile argument names short and free of control characters", () => {
    const message = refusal({ source: "csv", [`x\u202E\n${"y".repeat(500)}`]: 1 });

    expect(message.length).toBeLessThan(300);
    expect(message).not.toMatch(/[\u202E\n]/);
  });
});
