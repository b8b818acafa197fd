/** Tools that read: jobs and contacts, in bounded and cleaned answers. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { IMPORTED_AT, storedContact, storedContacts } from "../doors/contacts.ts";
import { firmographics } from "../support/build.ts";
import { open, refused, run } from "./calls.ts";

const contactsSchema = z.array(z.looseObject({ email: z.string() }));

describe("job-status", () => {
  test("refuses an unknown job without repeating the id", async () => {
    const services = await open();

    const error = await refused(run(services, "job-status", { job_id: "SECRET-ID" }));

    expect(error.kind).toBe("not-found");
    expect(error.message).not.toContain("SECRET-ID");
  });

  test("pages an import's rejected rows", async () => {
    const services = await open();
    const { job_id } = await run(services, "import", { source: "csv", path: "a.csv" });
    await services.store.rejects.add(
      String(job_id),
      Array.from({ length: 25 }, (_, index) => ({
        row: index + 1,
        raw: { Email: `bad\u202E${index}` },
        rejection: { code: "INVALID_EMAIL" as const, message: "not an e-mail", field: "email" },
      })),
      IMPORTED_AT,
    );

    const first = await run(services, "job-status", { job_id, include: "rejects" });
    const second = await run(services, "job-status", {
      job_id,
      include: ["rejects"],
      cursor: first["next_cursor"],
    });

    expect(first["rejects"]).toHaveLength(20);
    expect(first["rejects"]).toContainEqual(
      expect.objectContaining({ row: 1, raw: { Email: "bad0" } }),
    );
    expect(second["rejects"]).toHaveLength(5);
    expect(second["next_cursor"]).toBeNull();
  });

  test("cuts an over-long result and says so, counts untouched", async () => {
    const preview = Array.from({ length: 500 }, (_, index) => ({
      email: `c${index}@example.com`,
      text: "x".repeat(400),
    }));
    const services = await open({
      handlers: { sync: async () => ({ counts: { push: 500 }, result: { preview } }) },
    });

    const job = await run(services, "sync", { dry_run: true });

    expect(job["truncated"]).toBe(true);
    expect(job["counts"]).toEqual({ push: 500 });
    expect(JSON.stringify(job).length).toBeLessThan(32_000);
  });
});

describe("query-contacts", () => {
  test("pages through all contacts exactly once, with the chosen fields only", async () => {
    const services = await open();
    await storedContacts(services.store, 45, (index) => ({ first_name: `N${index}` }));

    const seen: unknown[] = [];
    let cursor: unknown;
    do {
      const page = await run(services, "query-contacts", {
        fields: "first_name",
        limit: "20",
        sort: "-email",
        ...(cursor ? { cursor } : {}),
      });
      expect(page["total"]).toBe(45);
      seen.push(...contactsSchema.parse(page["contacts"]));
      cursor = page["next_cursor"];
    } while (cursor);

    expect(seen).toHaveLength(45);
    expect(seen[0]).toEqual({ email: "c044@example.com", first_name: "N44" });
    expect(new Set(seen.map((contact) => JSON.stringify(contact))).size).toBe(45);
  });

  test("shortens a page that would not fit, and loses no contact over it", async () => {
    const services = await open();
    await storedContacts(services.store, 60, () => ({ custom: { bio: "x".repeat(1_500) } }));

    const seen = new Set<unknown>();
    let cursor: unknown;
    do {
      const page = await run(services, "query-contacts", {
        fields: ["custom"],
        limit: 60,
        ...(cursor ? { cursor } : {}),
      });
      expect(JSON.stringify(page).length).toBeLessThan(32_000);
      for (const { email } of contactsSchema.parse(page["contacts"])) seen.add(email);
      if (page["next_cursor"]) expect(page["truncated"]).toBe(true);
      cursor = page["next_cursor"];
    } while (cursor);

    expect(seen.size).toBe(60);
  });

  test("tells why each field of one contact holds what it holds", async () => {
    const services = await open();
    const id = await storedContact(services.store, "ada@example.com", {
      fields: { first_name: "Ada", company: "Acme\u202E" },
      set: {
        status: "synced",
        provenance: { company: { source: "hubspot", at: "2026-11-05T00:00:00.000Z" } },
      },
    });
    await services.store.links.put(
      [{ object: "contacts", local_id: id, hubspot_id: "501" }],
      IMPORTED_AT,
    );
    await services.store.fieldStates.put([
      {
        object: "contacts",
        local_id: id,
        base: { first_name: "Ada", company: "Old" },
        synced_at: "2026-11-06T00:00:00.000Z",
      },
    ]);
    await services.store.syncLog.add([
      {
        run_id: "job_1",
        object: "contacts",
        local_id: id,
        hubspot_id: "501",
        action: "update",
        outcome: "done",
        fields: [{ field: "first_name", before: null, after: "Ada", rule: "one side moved" }],
        marker: null,
        error: null,
        created_at: "2026-11-06T00:00:00.000Z",
        finished_at: "2026-11-06T00:00:01.000Z",
      },
    ]);

    const answer = await run(services, "query-contacts", { email: " ADA@example.com " });

    expect(answer).toMatchObject({
      total: 1,
      next_cursor: null,
      contacts: [{ email: "ada@example.com", hubspot_id: "501", company: "Acme" }],
      story: { hubspot_id: "501", pending: true, last_synced_at: "2026-11-06T00:00:00.000Z" },
    });
    expect(answer["story"]).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ field: "first_name", state: "equal", source: "csv" }),
        expect.objectContaining({
          field: "company",
          state: "changed",
          source: "hubspot",
          last_synced: "Old",
        }),
      ]),
      recent_syncs: [
        { action: "update", outcome: "done", fields: [{ field: "first_name", after: "Ada" }] },
      ],
    });
  });

  test("tells a company's own facts with their source, and as settled once both sides hold them", async () => {
    const services = await open();
    const { store } = services;
    const id = await storedContact(store, "ada@acme.com", {
      fields: { domain: "acme.com" },
      set: { status: "synced" },
    });
    await store.companies.upsert(
      [
        {
          domain: "acme.com",
          name: "Acme",
          firmographics: firmographics({ industry: "robotics" }),
          summary: null,
        },
      ],
      IMPORTED_AT,
    );
    const base = { email: "ada@acme.com", industry: "robotics" };
    await store.fieldStates.put([
      { object: "contacts", local_id: id, base, synced_at: IMPORTED_AT },
    ]);

    const { story } = await run(services, "query-contacts", { email: "ada@acme.com" });

    expect(story).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({
          field: "industry",
          value: "robotics",
          source: "explorium",
          state: "equal",
        }),
      ]),
    });
  });

  test("answers nothing, with advice, for an e-mail that is not here", async () => {
    const services = await open();

    expect(await run(services, "query-contacts", { email: "no@example.com" })).toMatchObject({
      total: 0,
      contacts: [],
      next: expect.stringContaining("search"),
    });
  });

  test.each([
    [{ email: "x" }],
    [{ email: "a@example.com", search: "a" }],
    [{ fields: ["password"] }],
    [{ sort: "email; drop table contacts" }],
    [{ limit: 101 }],
    [{ filter: { colour: "red" } }],
    [{ cursor: "garbage" }],
  ])("refuses %j as a wrong argument", async (input) => {
    const services = await open();
    await storedContacts(services.store, 3);

    expect((await refused(run(services, "query-contacts", input))).kind).toBe("input");
  });
});
