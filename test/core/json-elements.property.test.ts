import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonElements } from "../../mcp-server/src/core/json-elements.ts";

const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), {
  maxLength: 8,
});

/** The text cut into pieces of random lengths. */
function pieces(text: string, sizes: readonly number[]): string[] {
  const cut: string[] = [];
  let at = 0;
  for (let n = 0; at < text.length; n += 1) {
    const length = sizes[n % sizes.length] ?? 1;
    cut.push(text.slice(at, at + length));
    at += length;
  }
  return cut;
}

const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test("finds every object of an array, wherever its text is cut", () => {
  fc.assert(
    fc.property(objects, lengths, fc.constantFrom(0, 2), (array, sizes, indent) => {
      const elements = new JsonElements();
      const found = pieces(JSON.stringify(array, null, indent), sizes).flatMap((piece) =>
        elements.push(piece),
      );
      elements.end();
      expect(found.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(array)));
    }),
  );
});

test("notices a text that was cut off", () => {
  fc.assert(
    fc.property(objects, fc.double({ min: 0, max: 0.999, noNaN: true }), (array, part) => {
      const text = JSON.stringify(array);
      const elements = new JsonElements();
      elements.push(text.slice(0, Math.floor(text.length * part)));
      expect(() => elements.end()).toThrow(SyntaxError);
    }),
  );
});

test.each(['{"a":1}', "Not found", '"text"', "[]{}"])("refuses %j", (text) => {
  const elements = new JsonElements();

  expect(() => {
    elements.push(text);
    elements.end();
  }).toThrow(SyntaxError);
});
