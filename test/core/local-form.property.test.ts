import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Customer } from "../../mcp-server/src/core/customer.ts";
import { type FieldRule, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import {
  customerPatch,
  customerRecord,
  pulledPatch,
} from "../../mcp-server/src/core/mapped-record.ts";
import { readLocal, readRemote } from "../../mcp-server/src/core/rule-values.ts";
import { type ValueType, valueTypes } from "../../mcp-server/src/core/value-types.ts";
import { contactRecord } from "../support/build.ts";

const NOW = "2026-06-01T08:00:00.000Z";
const inward = { sync_direction: "HUBSPOT_TO_WARP" } as const;
const ban = { hubspot_property: "warp_ban", warp_field: "ban", sync_direction: "WARP_TO_HUBSPOT" };

/** A field of each type in every place that it may be pulled into. */
const { contacts, customers } = parseFieldMap(
  JSON.stringify({
    contacts: fields((type) => ({
      hubspot_property: `own_${type}`,
      warp_field: "custom",
      warp_field_path: `custom->>'${type}'`,
    })),
    customers: {
      ban,
      plain: { hubspot_property: "plain", warp_field: "status", type: "datetime", ...inward },
      ...fields((type) => ({
        hubspot_property: `own_${type}`,
        warp_field: "contact",
        warp_field_path: `contact->>'${type}'`,
      })),
    },
  }),
  "map.json",
);

function fields(of: (type: ValueType) => object) {
  return Object.fromEntries(valueTypes.map((type) => [type, { ...of(type), type, ...inward }]));
}

function ruleOf(rules: readonly FieldRule[], field: string): FieldRule {
  const rule = rules.find((one) => one.field === field);
  if (!rule) throw new Error(`no rule ${field}`);
  return rule;
}

function customer(contact: Customer["contact"]): Customer {
  return {
    ...{ id: 1, ban: "B-1", created_at: NOW, updated_at: NOW },
    ...{ current_balance: null, prepaid_balance: null, credit_limit: null },
    ...{ status: null, tier: null, payment_terms: null, company_name: null, legal_name: null },
    ...{ contact: contact ?? null, address: null, external_ids: null },
  };
}

/** What a JSON leaf holds, as JSON, after HubSpot's text was pulled over what stood there. */
function leafAfter(type: ValueType, remote: string, present: unknown): unknown {
  const rule = ruleOf(customers.rules, type);
  const { value } = readRemote(rule, remote);
  const before = customer(present === undefined ? {} : { [type]: present });
  const patch = customerPatch(before, [{ rule, value: value ?? null }]);
  return JSON.parse(JSON.stringify(patch.contact))[type];
}

describe("a JSON leaf keeps its form when HubSpot's value is pulled into it", () => {
  test.each([
    ["number", "12.50", 1, 12.5],
    ["number", "1e3", null, 1000],
    ["number", "7", undefined, 7],
    ["number", "7", "01.00", "7"],
    ["number", "9007199254740993", 1, "9007199254740993"],
    ["number", "0.1000000000000000055", 1, "0.1000000000000000055"],
    ["boolean", "false", true, false],
    ["boolean", "true", null, true],
    ["boolean", "true", "no", "true"],
    ["set", "z;y", ["x"], ["y", "z"]],
    ["set", "z;y", "x", "y;z"],
    ["set", "", ["x"], []],
    ["list", "b\na", ["x"], ["b", "a"]],
    ["list", "b\n\na", [], ["b", "a"]],
    ["list", "b\na", "x", "b\na"],
    ["datetime", "2026-05-05T01:02:03Z", "2026-01-01T00:00:00Z", "2026-05-05T01:02:03Z"],
    ["datetime", "1777942923045", null, "2026-05-05T01:02:03.045Z"],
    ["date", "1705449600000", null, "2024-01-17"],
    ["text", "12", 1, "12"],
    ["number", "", 1, null],
  ] as const)("%s %j over %j", (type, remote, present, expected) => {
    expect(leafAfter(type, remote, present)).toEqual(expected);
  });

  test("and the leaves beside it stay as they are", () => {
    const rule = ruleOf(customers.rules, "number");
    const before = customer({ number: 1, boolean: true, tags: ["x"], "": { deep: null } });

    expect(customerPatch(before, [{ rule, value: "2" }])).toEqual({
      contact: { number: 2, boolean: true, tags: ["x"], "": { deep: null } },
    });
  });
});

test("a time is kept in a column as people and databases read it", () => {
  const rule = ruleOf(customers.rules, "plain");

  expect(customerPatch(customer({}), [{ rule, value: "1777942923000" }])).toEqual({
    status: "2026-05-05T01:02:03Z",
  });
});

test("a contact's own fields stay text, and a time among them one that people read", () => {
  const pulls = [
    { rule: ruleOf(contacts.rules, "number"), value: "12.5" },
    { rule: ruleOf(contacts.rules, "boolean"), value: "true" },
    { rule: ruleOf(contacts.rules, "set"), value: "y;z" },
    { rule: ruleOf(contacts.rules, "datetime"), value: "-1" },
  ];

  const { custom } = pulledPatch(contactRecord({ email: "ada@example.com" }), pulls, {
    now: NOW,
    source: "hubspot",
  });

  expect(custom).toEqual({
    number: "12.5",
    boolean: "true",
    set: "y;z",
    datetime: "1969-12-31T23:59:59.999Z",
  });
});

const instants = fc.integer({ min: -70_000_000_000_000, max: 300_000_000_000_000 }).map(String);
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("a", "b", " ", ";", "\n", "\r", "0", "1", ".", "-", "e") }),
  fc.double().map(String),
  fc.bigInt().map(String),
  instants,
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom("true", "no", "2024-01-17"),
);
const anyLeaf = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom([], ["x"], 1, true, "1"));

test("what was pulled reads back as the value it was, whatever stood there", () => {
  fc.assert(
    fc.property(fc.constantFrom(...valueTypes), anyText, anyLeaf, (type, text, present) => {
      const rule = ruleOf(customers.rules, type);
      const { value, problem } = readRemote(rule, text);
      if (problem !== null || value === undefined) return;

      const before = customer({ [type]: present });
      const { contact } = customerPatch(before, [{ rule, value }]);
      const stored = customer(JSON.parse(JSON.stringify(contact)));

      const record = customerRecord(customers, stored) as { contact: Record<string, unknown> };
      expect(readLocal(rule, record.contact[type])).toEqual({ value, problem: null });
    }),
    { numRuns: 2_000 },
  );
});

test("what was pulled into a contact's own field reads back as the value it was", () => {
  fc.assert(
    fc.property(fc.constantFrom(...valueTypes), anyText, (type, text) => {
      const rule = ruleOf(contacts.rules, type);
      const { value, problem } = readRemote(rule, text);
      if (problem !== null || value === undefined) return;

      const said = { now: NOW, source: "hubspot" };
      const { custom } = pulledPatch(
        contactRecord({ email: "ada@example.com" }),
        [{ rule, value }],
        said,
      );

      expect(readLocal(rule, custom?.[type] ?? null)).toEqual({ value, problem: null });
    }),
    { numRuns: 2_000 },
  );
});
