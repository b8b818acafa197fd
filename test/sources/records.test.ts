import { expect, test } from "vitest";
import type { ImportRow } from "../../mcp-server/src/core/import-row.ts";
import { openRecords } from "../../mcp-server/src/sources/records.ts";

async function read(
  records: readonly Record<string, unknown>[],
  column_map?: Record<string, string>,
) {
  const source = await openRecords({
    source: "records",
    records,
    ...(column_map ? { column_map } : {}),
  });
  const rows: ImportRow[] = [];
  for await (const batch of source.batches()) rows.push(...batch.rows);
  return { rows, description: source.description };
}

test("reads keys as column names and values of any type as text", async () => {
  const { rows, description } = await read([
    { email: "ada@acme.com", firstName: "ada", score: 7, tags: ["a"], vip: true, none: null },
    { email: "ADA@acme.com" },
  ]);

  expect(description).toMatchObject({
    mapped: { email: "email", firstName: "first_name" },
    unknown: ["score", "tags", "vip", "none"],
    saidAt: null,
  });
  expect(rows).toMatchObject([
    {
      row: 1,
      duplicate: false,
      fields: { first_name: "Ada", custom: { score: "7", tags: '["a"]', vip: "true" } },
    },
    { row: 2, duplicate: true, fields: { first_name: null } },
  ]);
});

test("takes a column map", async () => {
  const { rows } = await read([{ who: "ada@acme.com" }], { who: "email" });

  expect(rows).toMatchObject([{ kind: "record", fields: { email: "ada@acme.com" } }]);
});

test("rejects records without an e-mail, as they were typed", async () => {
  const { rows } = await read([{ email: "ada@acme.com" }, { first_name: "Bob" }]);

  expect(rows[1]).toMatchObject({
    kind: "rejected",
    raw: { first_name: "Bob" },
    rejection: { code: "NO_EMAIL" },
  });
});

test.each([
  ["none", [], /1 to 200/],
  ["too many", Array.from({ length: 201 }, () => ({ email: "a@b.co" })), /CSV file/],
  ["only records without an e-mail key", [{ name: "Ada" }], /No column holds e-mail/],
])("refuses %s", async (_, records, message) => {
  await expect(read(records)).rejects.toThrow(message);
});
