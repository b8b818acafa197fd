/** What counts as a lost edit. */
import { expect, test } from "vitest";
import { byPlace, type Edit, fatesOf, placeName } from "./ledger.ts";

const place = { object: "contacts", key: "ada@example.com", field: "city" } as const;
const edit = (value: string, replaced: string | null, side: Edit["side"] = "here"): Edit => ({
  ...place,
  ...{ side, value, replaced, at: 0 },
});
const end = (here: string, hubspot: string, kept: readonly string[] = []) => ({
  ...{ here, hubspot },
  kept: new Set(kept),
});

test("the value that both sides hold is current", () => {
  const last = edit("City 1", null);

  expect(fatesOf([last], end("City 1", "City 1")).get(last)).toBe("current");
});

test("a value that somebody saw and wrote over is replaced, on whichever side that was", () => {
  const first = edit("City 1", null);
  const second = edit("City 2", "City 1", "hubspot");

  expect(fatesOf([first, second], end("City 2", "City 2")).get(first)).toBe("replaced");
});

test("a value that an automatic decision set aside is kept where the log has it, and lost where it has not", () => {
  const loser = edit("City 1", null);
  const winner = edit("City 2", null, "hubspot");

  expect(fatesOf([loser, winner], end("City 2", "City 2", ["City 1"])).get(loser)).toBe("kept");
  expect(fatesOf([loser, winner], end("City 2", "City 2")).get(loser)).toBe("lost");
});

test("edits of one place are taken together, in their order", () => {
  const [first, second] = [edit("City 1", null), edit("City 2", "City 1")];
  const other = { ...edit("City 3", null), key: "bob@example.com" };

  const places = byPlace([first, other, second]);

  expect(places.get(placeName(place))).toEqual([first, second]);
  expect(places.size).toBe(2);
});
