/** Batch writes: one outcome per input, whatever HubSpot does to the batch. */
import { describe, expect, test } from "vitest";
import { kinds, openPortal, outcomeOf, upsertRows } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;

function batchesOf(action: string) {
  return portal.requests(`/batch/${action}`).map(({ body }) => JSON.parse(body ?? "{}").inputs);
}

describe("cutting", () => {
  test("250 upserts take three requests and tell created from updated", async () => {
    hubspot.seedContacts([{ email: "e7@example.com", firstname: "Old" }]);

    const outcomes = await portal.crm().upsert("contacts", "email", upsertRows(250));

    expect(portal.requests("/batch/upsert")).toHaveLength(3);
    expect(kinds(outcomes)).toEqual({ written: 250 });
    const created = outcomes.filter((outcome) => outcome.kind === "written" && outcome.created);
    expect(created).toHaveLength(249);
    expect(outcomeOf(outcomes, "r7")).toMatchObject({ created: false });
    expect(hubspot.find("contacts", "e249@example.com")?.properties["firstname"]).toBe("First 249");
  });

  // HubSpot docs, error handling: a trace id on every input switches multi-status on (read 2026-04).
  test("every input of every write carries a trace id of its own", async () => {
    const [id = ""] = hubspot.seedContacts([{ email: "a@example.com" }]);
    const crm = portal.crm();

    await crm.upsert("contacts", "email", upsertRows(3));
    await crm.update("contacts", [{ ref: "u", id, properties: { firstname: "A" } }]);
    await crm.create("companies", [{ ref: "c", properties: { name: "B" }, associations: [] }]);

    const inputs = ["upsert", "update", "create"].flatMap((action) => batchesOf(action).flat());
    const traceIds = inputs.map(({ objectWriteTraceId }) => objectWriteTraceId);
    expect(traceIds).toHaveLength(5);
    expect(new Set(traceIds).size).toBe(5);
    expect(traceIds.every((traceId) => typeof traceId === "string" && traceId !== "")).toBe(true);
  });

  // Recorded response, 2025-11: duplicate ids in a batch refuse the whole batch.
  test("twins that differ in case go to a following batch and the last one wins", async () => {
    const outcomes = await portal.crm().upsert("contacts", "email", [
      { ref: "first", id: "Ada@Example.com", properties: { firstname: "Ada" } },
      { ref: "second", id: "ada@example.com", properties: { firstname: "Augusta" } },
    ]);

    expect(kinds(outcomes)).toEqual({ written: 2 });
    expect(batchesOf("upsert").map((inputs) => inputs.length)).toEqual([1, 1]);
    expect(hubspot.find("contacts", "ada@example.com")?.properties["firstname"]).toBe("Augusta");
  });

  test("two names of one record end up in two requests", async () => {
    hubspot.seedContacts([
      { email: "ada@example.com", hs_additional_emails: "lovelace@example.com" },
    ]);

    const outcomes = await portal
      .crm()
      .upsert("contacts", "email", [
        { ref: "primary", id: "ada@example.com", properties: { firstname: "Ada" } },
        { ref: "secondary", id: "lovelace@example.com", properties: { lastname: "Lovelace" } },
        ...upsertRows(6),
      ]);

    expect(kinds(outcomes)).toEqual({ written: 8 });
    expect(hubspot.find("contacts", "ada@example.com")?.properties).toMatchObject({
      firstname: "Ada",
      lastname: "Lovelace",
    });
  });
});

describe("one bad row", () => {
  test("a value outside its options is rejected by name and the others are written", async () => {
    const rows = upsertRows(20);
    const bad = { ...rows[3]!, properties: { ...rows[3]!.properties, lifecyclestage: "no-such" } };

    const outcomes = await portal.crm().upsert("contacts", "email", rows.with(3, bad));

    expect(kinds(outcomes)).toEqual({ written: 19, rejected: 1 });
    expect(portal.requests("/batch/upsert")).toHaveLength(1);
    const outcome = outcomeOf(outcomes, "r3");
    expect(outcome).toMatchObject({ kind: "rejected", code: "INVALID_OPTION" });
    expect(JSON.stringify(outcome)).toContain("lifecyclestage");
    expect(JSON.stringify(outcome)).not.toContain("no-such");
  });

  test("an invalid e-mail never shows in the outcome", async () => {
    const outcomes = await portal
      .crm()
      .upsert("contacts", "email", [
        { ref: "bad", id: "nobody@invalid", properties: { email: "nobody@invalid" } },
        ...upsertRows(2),
      ]);

    const outcome = outcomeOf(outcomes, "bad");
    expect(outcome).toMatchObject({ kind: "rejected", code: "INVALID_EMAIL" });
    expect(JSON.stringify(outcome)).not.toContain("nobody");
    expect(kinds(outcomes)).toEqual({ written: 2, rejected: 1 });
  });

  // Recorded response, 2025-11: a 207 names the row by trace id and the record in its way.
  test("a create that meets an existing e-mail is rejected with the id in its way", async () => {
    const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);

    const outcomes = await portal.crm().create("contacts", [
      { ref: "taken", properties: { email: "ada@example.com" }, associations: [] },
      { ref: "free", properties: { email: "new@example.com" }, associations: [] },
    ]);

    expect(outcomeOf(outcomes, "taken")).toMatchObject({
      kind: "rejected",
      code: "CONFLICT",
      existingId: id,
    });
    expect(outcomeOf(outcomes, "free")).toMatchObject({ kind: "written", created: true });
  });

  test("an upsert by somebody's secondary e-mail tells whose it is when HubSpot refuses it", async () => {
    hubspot.configure({ upsertBySecondaryEmail: "conflict" });
    const [id = ""] = hubspot.seedContacts([
      { email: "ada@example.com", hs_additional_emails: "lovelace@example.com" },
    ]);

    const outcomes = await portal
      .crm()
      .upsert("contacts", "email", [
        { ref: "s", id: "lovelace@example.com", properties: { firstname: "Ada" } },
        ...upsertRows(3),
      ]);

    expect(outcomeOf(outcomes, "s")).toMatchObject({ kind: "rejected", existingId: id });
    expect(kinds(outcomes)).toEqual({ written: 3, rejected: 1 });
  });

  test("an unknown id of an update is missing", async () => {
    const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);

    const outcomes = await portal.crm().update("contacts", [
      { ref: "here", id, properties: { firstname: "Ada" } },
      { ref: "gone", id: "999999999", properties: { firstname: "Bob" } },
    ]);

    expect(outcomeOf(outcomes, "here").kind).toBe("written");
    expect(outcomeOf(outcomes, "gone").kind).toBe("missing");
  });

  // rudder-transformer, 2026: rows of merged-away ids vanish from a 200 without an error.
  test("a merged-away id that HubSpot drops in silence is missing", async () => {
    const [first = "", second = "", other = ""] = hubspot.seedContacts([
      { email: "a@example.com" },
      { email: "b@example.com" },
      { email: "c@example.com" },
    ]);
    hubspot.mergeAsUser("contacts", first, second);

    const outcomes = await portal.crm().update("contacts", [
      { ref: "merged", id: second, properties: { firstname: "B" } },
      { ref: "other", id: other, properties: { firstname: "C" } },
    ]);

    expect(outcomeOf(outcomes, "merged").kind).toBe("missing");
    expect(outcomeOf(outcomes, "other").kind).toBe("written");
  });
});

describe("success that is none", () => {
  test.each(["update", "upsert", "create"] as const)(
    "an empty 2xx leaves a %s unknown",
    async (action) => {
      const [id = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);
      portal.fault({ name: "empty-2xx", path: `/batch/${action}` });
      const crm = portal.crm();
      const properties = { firstname: "Ada" };

      const outcomes = await {
        update: () => crm.update("contacts", [{ ref: "r", id, properties }]),
        upsert: () =>
          crm.upsert("contacts", "email", [{ ref: "r", id: "x@example.com", properties }]),
        create: () => crm.create("contacts", [{ ref: "r", properties, associations: [] }]),
      }[action]();

      expect(kinds(outcomes)).toEqual({ unknown: 1 });
    },
  );
});

describe("creating", () => {
  test("notes are created with their associations and told apart by what they say", async () => {
    const [contactId = ""] = hubspot.seedContacts([{ email: "ada@example.com" }]);
    const rows = Array.from({ length: 30 }, (_, index) => ({
      ref: `n${index}`,
      properties: {
        hs_timestamp: "2026-11-20T12:00:00.000Z",
        hs_note_body: `<p>Note number ${index}</p>`,
      },
      associations: [{ toId: contactId, typeId: 202 }],
    }));

    const outcomes = await portal.crm().create("notes", rows);

    expect(kinds(outcomes)).toEqual({ written: 30 });
    for (const outcome of outcomes) {
      if (outcome.kind !== "written") continue;
      const note = hubspot.find("notes", outcome.record.id);
      expect(note?.properties["hs_note_body"]).toBe(`<p>Note number ${outcome.ref.slice(1)}</p>`);
    }
    expect(hubspot.associations("contacts", contactId, "notes")).toHaveLength(30);
  });
});
