import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Contender,
  createVerdict,
  deletionPolicies,
  editedHere,
  editedValues,
  goneVerdict,
  unsentValues,
  winnerOf,
} from "../../mcp-server/src/core/life.ts";
import { directions } from "../../mcp-server/src/core/merge.ts";
import { planRecord } from "../../mcp-server/src/core/plan.ts";
import {
  isErased,
  isLifted,
  mayArrive,
  mayCreate,
  type StoneFacts,
  tombstoneText,
} from "../../mcp-server/src/core/tombstone.ts";
import { ruleOf } from "./model/rule.ts";

const value = fc.constantFrom(null, "a", "b", "c");

const record = fc.array(
  fc.record({
    direction: fc.constantFrom(...directions),
    clears: fc.boolean(),
    local: value,
    base: fc.option(value, { nil: undefined }),
    sent: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  }),
  { maxLength: 6 },
);

const stone: fc.Arbitrary<StoneFacts> = fc.record({
  reason: fc.constantFrom("deleted", "erased", "removed"),
  policy: fc.constantFrom("kept", "unlinked", "deleted", "erased", "waiting"),
});

interface Drawn {
  readonly direction: (typeof directions)[number];
  readonly clears: boolean;
  readonly local: string | null;
  readonly base: string | null | undefined;
  readonly sent: string | undefined;
}

function made(fields: readonly Drawn[]) {
  const name = (index: number): string => `field_${index}`;
  const rules = fields.map(({ direction, clears }, index) =>
    ruleOf({
      field: name(index),
      property: name(index),
      path: [name(index)],
      direction,
      clears,
    }),
  );
  const local = Object.fromEntries(fields.map((each, index) => [name(index), each.local]));
  const base = Object.fromEntries(
    fields.flatMap(({ base: known, sent }, index) =>
      known === undefined
        ? []
        : [[name(index), known], ...(sent === undefined ? [] : [[`${name(index)}@sent`, sent]])],
    ),
  );
  return { rules, local, base };
}

describe("what HubSpot never got", () => {
  test("is what a plan would send to a HubSpot that holds the base", () => {
    fc.assert(
      fc.property(record, (fields) => {
        const { rules, local, base } = made(fields);
        const remote = Object.fromEntries(
          rules.map(({ field, property }) => [property, base[field] ?? null]),
        );
        const times = { localAt: () => null, remoteAt: {} };

        const plan = planRecord(rules, { local, base, remote, ...times }, "both");

        const pushed = Object.keys(plan.push).map((field) => [field, local[field]]);
        expect(unsentValues(rules, { local, base })).toEqual(Object.fromEntries(pushed));
      }),
    );
  });
});

describe("a record that HubSpot deleted", () => {
  test("never ends by a policy while an edit waits, and always does without one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...deletionPolicies),
        fc.dictionary(fc.constantFrom("email", "phone"), value),
        (policy, unsent) => {
          const verdict = goneVerdict(policy, unsent);
          expect(verdict === "waiting").toBe(Object.keys(unsent).length > 0);
        },
      ),
    );
  });

  test("is never created again by itself", () => {
    fc.assert(
      fc.property(
        fc.array(stone),
        fc.dictionary(fc.constantFrom("phone"), value),
        (stones, edits) => {
          const verdict = createVerdict(stones, edits);
          expect(verdict === "create").toBe(stones.every(({ reason }) => reason === "removed"));
          expect(verdict === "erased").toBe(isErased(stones));
          expect(mayCreate(stones)).toBe(verdict === "create");
        },
      ),
    );
  });

  test("counts no edit of enrichment, and none of a field that stays here", () => {
    const rules = [
      ruleOf({ field: "phone" }),
      ruleOf({ field: "score", direction: "WARP_TO_HUBSPOT" }),
      ruleOf({ field: "owner", direction: "HUBSPOT_TO_WARP" }),
    ];
    const change = (field: string, changed_by: string) => ({
      id: 1,
      field,
      changed_at: "2026-11-05T10:00:00.000Z",
      changed_by,
    });

    const changes = [
      change("phone", "sql"),
      change("score", "enrich"),
      change("owner", "sql"),
      change("unmapped", "sql"),
    ];
    const edited = editedValues(rules, { local: { field: "12" }, changes });

    expect(edited).toEqual({ phone: "12" });
  });

  test("is told with its values, however long, so that another value makes another text", () => {
    const long = "x".repeat(100);

    expect(editedHere({ phone: "12", city: null })).toBe('edited here: city = empty, phone = "12"');
    expect(editedHere({ phone: `${long}1` })).not.toBe(editedHere({ phone: `${long}2` }));
    expect(editedHere({})).toBe("no longer edited here");
  });
});

describe("a tombstone", () => {
  test("of an erased person is never lifted and lets nobody in", () => {
    fc.assert(
      fc.property(fc.array(stone), (stones) => {
        if (isErased(stones)) {
          expect(mayArrive(stones)).toBe(false);
          expect(stones.every(isLifted)).toBe(false);
        }
      }),
    );
  });

  test("of what was removed here keeps it from arriving, not from being created on purpose", () => {
    const removed: readonly StoneFacts[] = [{ reason: "removed", policy: "deleted" }];

    expect(mayArrive(removed)).toBe(false);
    expect(mayCreate(removed)).toBe(true);
  });

  test("tells kinds of record apart and spellings of one key not", () => {
    expect(tombstoneText("contacts", " Ada@Acme.com ")).toBe(
      tombstoneText("contacts", "ada@acme.com"),
    );
    expect(tombstoneText("contacts", "b-1")).not.toBe(tombstoneText("customers", "b-1"));
  });
});

/** Contenders as they can be: at most one holds the record's own link. */
const contenders = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 9 }),
      hasPrimaryKey: fc.boolean(),
      isMerged: fc.boolean(),
    }),
    { selector: ({ id }) => id, minLength: 1, maxLength: 5 },
  )
  .chain((all) =>
    fc.option(fc.constantFrom(...all), { nil: null }).map((holder): readonly Contender[] =>
      all.map((each) => ({
        ...each,
        isHolder: each === holder,
        isMerged: each.isMerged && each !== holder,
      })),
    ),
  );

describe("who has the link", () => {
  test("does not depend on the order in which the records come", () => {
    fc.assert(
      fc.property(
        contenders.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          expect(winnerOf(shuffled)).toBe(winnerOf(all));
        },
      ),
    );
  });

  test("is the record with the primary key after a merge, and the holder without one", () => {
    fc.assert(
      fc.property(contenders, (all) => {
        const winner = all.find(({ id }) => id === winnerOf(all));
        const isMerge = all.some(({ isMerged }) => isMerged);
        const primary = all.some(({ hasPrimaryKey }) => hasPrimaryKey);
        const held = all.some(({ isHolder }) => isHolder);
        if (isMerge && primary) expect(winner?.hasPrimaryKey).toBe(true);
        if (!isMerge && held) expect(winner?.isHolder).toBe(true);
        if (!isMerge && !held && primary) expect(winner?.hasPrimaryKey).toBe(true);
      }),
    );
  });

  test("is nobody when nobody contends", () => {
    expect(winnerOf([])).toBeNull();
  });
});
