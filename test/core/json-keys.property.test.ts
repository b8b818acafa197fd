import fc from "fast-check";
import { expect, test } from "vitest";
import { repeatedKeys } from "../../mcp-server/src/core/json-keys.ts";

test("finds nothing in what JSON.stringify writes, whatever the texts in it hold", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(repeatedKeys(json)).toEqual([]);
      expect(repeatedKeys(JSON.stringify(JSON.parse(json), null, 2))).toEqual([]);
    }),
  );
});

test("finds a key of any spelling that stands twice, however its values look", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (key, first, second) => {
      const name = JSON.stringify(key);
      const json = `[{"outer": {${name}: ${JSON.stringify(first)}, ${name} : ${JSON.stringify(second)}}}]`;
      expect(repeatedKeys(json)).toHaveLength(1);
    }),
  );
});

test("names the whole way to it", () => {
  expect(
    repeatedKeys('{"a": 1, "b": {"c": [{"d": 1}, {"d": 2}], "\\u0063": "}"}, "a": {}}'),
  ).toEqual(["b.c", "a"]);
});
