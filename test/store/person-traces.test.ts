/** A person's address is found wherever it stands, and nobody else's. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { personTraces } from "../../mcp-server/src/store/person-traces.ts";

const traces = personTraces(["Bo@Example.com", "+15550100", "", " "]);

test.each([
  "bo@example.com",
  "BO@EXAMPLE.COM wrote",
  "Nothing is known of bo@example.com.",
  "<bo@example.com>, or (bo@example.com)",
  "call +15550100;ext=4",
  JSON.stringify({ emails: ["ada@example.com", "bo@example.com"] }),
  JSON.stringify({ note: "first line\nbo@example.com" }),
  JSON.stringify({ "bo@example.com": 1 }),
  JSON.stringify("mailto:bo@example.com"),
])("is found in %s", (text) => {
  expect(traces.areIn(text)).toBe(true);
  expect(traces.areIn(traces.removedFrom(text))).toBe(false);
});

test.each([
  "jimbo@example.com",
  "x.bo@example.com",
  "bo@example.com.au",
  "bo@example.community",
  "+155501001",
  JSON.stringify({ emails: ["jimbo@example.com"] }),
  "",
])("is not found in %s", (text) => {
  expect(traces.areIn(text)).toBe(false);
  expect(traces.removedFrom(text)).toBe(text);
});

test("JSON keeps its shape and everything else in it", () => {
  const before = { emails: ["bo@example.com", "ada@example.com"], n: 1, none: null, is: true };

  const after: unknown = JSON.parse(traces.removedFrom(JSON.stringify(before)));

  expect(after).toEqual({ ...before, emails: ["[erased]", "ada@example.com"] });
});

test("no terms find nothing and change nothing", () => {
  const none = personTraces([]);

  expect(none.areIn("")).toBe(false);
  expect(none.removedFrom('{ "a": 1 }')).toBe('{ "a": 1 }');
});

test("whatever signs an address is made of, it is found and removed", () => {
  const local = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,12}$/u);
  fc.assert(
    fc.property(local, fc.constantFrom("text", "json"), (name, kind) => {
      const email = `${name}@example.com`;
      const text = kind === "json" ? JSON.stringify([email, "\n"]) : `to ${email}, now`;

      const removed = personTraces([email]).removedFrom(text);

      expect(removed).not.toContain("@example.com");
    }),
  );
});
