/** What records are associated with, how, and how an association is taken away again. */
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

const UNLABELED = 279;

function seeded(count: number): { contacts: readonly string[]; companies: readonly string[] } {
  const contacts = hubspot.seedContacts(
    Array.from({ length: count }, (_, index) => ({ email: `e${index}@example.com` })),
  );
  const companies = hubspot.seedCompanies(
    Array.from({ length: count }, (_, index) => ({ domain: `c${index}.example` })),
  );
  for (const [index, contact] of contacts.entries())
    hubspot.associate(["contacts", contact], ["companies", companies[index] ?? ""], [1, 279]);
  return { contacts, companies };
}

describe("associations with their types", () => {
  test("tell a contact's primary company from the others", async () => {
    const { contacts, companies } = seeded(2);
    hubspot.associate(["contacts", contacts[0]!], ["companies", companies[1]!], [279]);

    const found = await portal.crm().associations("contacts", "companies", contacts);

    const first = [...(found.get(contacts[0]!) ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(first).toEqual([
      { id: companies[0], typeIds: [1, 279], isLabelled: false },
      { id: companies[1], typeIds: [279], isLabelled: false },
    ]);
    expect(found.get(contacts[1]!)).toHaveLength(1);
  });

  test("tell labels of the account's own, whose numbers may equal HubSpot's", async () => {
    gate.answer(() => ({
      status: 200,
      body: {
        status: "COMPLETE",
        results: [
          {
            from: { id: "501" },
            to: [
              {
                toObjectId: 7,
                associationTypes: [
                  { category: "HUBSPOT_DEFINED", typeId: 279, label: null },
                  { category: "USER_DEFINED", typeId: 1, label: "Advisor" },
                ],
              },
            ],
          },
        ],
      },
    }));

    const found = await portal
      .crm({ baseUrl: gate.url })
      .associations("contacts", "companies", ["501"]);

    expect(found.get("501")).toEqual([{ id: "7", typeIds: [279], isLabelled: true }]);
  });
});

describe("taking associations away", () => {
  test("ends whole pairs in one request, and leaves the others", async () => {
    const { contacts, companies } = seeded(150);
    const pairs = contacts
      .slice(1)
      .map((fromId, index) => ({ ref: fromId, fromId, toId: companies[index + 1]!, typeId: 279 }));

    const outcomes = await portal.crm().dissociate("contacts", "companies", pairs);

    expect(outcomes).toHaveLength(149);
    expect(outcomes.every(({ error }) => error === null)).toBe(true);
    expect(portal.requests("/labels/archive")).toHaveLength(1);
    expect(hubspot.associations("contacts", contacts[5]!, "companies")).toEqual([]);
    expect(hubspot.associations("contacts", contacts[0]!, "companies")).toHaveLength(1);
  });

  test("takes a label alone: the company stays, but is primary no more", async () => {
    const { contacts, companies } = seeded(1);
    const pair = { ref: "a", fromId: contacts[0]!, toId: companies[0]!, typeId: 1 };

    await portal.crm().dissociate("contacts", "companies", [pair]);

    const left = hubspot.associations("contacts", contacts[0]!, "companies");
    expect(left).toEqual([{ id: companies[0], typeIds: [279] }]);
  });

  test("of what is not there, or of a record that is gone, is done already", async () => {
    const { contacts, companies } = seeded(2);
    const pair = (ref: string, fromId: string) => ({
      ref,
      fromId,
      toId: companies[1]!,
      typeId: UNLABELED,
    });

    const outcomes = await portal
      .crm()
      .dissociate("contacts", "companies", [pair("free", contacts[0]!), pair("gone", "999999")]);

    expect(outcomes.map(({ error }) => error)).toEqual([null, null]);
    expect(hubspot.associations("contacts", contacts[1]!, "companies")).toHaveLength(1);
  });

  test("a pair that HubSpot refuses fails alone, one that it does not know is as it was to be", async () => {
    gate.answer(({ inputs }) => {
      const ids = inputs.map((input) => JSON.stringify(input));
      const bad = ids.some((id) => id.includes('"bad"'));
      const unknown = ids.some((id) => id.includes('"404"'));
      const fault = (status: number, category: string) => ({
        status,
        body: { status: "error", category, message: "No" },
      });
      if (ids.length > 1 && (bad || unknown)) return fault(400, "VALIDATION_ERROR");
      if (bad) return fault(400, "VALIDATION_ERROR");
      return unknown ? fault(404, "OBJECT_NOT_FOUND") : { status: 204, body: null };
    });
    const pair = (id: string) => ({ ref: id, fromId: id, toId: "1", typeId: UNLABELED });

    const outcomes = await portal
      .crm({ baseUrl: gate.url })
      .dissociate("contacts", "companies", ["1", "bad", "2", "404", "3"].map(pair));

    expect(outcomes.filter(({ error }) => error !== null)).toEqual([
      { ref: "bad", error: expect.objectContaining({ kind: "input" }) },
    ]);
  });

  test("a lost answer is told, for every pair, and the same may be done again", async () => {
    const { contacts, companies } = seeded(1);
    const pair = { ref: "a", fromId: contacts[0]!, toId: companies[0]!, typeId: UNLABELED };
    const crm = portal.crm();
    portal.fault({ name: "reset-after-commit", path: "/labels/archive" });

    const lost = await crm.dissociate("contacts", "companies", [pair]);
    const repeated = await crm.dissociate("contacts", "companies", [pair]);

    expect(lost).toEqual([
      { ref: "a", error: expect.objectContaining({ kind: "unknown-outcome" }) },
    ]);
    expect(repeated).toEqual([{ ref: "a", error: null }]);
  });
});
