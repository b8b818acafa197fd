/** Field maps by people in a hurry: each is valid, or refused with the file, the field and the mend. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFieldMap, readPath } from "../../mcp-server/src/core/field-map.ts";
import { fuzz, testTimeout } from "./fuzz-rounds.ts";
import { expectOwnError, watchForAccidents } from "./laws.ts";
import { type Json, nastyText, nastyValue, nested, spoiled, spoilings } from "./nasty.ts";

watchForAccidents();

const shipped: Json = JSON.parse(readFileSync("data/field-map.json", "utf8"));
const text = readFileSync("data/field-map.json", "utf8");

/** The law of this file. */
function validOrNamed(map: string): void {
  const { maps, thrown } = parsed(map);
  if (maps !== null) {
    expectUsable(maps);
    return;
  }
  expectOwnError(thrown);
  expect([thrown.kind, thrown.code]).toEqual(["input", "INVALID_FIELD_MAP"]);
  expect(thrown.message).toContain("map.json");
  const lines = thrown.message.split("\n- ").slice(1);
  for (const line of lines) expect(line).toMatch(/^(no field is mapped; .+|.*: .+)/s);
}

function parsed(map: string) {
  try {
    return { maps: parseFieldMap(map, "map.json"), thrown: null };
  } catch (thrown) {
    return { maps: null, thrown };
  }
}

function expectUsable(maps: ReturnType<typeof parseFieldMap>): void {
  expect(maps.version).toMatch(/^[0-9a-z]+$/);
  for (const object of ["contacts", "customers"] as const) {
    const { rules, properties } = maps[object];
    expect(new Set(properties).size).toBe(properties.length);
    for (const { property, path, field } of rules) {
      // What HubSpot takes as a property's name, so that nothing else ever gets into a request.
      expect(property).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(path.length).toBeGreaterThan(0);
      expect(field).not.toMatch(/[\s"']/);
      expect(readPath({}, path)).toBeUndefined();
    }
  }
}

test("the shipped map is valid before anything is done to it", () => {
  expect(() => parseFieldMap(text, "map.json")).not.toThrow();
});

test(
  "the shipped map with some of its parts spoiled",
  async () => {
    await fuzz(spoilings, (changes) => validOrNamed(JSON.stringify(spoiled(shipped, changes))), {
      runs: 1_000,
    });
  },
  testTimeout,
);

test(
  "the shipped map's text with letters lost, doubled or replaced",
  async () => {
    const slip = fc.record({
      at: fc.nat(text.length - 1),
      drop: fc.nat(8),
      insert: fc.oneof(
        fc.constantFrom("", "{", "}", '"', ",", "\\u0000", "\\ud800", "//", "\0"),
        nastyText,
      ),
    });
    await fuzz(
      fc.array(slip, { minLength: 1, maxLength: 3 }),
      (slips) => {
        const map = slips.reduce(
          (sum, { at, drop, insert }) => sum.slice(0, at) + insert + sum.slice(at + drop),
          text,
        );
        validOrNamed(map);
      },
      { runs: 500 },
    );
  },
  testTimeout,
);

test(
  "any JSON at all",
  async () => {
    const field = fc.dictionary(
      fc.constantFrom(
        "hubspot_property",
        "warp_field",
        "warp_field_path",
        "sync_direction",
        "conflict_resolution",
        "transform",
        "enum_values",
        "is_complex",
        "sub_mappings",
        "type",
        "create_property",
        "__proto__",
      ),
      nastyValue,
    );
    const section = fc.dictionary(
      fc.oneof(nastyText, fc.constantFrom("email", "ban")),
      fc.oneof(field, nastyValue),
    );
    const map = fc.oneof(
      nastyValue,
      fc.dictionary(
        fc.constantFrom("contacts", "customers", "$schema", "__proto__"),
        fc.oneof(section, nastyValue),
      ),
    );
    await fuzz(map, (value) => validOrNamed(JSON.stringify(value)), { runs: 700 });
  },
  testTimeout,
);

test("maps that are deep, long or full of one mistake", () => {
  const many = (field: Json): string =>
    JSON.stringify({
      contacts: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`f${n}`, field])),
    });
  validOrNamed("");
  validOrNamed("\uFEFF");
  validOrNamed("[".repeat(100_000));
  validOrNamed(JSON.stringify({ contacts: nested(4_000) }));
  validOrNamed(JSON.stringify({ contacts: { email: { sub_mappings: nested(4_000) } } }));
  validOrNamed(
    many({ hubspot_property: "email", warp_field: "email", sync_direction: "BIDIRECTIONAL" }),
  );
  validOrNamed(many("x".repeat(100)));
  validOrNamed(`{${'"contacts":{},'.repeat(5_000)}"customers":{}}`);
});
