import fc from "fast-check";
import { expect, test } from "vitest";
import type { Customer } from "../../mcp-server/src/core/customer.ts";
import { planCustomerColumns } from "../../mcp-server/src/core/customer-columns.ts";
import { createCustomerReader } from "../../mcp-server/src/core/customer-row.ts";
import {
  type CustomerStatement,
  previewStatements,
} from "../../mcp-server/src/core/customer-statement.ts";

const cell = fc.oneof(
  fc.constantFrom("", "a", "1,234.50", "12", "N/A", '{"x":"y"}', null, undefined),
  fc.string(),
  fc.double(),
  fc.jsonValue(),
);
const header = ["ban", "balance", "status", "name", "email", "contact", "address", "legal name"];
const reader = createCustomerReader(planCustomerColumns(header, {}, []), []);

test("any cells make a statement or a rejection with its mend, and the statement survives JSON", () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: header.length, maxLength: header.length }), (cells) => {
      const reading = reader(cells);

      if (reading.kind === "rejected") expect(reading.rejection.message).toMatch(/again\.$/);
      else {
        expect(reading.fields.ban).not.toBe("");
        expect(JSON.parse(JSON.stringify(reading.fields))).toEqual(reading.fields);
      }
    }),
  );
});

const none = fc.constantFrom("", null, undefined);
const text = fc.oneof(none, fc.string(), fc.string({ unit: "grapheme" }));
const readable = fc.tuple(
  fc.oneof(fc.stringMatching(/^[A-Z0-9-]{1,20}$/), fc.nat()),
  fc.oneof(none, fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer().map(String)),
  text,
  text,
  text,
  fc.oneof(none, fc.dictionary(fc.string(), fc.oneof(text, fc.jsonValue()))),
  text,
  text,
);

test("reading a statement again changes nothing", () => {
  fc.assert(
    fc.property(readable, (cells) => {
      const reading = reader(cells);
      fc.pre(reading.kind === "customer");

      const row: Readonly<Record<string, unknown>> = { ...reading.fields };
      const again = createCustomerReader(planCustomerColumns(Object.keys(row), {}, []), []);

      expect(again(Object.values(row))).toEqual(reading);
    }),
    { numRuns: 500 },
  );
});

const ban = fc.constantFrom("1", "2", "3");
const leaf = fc.constantFrom("a", "b", null);
const statement: fc.Arbitrary<CustomerStatement> = fc.record(
  {
    ban,
    current_balance: fc.constantFrom("1", "2", null),
    company_name: fc.constantFrom("A", "B", null),
    contact: fc.option(fc.record({ email: leaf, phone: leaf }, { requiredKeys: [] })),
  },
  { requiredKeys: ["ban"] },
);
const statements = fc.array(statement, { maxLength: 12 });
const rowsOf = (all: readonly CustomerStatement[]) =>
  all.map((fields, index) => ({
    fields,
    isRepetition: all.slice(0, index).some((earlier) => earlier.ban === fields.ban),
  }));

test("every row of a preview has one outcome, and each new account is created once", () => {
  fc.assert(
    fc.property(statements, (all) => {
      const { created, updated, unchanged } = previewStatements([], rowsOf(all));

      expect(created).toBe(new Set(all.map((row) => row.ban)).size);
      expect(created + updated + unchanged).toBe(all.length);
    }),
  );
});

test("what is stored already is unchanged", () => {
  fc.assert(
    fc.property(statement, (said) => {
      expect(previewStatements([stored(said)], rowsOf([said]))).toEqual({
        created: 0,
        updated: 0,
        unchanged: 1,
      });
    }),
  );
});

test("amounts compare by value and JSON columns by the leaves that are named", () => {
  const held = stored({
    ban: "1",
    current_balance: "12.50",
    contact: { a: { x: 1, y: 2 }, b: "c" },
  });
  const outcome = (said: Partial<CustomerStatement>) =>
    previewStatements([held], rowsOf([{ ban: "1", ...said }]));

  expect(outcome({ current_balance: "12.5", contact: { a: { y: 2, x: 1 } } }).unchanged).toBe(1);
  expect(outcome({ contact: { a: { y: 2 } } }).updated).toBe(1);
  expect(outcome({ contact: { d: null } }).updated).toBe(1);
  expect(outcome({ contact: null }).updated).toBe(1);
  expect(outcome({ company_name: null }).unchanged).toBe(1);
});

function stored(said: CustomerStatement): Customer {
  return {
    id: 1,
    created_at: "2026-11-21T12:00:00.000Z",
    updated_at: "2026-11-21T12:00:00.000Z",
    current_balance: null,
    prepaid_balance: null,
    credit_limit: null,
    status: null,
    tier: null,
    payment_terms: null,
    company_name: null,
    legal_name: null,
    contact: null,
    address: null,
    external_ids: null,
    ...said,
  };
}
