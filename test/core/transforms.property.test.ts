import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical } from "../../mcp-server/src/core/canonical.ts";
import { transformNames, transformOf } from "../../mcp-server/src/core/transforms.ts";

const digits = fc.stringMatching(/^[0-9]{1,40}$/);

/** Numbers as people and databases write them: huge, negative, with fractions of a cent, padded with zeros, or with an exponent. */
const written = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    digits,
    fc.option(digits, { nil: undefined }),
    fc.option(fc.integer({ min: -40, max: 40 }), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}`,
  );

/** What a transform of each value type is given in its round trip. */
const samples = {
  number: written,
  text: fc.string({ minLength: 1 }).filter((text) => !!text.trim()),
};

const twoWay = transformNames.filter((name) => transformOf(name).toRemote !== null);

describe.each(twoWay)("%s", (name) => {
  const { toLocal, toRemote, types } = transformOf(name);
  const [type = "text"] = types;
  const sample = samples[type === "number" ? "number" : "text"];

  test("gives back what HubSpot held when it is sent unchanged", () => {
    fc.assert(
      fc.property(sample, (text) => {
        const local = toLocal(text);
        expect(local).toBeDefined();
        expect(toRemote?.(local ?? "")).toBe(canonical(type, text));
      }),
    );
  });

  test("gives back the local value when HubSpot answers what it was sent", () => {
    fc.assert(
      fc.property(sample, (text) => {
        expect(toLocal(toRemote?.(text) ?? "")).toBe(canonical(type, text));
      }),
    );
  });

  test("gives every value in canonical form", () => {
    fc.assert(
      fc.property(sample, (text) => {
        const local = toLocal(text);
        expect(canonical(type, local)).toBe(local);
      }),
    );
  });
});

test.each([
  ["1050", "10.5"],
  ["1000", "10"],
  ["1", "0.01"],
  ["0", "0"],
  ["-0", "0"],
  ["-1", "-0.01"],
  ["1050.5", "10.505"],
  ["900719925474099301", "9007199254740993.01"],
  ["1e3", "10"],
])("HubSpot's %s cents are %s dollars here", (cents, dollars) => {
  const { toLocal, toRemote } = transformOf("hubspot_value_in_cents_to_dollars");

  expect(toLocal(cents)).toBe(dollars);
  expect(toRemote?.(dollars)).toBe(canonical("number", cents));
});

test.each([
  "",
  "abc",
  "1,050",
  "1.050,00",
  "€ 5",
  "0x10",
  ".",
  "-",
  "1e9999",
  "Infinity",
  "NaN",
  "١٢",
])("%j is no amount in either direction", (text) => {
  for (const name of [
    "hubspot_value_in_cents_to_dollars",
    "hubspot_value_in_dollars_to_cents",
  ] as const) {
    expect(transformOf(name).toLocal(text)).toBeUndefined();
    expect(transformOf(name).toRemote?.(text)).toBeUndefined();
  }
});

test("each transform says in a line what it does", () => {
  for (const name of transformNames) expect(transformOf(name).doc).toMatch(/HubSpot/);
});

test("a one-way transform gives the same again when it is used twice", () => {
  fc.assert(
    fc.property(fc.constantFrom(...transformNames), fc.string(), (name, text) => {
      const { toLocal, toRemote } = transformOf(name);
      if (toRemote !== null) return;
      const once = toLocal(text) ?? "";
      expect(toLocal(once)).toBe(once);
    }),
  );
});
