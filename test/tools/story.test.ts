/** One record's story: who set each field, what waits, what is in conflict, and what was decided with which value given up. */
import { expect, test } from "vitest";
import { z } from "zod";
import { IMPORTED_AT, storedContact } from "../doors/contacts.ts";
import { describeEachEngine } from "../support/store.ts";
import { open, refused, run } from "./calls.ts";
import { contactConflict, customerConflict, EDITED_AT } from "./conflict-rig.ts";

const storySchema = z.object({
  story: z.looseObject({
    pending: z.boolean(),
    pending_since: z.string().nullable(),
    fields: z.array(z.looseObject({ field: z.string() })),
  }),
});

describeEachEngine("query-contacts with one record", (openStore) => {
  async function openCapturing() {
    const store = await openStore();
    const services = await open({ store });
    await store.changes.capture(services.services.fieldMaps);
    return { store, services };
  }

  test("names another program that changed a field, and since when the change waits", async () => {
    const { store, services } = await openCapturing();
    const id = await storedContact(store, "ada@example.com", {
      fields: { first_name: "Ada", company: "Acme" },
      set: { status: "synced" },
    });
    const base = { first_name: "Ada", company: "Acme", email: "ada@example.com" };
    await store.fieldStates.put([
      { object: "contacts", local_id: id, base, synced_at: IMPORTED_AT },
    ]);
    const before = storySchema.parse(
      await run(services, "query-contacts", { email: "ada@example.com" }),
    );
    await store.contacts.update([{ id, set: { first_name: "Adah" } }], EDITED_AT);

    const answer = await run(services, "query-contacts", { email: "ada@example.com" });

    const { story } = storySchema.parse(answer);
    expect(before.story).toMatchObject({ pending: false, pending_since: null });
    expect(story.pending).toBe(true);
    const changed = story.fields.find(({ field }) => field === "first_name");
    expect(changed).toMatchObject({
      value: "Adah",
      source: "sql",
      state: "changed",
      at: story.pending_since,
    });
    expect(story.fields).toContainEqual(
      expect.objectContaining({ field: "company", source: "csv", state: "equal" }),
    );
  });

  test("shows an open conflict with both values, and the decision that ended it afterwards", async () => {
    const { store, services } = await openCapturing();
    const { conflict_id } = await contactConflict(store, "ada@example.com", {
      field: "job_title",
      base: "Engineer",
      local: "Lead",
      hubspot: "CTO",
    });

    const during = await run(services, "query-contacts", { email: "ada@example.com" });
    await run(services, "resolve-conflict", {
      conflict_id,
      version: 1,
      resolution: "keep_hubspot",
    });
    const after = await run(services, "query-contacts", { email: "ada@example.com" });

    expect(storySchema.parse(during).story.fields).toContainEqual(
      expect.objectContaining({
        field: "job_title",
        state: "conflict",
        conflict: expect.objectContaining({
          conflict_id: String(conflict_id),
          version: 1,
          local: "Lead",
          hubspot: "CTO",
          hubspot_at: EDITED_AT,
          hubspot_by: "CRM_UI (user 17)",
        }),
      }),
    );
    const field = storySchema.parse(after).story.fields.find((each) => each.field === "job_title");
    expect(field).not.toHaveProperty("conflict");
    expect(field).toMatchObject({
      last_decision: {
        action: "resolve",
        rule: "keep_hubspot by test",
        lost: "Lead",
        after: "CTO",
      },
    });
  });

  test("tells a customer by its billing account number, with JSON leaves and who changed them", async () => {
    const { store, services } = await openCapturing();
    const row = {
      ban: "B-1",
      company_name: "Acme",
      status: "ASLEEP",
      contact: { phone: "1", fax: "2" },
    };
    await customerConflict(store, row, { field: "company_name", local: "Acme", hubspot: "ACME" });
    const [customer] = await store.customers.findByBans(["B-1"]);
    const id = customer?.id ?? 0;
    await store.fieldStates.put([
      {
        object: "customers",
        local_id: id,
        base: { company_name: "Old", contact_phone: "1", ban: "B-1" },
        synced_at: IMPORTED_AT,
      },
    ]);
    await store.customers.update([{ id, set: { contact: { phone: "3", fax: "2" } } }], EDITED_AT);

    const answer = await run(services, "query-contacts", { ban: " B-1 " });

    expect(answer).toMatchObject({
      total: 1,
      contacts: [],
      customers: [{ ban: "B-1", id, company_name: "Acme", hubspot_id: `9${id}` }],
      next_cursor: null,
      story: { hubspot_id: `9${id}`, pending: true },
    });
    expect(storySchema.parse(answer).story.fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: "ban", state: "equal", source: "local" }),
        expect.objectContaining({ field: "company_name", state: "conflict" }),
        expect.objectContaining({
          field: "contact_phone",
          value: "3",
          state: "changed",
          source: "sql",
        }),
        expect.objectContaining({
          field: "status",
          state: "blocked",
          why: expect.stringContaining("ACTIVE, CLOSED"),
        }),
      ]),
    );
  });

  test("keeps the value that an automatic decision set aside, with both times", async () => {
    const { store, services } = await openCapturing();
    const id = await storedContact(store, "ada@example.com", { fields: { first_name: "Adah" } });
    const decided = {
      field: "first_name",
      before: "Ada",
      after: "Adah",
      rule: "LATEST_WINS: HubSpot is newer or equal",
      lost: "Ada",
      local_at: IMPORTED_AT,
      hubspot_at: EDITED_AT,
    };
    await store.syncLog.add([
      {
        run_id: "sync_1",
        object: "contacts",
        local_id: id,
        hubspot_id: "9",
        action: "pull",
        outcome: "done",
        fields: [decided],
        marker: null,
        error: null,
        created_at: EDITED_AT,
        finished_at: EDITED_AT,
      },
    ]);

    const { story } = storySchema.parse(
      await run(services, "query-contacts", { email: "ada@example.com" }),
    );

    const { field: _name, ...decision } = decided;
    expect(story.fields.find(({ field }) => field === "first_name")).toMatchObject({
      source: "hubspot",
      at: EDITED_AT,
      last_decision: { at: EDITED_AT, action: "pull", outcome: "done", ...decision },
    });
  });
});

test("says where to look when there is no such customer, and refuses arguments of lists", async () => {
  const services = await open();

  expect(await run(services, "query-contacts", { ban: "B-9" })).toMatchObject({
    total: 0,
    contacts: [],
    customers: [],
    next: expect.stringContaining("import"),
  });
  for (const stray of [{ search: "a" }, { fields: ["email"] }, { limit: 5 }]) {
    const error = await refused(run(services, "query-contacts", { ban: "B-9", ...stray }));
    expect(error.message).toContain('"ban"');
  }
  const both = { ban: "B-9", email: "ada@example.com" };
  expect((await refused(run(services, "query-contacts", both))).kind).toBe("input");
});
