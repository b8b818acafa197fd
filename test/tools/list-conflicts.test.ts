/** Listing conflicts: what a person needs to decide, filtered, paged and bounded. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { open, refused, run } from "./calls.ts";
import { contactConflict, customerConflict, EDITED_AT } from "./conflict-rig.ts";

const pageSchema = z.object({
  total: z.number(),
  conflicts: z.array(z.looseObject({ conflict_id: z.string(), field: z.string() })),
  next_cursor: z.string().nullable(),
  truncated: z.boolean().optional(),
});

describe("list-conflicts", () => {
  test("shows both values with their times, who changed them, and the record as people know it", async () => {
    const services = await open();
    const { store } = services;
    const contact = await contactConflict(store, "ada@example.com", {
      field: "job_title",
      base: "Engineer",
      local: "Lead\u202E engineer",
      hubspot: "CTO",
    });
    const customer = await customerConflict(
      store,
      { ban: "B-1", company_name: "Acme" },
      { field: "company_name", local: "Acme", hubspot: "Acme Inc" },
    );

    expect(await run(services, "list-conflicts", {})).toMatchObject({
      total: 2,
      next_cursor: null,
      conflicts: [
        {
          conflict_id: String(contact.conflict_id),
          version: 1,
          object: "contacts",
          record: {
            id: contact.local_id,
            label: "ada@example.com",
            email: "ada@example.com",
            hubspot_id: `9${contact.local_id}`,
          },
          field: "job_title",
          base: "Engineer",
          local: "Lead engineer",
          hubspot: "CTO",
          local_at: EDITED_AT,
          local_by: "sql",
          hubspot_at: EDITED_AT,
          hubspot_by: "CRM_UI (user 17)",
          status: "open",
        },
        {
          object: "customers",
          record: { id: customer.local_id, label: "B-1 (Acme)", ban: "B-1" },
          base: null,
        },
      ],
    });
  });

  test.each([
    [{ field: "shoe" }, /contacts: email, first_name, .*; of customers: ban, current_balance/],
    [{ field: "company_name", object: "contacts" }, /^[^;]*contacts: email, first_name[^;]*$/],
  ])("names the fields there are when %j is none", async (input, fields) => {
    const error = await refused(run(await open(), "list-conflicts", input));

    expect(error.message).toMatch(fields);
    expect(error.message).not.toContain("shoe");
    expect(error.details["arguments"]).toMatchObject([{ argument: "field" }]);
  });

  test("shows what is left of a field that the map no longer has", async () => {
    const services = await open();
    const given = { field: "country", local: "DE", hubspot: "FR" };
    await contactConflict(services.store, "ada@example.com", given);

    expect(await run(services, "list-conflicts", { field: "country" })).toMatchObject({ total: 1 });
  });

  test("filters by object and field, and shows ended ones with how they ended", async () => {
    const services = await open();
    const { store } = services;
    const values = { local: "a", hubspot: "b" };
    const first = await contactConflict(store, "a@example.com", { field: "job_title", ...values });
    await contactConflict(store, "b@example.com", { field: "city", ...values });
    await run(services, "resolve-conflict", {
      conflict_id: first.conflict_id,
      version: 1,
      resolution: "keep_local",
      note: "they said so",
    });

    const list = async (input: object) =>
      pageSchema.parse(await run(services, "list-conflicts", input));

    expect((await list({})).conflicts.map(({ field }) => field)).toEqual(["city"]);
    expect((await list({ field: "job_title" })).total).toBe(0);
    expect((await list({ object: "customers" })).total).toBe(0);
    expect((await list({ status: "resolved" })).conflicts).toMatchObject([
      { resolution: "keep_local", note: "they said so", resolved_by: "test" },
    ]);
  });

  test("pages through all of them once, however long their values are", async () => {
    const services = await open();
    for (let index = 0; index < 45; index += 1) {
      await contactConflict(services.store, `c${index}@example.com`, {
        field: "job_title",
        local: `${index} ${"x".repeat(3_000)}`,
        hubspot: "y".repeat(3_000),
      });
    }

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await run(services, "list-conflicts", {
        limit: "100",
        ...(cursor ? { cursor } : {}),
      });
      expect(JSON.stringify(page).length).toBeLessThan(32_000);
      const { conflicts, total, next_cursor } = pageSchema.parse(page);
      expect(total).toBe(45);
      expect(String(conflicts[0]?.["hubspot"])).toContain("(3,000 characters)");
      seen.push(...conflicts.map(({ conflict_id }) => conflict_id));
      cursor = next_cursor;
    } while (cursor);

    expect(new Set(seen).size).toBe(45);
    expect(seen).toHaveLength(45);
  });

  test.each([[{ object: "companies" }], [{ cursor: "x" }], [{ limit: 101 }], [{ colour: "red" }]])(
    "refuses %j as a wrong argument",
    async (input) => {
      expect((await refused(run(await open(), "list-conflicts", input))).kind).toBe("input");
    },
  );

  test("shows of a loop what went to and fro, cleaned and shortened, and finds it by its reason", async () => {
    const services = await open();
    const value = `gold\u202E${"!".repeat(400)}`;
    const history = [
      { at: EDITED_AT, side: "hubspot", value, by: "WORKFLOW\u200B (9)" },
      { at: EDITED_AT, side: "local", value: null, by: null },
    ] as const;
    const given = { field: "job_title", local: "VP", hubspot: "CTO" };
    await contactConflict(services.store, "ada@example.com", { ...given, reason: "loop", history });
    await contactConflict(services.store, "bob@example.com", given);

    const loops = pageSchema.parse(await run(services, "list-conflicts", { reason: "loop" }));

    expect(loops).toMatchObject({
      total: 1,
      conflicts: [
        {
          reason: "loop",
          record: { label: "ada@example.com" },
          history: [
            { side: "hubspot", value: expect.stringMatching(/^gold!{100,}… /), by: "WORKFLOW (9)" },
            { side: "local", value: null, by: null },
          ],
        },
      ],
    });
    const others = await run(services, "list-conflicts", { reason: "both_changed" });
    const [other] = pageSchema.parse(others).conflicts;
    expect(other).toMatchObject({ reason: "both_changed", record: { label: "bob@example.com" } });
    expect(other).not.toHaveProperty("history");
  });
});
