/** What forgetting leaves of a record's log tells everything that the whole of it told of what holds now. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { forgettable, type TellingRow } from "../../mcp-server/src/core/retention.ts";

const rows = fc
  .array(
    fc.record({
      action: fc.constantFrom("create", "update", "pull", "resolve", "note", "none", "conflict"),
      outcome: fc.constantFrom("done", "done", "intent", "rejected", "failed", "unknown"),
      fields: fc.uniqueArray(fc.constantFrom("email", "phone", "city"), { maxLength: 3 }),
      hubspot_id: fc.constantFrom(null, "1", "2"),
    }),
    { maxLength: 14 },
  )
  .map((list): readonly TellingRow[] =>
    list.map((row, index) => {
      const id = index + 1;
      const isNote = row.action === "note";
      return { ...row, id, fields: isNote ? [] : row.fields, marker: isNote ? `m${id}` : null };
    }),
  );
const upTo = fc.nat(14);

function kept(all: readonly TellingRow[], old: number): readonly TellingRow[] {
  const gone = new Set(forgettable(all, old));
  return all.filter(({ id }) => !gone.has(id));
}

const newest = (all: readonly TellingRow[], like: (row: TellingRow) => boolean) =>
  all.findLast(like)?.id;
const hasBrought = ({ action, outcome }: TellingRow) =>
  outcome === "done" && ["create", "update", "pull"].includes(action);

describe("what is forgotten of a record's log", () => {
  test("is old, and was ended", () => {
    fc.assert(
      fc.property(rows, upTo, (all, old) => {
        const gone = new Set(forgettable(all, old));
        for (const { id, outcome } of all.filter((row) => gone.has(row.id))) {
          expect(id).toBeLessThanOrEqual(old);
          expect(outcome).not.toBe("intent");
        }
      }),
    );
  });

  test("is no note that may still have to be looked for, nor the last one", () => {
    fc.assert(
      fc.property(rows, upTo, (all, old) => {
        const notes = all.filter(({ marker }) => marker !== null);
        const left = kept(all, old);

        expect(left).toEqual(expect.arrayContaining(notes.slice(-1)));
        expect(left).toEqual(
          expect.arrayContaining(notes.filter(({ outcome }) => outcome !== "done")),
        );
      }),
    );
  });

  test("is never what tells last of a field, brought its value, or says who decided it", () => {
    fc.assert(
      fc.property(rows, upTo, (all, old) => {
        const left = kept(all, old);
        for (const field of ["email", "phone", "city"]) {
          const names = (row: TellingRow) => row.fields.includes(field);
          const brought = (row: TellingRow) => names(row) && hasBrought(row);
          const decided = (row: TellingRow) => names(row) && row.action === "resolve";
          for (const like of [names, brought, decided])
            expect(newest(left, like)).toBe(newest(all, like));
        }
        const linked = (row: TellingRow) => hasBrought(row) && row.hubspot_id !== null;
        expect(newest(left, linked)).toBe(newest(all, linked));
      }),
    );
  });

  test("is the same whether it is forgotten at once or bit by bit", () => {
    fc.assert(
      fc.property(rows, upTo, upTo, (all, one, two) => {
        const [early, late] = [Math.min(one, two), Math.max(one, two)];

        expect(kept(kept(all, early), late)).toEqual(kept(all, late));
      }),
    );
  });

  test("keeps a record's log as short as its fields allow", () => {
    const all = Array.from(
      { length: 500 },
      (_, index): TellingRow => ({
        id: index + 1,
        action: "update",
        outcome: "done",
        marker: null,
        hubspot_id: "1",
        fields: [index % 7 === 0 ? "phone" : "email"],
      }),
    );

    expect(kept(all, 400).map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, index) => 401 + index),
    );
    expect(kept(all, 500).map(({ id }) => id)).toEqual([498, 500]);
  });
});
