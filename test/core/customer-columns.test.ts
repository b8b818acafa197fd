import { describe, expect, test } from "vitest";
import {
  type CustomerRule,
  planCustomerColumns,
} from "../../mcp-server/src/core/customer-columns.ts";
import { describeColumns } from "../../mcp-server/src/core/header-names.ts";

const rules: readonly CustomerRule[] = [
  { field: "address.street", path: ["address", "line1"], enumValues: null },
  { field: "account_manager", path: ["contact", "manager"], enumValues: null },
  { field: "segment", path: ["company_name"], enumValues: null },
];

const targetsOf = (header: readonly string[], map: Record<string, string> = {}) =>
  planCustomerColumns(header, map, rules).map((column) => column.target);

test.each([
  ["BAN", "ban"],
  ["Billing Account Number", "ban"],
  ["current_balance", "current_balance"],
  ["Current Balance", "current_balance"],
  ["Prepaid balance", "prepaid_balance"],
  ["Credit limit", "credit_limit"],
  ["Status", "status"],
  ["Service tier", "tier"],
  ["Payment Terms", "payment_terms"],
  ["Company name", "company_name"],
  ["Legal name", "legal_name"],
  ["contact.email", "contact.email"],
  ["contact_email", "contact.email"],
  ["E-mail", "contact.email"],
  ["contact->>'email'", "contact.email"],
  ["contact_phone", "contact.phone"],
  ["Phone", "contact.phone"],
  ["Street", "address.line1"],
  ["line1", "address.line1"],
  ["address.street", "address.line1"],
  ["City", "address.city"],
  ["State/Region", "address.state"],
  ["Postal code", "address.zip"],
  ["Country", "address.country"],
  ["hubspot_company_id", "external_ids.hubspot_company_id"],
  ["address", "address"],
  ["contact", "contact"],
])("understands the header %j as %s", (header, target) => {
  expect(targetsOf(target === "ban" ? [header] : ["BAN", header])).toContain(target);
});

test("takes names and leaves from the field map, and further leaves that name their column", () => {
  expect(targetsOf(["ban", "Account manager", "contact.fax", "address->>'line2'"])).toEqual([
    "ban",
    "contact.manager",
    "contact.fax",
    "address.line2",
  ]);
});

test("does not take HubSpot's credit limit, which is in cents, for ours", () => {
  expect(targetsOf(["ban", "warp_credit_limit"])).toEqual(["ban", null]);
});

test("of two columns with one meaning the first counts and the other is reported", () => {
  const columns = planCustomerColumns(["ban", "Phone", "Tel", "Notes", "status.x", ""], {}, rules);

  expect(describeColumns(columns)).toEqual({
    mapped: { ban: "ban", Phone: "contact.phone" },
    unknown: ["Tel", "Notes", "status.x", "Column 6"],
  });
});

describe("column_map", () => {
  test("wins over what a name says", () => {
    expect(
      targetsOf(["Kunde", "Phone", "Hotline", "Notes"], {
        kunde: "ban",
        Hotline: "contact->>'phone'",
        Notes: "ignore",
      }),
    ).toEqual(["ban", null, "contact.phone", "ignore"]);
  });

  test.each([
    [{ Notes: "notes" }, /"notes", which is not a field of customers.*contact\.email/],
    [{ Notes: "status.x" }, /not a field/],
    [{ Notes: "contact.__proto__" }, /not a field/],
    [{ Note: "tier" }, /does not have.*"BAN", "Notes"/],
    [{ BAN: "tier", Notes: "tier" }, /two columns to "tier"/],
  ])("refuses %j", (map, message) => {
    expect(() => targetsOf(["BAN", "Notes"], map)).toThrow(message);
  });
});

test("says which columns there are when none holds account numbers", () => {
  expect(() => targetsOf(["Kunde", "Firma"])).toThrow(
    /The columns are: "Kunde", "Firma".*\{"Kunde": "ban"\}/,
  );
});
