import fc from "fast-check";
import { expect, test } from "vitest";
import { SeenKeys } from "../../mcp-server/src/core/seen-keys.ts";

test("answers as a set of the keys would", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 6 })), (keys) => {
      const seen = new SeenKeys();
      const exact = new Set<string>();
      for (const key of keys) {
        expect(seen.add(key)).toBe(!exact.has(key));
        exact.add(key);
      }
      expect(seen.size).toBe(exact.size);
    }),
  );
});

test("tells 300,000 similar addresses apart", () => {
  const seen = new SeenKeys();

  for (let n = 0; n < 300_000; n += 1) expect(seen.add(`person.${n}@example.com`)).toBe(true);

  expect(seen.size).toBe(300_000);
  expect(seen.add("person.299999@example.com")).toBe(false);
});
