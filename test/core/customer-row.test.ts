import { describe, expect, test } from "vitest";
import {
  type CustomerRule,
  planCustomerColumns,
} from "../../mcp-server/src/core/customer-columns.ts";
import { createCustomerReader } from "../../mcp-server/src/core/customer-row.ts";

const rules: readonly CustomerRule[] = [
  { field: "status", path: ["status"], enumValues: ["ACTIVE", "SUSPENDED"] },
  { field: "channel", path: ["contact", "channel"], enumValues: ["Phone", "E-mail"] },
];

function read(row: Readonly<Record<string, unknown>>) {
  const columns = planCustomerColumns(Object.keys(row), {}, rules);
  return createCustomerReader(columns, rules)(Object.values(row));
}

const fieldsOf = (row: Readonly<Record<string, unknown>>) => {
  const reading = read({ ban: "1", ...row });
  if (reading.kind === "customer") return reading.fields;
  throw new Error(reading.rejection.message);
};

const rejectionOf = (row: Readonly<Record<string, unknown>>) => {
  const reading = read({ ban: "1", ...row });
  return reading.kind === "rejected" ? reading.rejection : null;
};

test("reads a row of a spreadsheet", () => {
  expect(
    fieldsOf({
      BAN: "ignored twin",
      "Current balance": "$1,234.50",
      Status: "active",
      "Company name": "  Acme\u200b  GmbH ",
      "E-mail": "ada@acme.com",
      Street: "1 High St",
      City: "Berlin",
      hubspot_company_id: "501",
    }),
  ).toEqual({
    ban: "1",
    current_balance: "1234.5",
    status: "ACTIVE",
    company_name: "Acme GmbH",
    contact: { email: "ada@acme.com" },
    address: { line1: "1 High St", city: "Berlin" },
    external_ids: { hubspot_company_id: "501" },
  });
});

test("says nothing of fields whose cell is empty or missing", () => {
  expect(
    fieldsOf({
      current_balance: "",
      status: " ",
      tier: "N/A",
      credit_limit: "-",
      company_name: undefined,
      contact_email: "",
      address: "",
    }),
  ).toEqual({ ban: "1" });
});

test("clears what is null, leaf by leaf", () => {
  expect(
    fieldsOf({ current_balance: null, tier: null, contact_email: null, external_ids: null }),
  ).toEqual({
    ban: "1",
    current_balance: null,
    tier: null,
    contact: { email: null },
    external_ids: null,
  });
});

describe("JSON columns", () => {
  test("are taken as they are, without what cannot be stored or seen", () => {
    expect(
      fieldsOf({
        contact: {
          email: "ada@acme.com",
          age: 7,
          tags: ["a\u0000b", { deep: true }],
          phone: null,
          fax: "",
        },
      }),
    ).toEqual({
      ban: "1",
      contact: { email: "ada@acme.com", age: 7, tags: ["a b", { deep: true }], phone: null },
    });
  });

  test("may be JSON text in a file, and columns of single leaves say more", () => {
    expect(
      fieldsOf({ contact_email: "new@acme.com", contact: '{"email":"old@acme.com","x":"y"}' }),
    ).toEqual({ ban: "1", contact: { email: "new@acme.com", x: "y" } });
  });

  test("called address may hold its first line", () => {
    expect(fieldsOf({ address: "1 High St" })).toEqual({
      ban: "1",
      address: { line1: "1 High St" },
    });
  });

  test("keep a key that would set a prototype out", () => {
    expect(fieldsOf({ contact: JSON.parse('{"__proto__": {"x": 1}, "a": "b"}') })).toEqual({
      ban: "1",
      contact: { a: "b" },
    });
  });

  test.each([
    ["a name", "Ada Lovelace"],
    ["broken JSON", '{"email": '],
    ["a list", ["a"]],
    ["a number", 5],
    ["nesting without end", JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`)],
  ])("refuse %s", (_, contact) => {
    expect(rejectionOf({ contact })).toMatchObject({
      code: "INVALID_VALUE",
      field: "contact",
      message: expect.stringContaining("column_map"),
    });
  });

  test.each([
    ["a long text", { a: "x".repeat(1_001) }],
    ["many leaves", Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`leaf${n}`, "x"]))],
  ])("refuse %s", (_, contact) => {
    expect(rejectionOf({ contact })).toMatchObject({ code: "TOO_LONG", field: "contact" });
  });
});

describe("rejects", () => {
  test.each([
    ["no account number", { ban: "" }, "NO_BAN", "ban"],
    ["a null account number", { ban: null }, "NO_BAN", "ban"],
    ["an account number that a spreadsheet shortened", { ban: "1.23E+11" }, "INVALID_VALUE", "ban"],
    ["an account number that JSON rounded", { ban: 2 ** 60 }, "INVALID_VALUE", "ban"],
    ["an account number without end", { ban: "1".repeat(101) }, "TOO_LONG", "ban"],
    ["an amount with two readings", { credit_limit: "1,234" }, "INVALID_VALUE", "credit_limit"],
    ["a status that the map does not have", { status: "GONE" }, "INVALID_VALUE", "status"],
    [
      "a leaf that the map does not have",
      { contact: { channel: "fax" } },
      "INVALID_VALUE",
      "channel",
    ],
    ["a list as a name", { company_name: ["Acme"] }, "INVALID_VALUE", "company_name"],
    ["an object as a leaf", { contact_email: {} }, "INVALID_VALUE", "contact.email"],
    ["a long name", { company_name: "x".repeat(1_001) }, "TOO_LONG", "company_name"],
    ["a long leaf", { contact_email: "x".repeat(1_001) }, "TOO_LONG", "contact.email"],
  ])("%s", (_, row, code, field) => {
    expect(rejectionOf(row)).toMatchObject({ code, field });
  });

  test("names the allowed values and never the one that was given", () => {
    const message = rejectionOf({ status: "secret@acme.com" })?.message;

    expect(message).toContain("ACTIVE, SUSPENDED");
    expect(message).not.toContain("secret");
  });
});

test("gives allowed values the map's spelling, in leaves as well", () => {
  expect(fieldsOf({ status: " Suspended", contact: { channel: "e-MAIL" } })).toMatchObject({
    status: "SUSPENDED",
    contact: { channel: "E-mail" },
  });
});

test("keeps account numbers as they are written, and Namibia", () => {
  expect(fieldsOf({ ban: " 00042 ", country: "NA" })).toEqual({
    ban: "00042",
    address: { country: "NA" },
  });
  expect(fieldsOf({ ban: 42 }).ban).toBe("42");
});
