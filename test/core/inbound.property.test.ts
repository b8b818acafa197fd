/** Signals come doubled, reordered and together: what they come to does not depend on it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  coalesce,
  type KnownRecords,
  reachOf,
  recordKey,
} from "../../mcp-server/src/core/inbound.ts";
import type { Signal } from "../../mcp-server/src/core/signal.ts";

const signal: fc.Arbitrary<Signal> = fc.record({
  object: fc.constantFrom("contacts" as const, "companies" as const),
  hubspotId: fc.integer({ min: 1, max: 6 }).map(String),
  kind: fc.constantFrom("changed" as const, "deleted" as const, "erased" as const),
});
const signals = fc.array(signal, { maxLength: 30 });
const ids = fc.uniqueArray(fc.integer({ min: 1, max: 6 }).map(String));
const known: fc.Arbitrary<KnownRecords> = fc
  .record({ contacts: ids, customers: ids, companies: ids })
  .map(({ contacts, customers, companies }) => ({
    contacts: new Map(contacts.map((id, at) => [id, at + 1])),
    customers: new Map(customers.map((id, at) => [id, at + 101])),
    companies: new Set(companies),
  }));

test("neither order nor repetition matters", () => {
  fc.assert(
    fc.property(
      signals.chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
        ),
      ),
      ([once, again]) => {
        expect(coalesce(again)).toEqual(coalesce(once));
      },
    ),
  );
});

test("every signalled record is kept once, by its weightiest signal", () => {
  fc.assert(
    fc.property(signals, (list) => {
      const kept = coalesce(list);

      expect(new Set(kept.map(recordKey)).size).toBe(kept.length);
      expect(new Set(kept.map(recordKey))).toEqual(new Set(list.map(recordKey)));
      for (const one of kept) {
        const kinds = list.filter((other) => recordKey(other) === recordKey(one));
        const wanted = (["erased", "changed", "deleted"] as const).find((kind) =>
          kinds.some((other) => other.kind === kind),
        );
        expect(one.kind).toBe(wanted);
      }
    }),
  );
});

test("a linked record is marked, and what is erased is always erased", () => {
  fc.assert(
    fc.property(signal, known, (one, records) => {
      const { dirty, remote } = reachOf(one, records);
      const isContact = one.object === "contacts";
      const id = (isContact ? records.contacts : records.customers).get(one.hubspotId);

      if (isContact && one.kind === "erased") {
        expect(remote).toEqual([{ object: "contacts", hubspot_id: one.hubspotId, kind: "erase" }]);
      } else {
        expect(dirty.map(({ local_id }) => local_id)).toEqual(id === undefined ? [] : [id]);
      }
    }),
  );
});

const unknown: KnownRecords = { contacts: new Map(), customers: new Map(), companies: new Set() };

test("that an unknown contact was deleted is no news, that one changed is", () => {
  const of = (kind: Signal["kind"]) =>
    reachOf({ object: "contacts", hubspotId: "7", kind }, unknown);

  expect(of("deleted")).toEqual({ dirty: [], remote: [] });
  expect(of("changed").remote).toEqual([{ object: "contacts", hubspot_id: "7", kind: "look" }]);
});

test("a company that nobody here belongs to concerns nobody", () => {
  for (const kind of ["changed", "deleted", "erased"] as const) {
    const reach = reachOf({ object: "companies", hubspotId: "7", kind }, unknown);
    expect(reach).toEqual({ dirty: [], remote: [] });
  }
});

test("a company is looked at for its contacts and marked for its customer", () => {
  const reach = reachOf(
    { object: "companies", hubspotId: "7", kind: "changed" },
    { ...unknown, customers: new Map([["7", 3]]), companies: new Set(["7"]) },
  );

  expect(reach).toEqual({
    dirty: [{ object: "customers", local_id: 3 }],
    remote: [{ object: "companies", hubspot_id: "7", kind: "look" }],
  });
});

test("a restore that comes in one piece with the deletion before it is looked at", () => {
  const pair = (["deleted", "changed"] as const).map((kind) => ({
    object: "contacts" as const,
    hubspotId: "7",
    kind,
  }));

  const reaches = coalesce(pair).map((one) => reachOf(one, unknown));

  expect(reaches.flatMap(({ remote }) => remote)).toHaveLength(1);
});
