/** Contacts keep what they are given, on both engines alike. */
import { expect, test } from "vitest";
import type { ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { contactRecord } from "../support/build.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW, newContact } from "./builders.ts";

describeEachEngine("contacts", (open) => {
  test("an inserted contact comes back with every field and nothing that has not happened", async () => {
    const store = await open();
    const fields = newContact({
      email: "zoë@example.com",
      first_name: "Zoë",
      last_name: "O'Neil; drop table contacts",
      company: "Ünïcode \\ 100% “Öl” 🌍",
      domain: "example.com",
      job_title: "Head of R&D",
      phone: "+493012345678;ext=9",
      country: "DE",
      city: "Köln",
      website: "https://example.com",
      linkedin_url: "https://www.linkedin.com/in/zoe",
      custom: { 'we"ird {name}': 'a,b\n"c"' },
      email_status: "risky",
      engagement_state: "interested",
      unsubscribed: true,
    }).fields;

    const [inserted] = await store.contacts.insert([
      { fields, source: "lemlist", imported_at: NOW },
    ]);
    const found = await store.contacts.findByEmails(["zoë@example.com"]);

    expect(found).toEqual([
      contactRecord({
        ...fields,
        id: inserted!.id,
        status: "imported",
        source: "lemlist",
        imported_at: NOW,
        updated_at: NOW,
      }),
    ]);
  });

  test("finds an e-mail however its letters are written", async () => {
    const store = await open();
    await store.contacts.insert([newContact({ email: "Ada@Example.com" })]);

    const found = await store.contacts.findByEmails(["ADA@EXAMPLE.COM"]);

    expect(found.map((contact) => contact.email)).toEqual(["ada@example.com"]);
  });

  test("leaves e-mails alone that exist already or come twice, and names only what it inserted", async () => {
    const store = await open();
    const first = await insertOne(store, { email: "ada@example.com", first_name: "Ada" });

    const inserted = await store.contacts.insert([
      newContact({ email: "ada@example.com", first_name: "Other" }),
      newContact({ email: "grace@example.com", first_name: "Grace" }),
      newContact({ email: "grace@example.com", first_name: "Twice" }),
    ]);

    expect(inserted.map((row) => row.email)).toEqual(["grace@example.com"]);
    const kept = await store.contacts.findByIds([first, inserted[0]!.id]);
    expect(kept.map((contact) => contact.first_name).sort()).toEqual(["Ada", "Grace"]);
  });

  test("takes thousands of rows, e-mails and ids in one call", async () => {
    const store = await open();
    const emails = Array.from({ length: 5_000 }, (_, i) => `person${i}@example.com`);

    const inserted = await store.contacts.insert(emails.map((email) => newContact({ email })));
    const ids = inserted.map((row) => row.id);
    await store.contacts.updateAll(ids, { status: "enriched" }, LATER);

    expect(new Set(ids).size).toBe(5_000);
    expect(await store.contacts.findByEmails(emails)).toHaveLength(5_000);
    expect(await store.contacts.findByIds(ids)).toHaveLength(5_000);
    expect(await store.contacts.countByStatus()).toEqual({ enriched: 5_000 });
  });

  test("nothing in gives nothing out", async () => {
    const store = await open();

    expect(await store.contacts.insert([])).toEqual([]);
    expect(await store.contacts.findByEmails([])).toEqual([]);
    expect(await store.contacts.findByIds([])).toEqual([]);
    await store.contacts.update([], NOW);
    await store.contacts.updateAll([], { status: "failed" }, NOW);
    expect(await store.contacts.countByStatus()).toEqual({});
  });

  test("patches set what they name, each its own fields, and the time of the change", async () => {
    const store = await open();
    const [ada, grace, linus] = await insertThree(store);
    const everything: ContactPatch = {
      status: "failed",
      intelligence: {
        summary: "s",
        pain_points: ["p"],
        personalization_hooks: [],
        confidence: 0.25,
        evidence_ids: ["F1"],
        model: "m",
      },
      provenance: { phone: { source: "explorium", at: NOW } },
      quality_score: 72.5,
      quality_reasons: [{ code: "C", field: null, points_lost: 27.5, message: "m", fix: "f" }],
      failed_stage: "sync",
      error: "why",
      retry_at: LATER,
      attempts: 3,
      unsubscribed: true,
      custom: { a: "b" },
      enriched_at: NOW,
    };

    await store.contacts.update(
      [
        { id: ada, set: everything },
        { id: grace, set: { first_name: null } },
        { id: linus, set: { first_name: null, attempts: 1 } },
        { id: 987_654, set: { first_name: "nobody" } },
      ],
      LATER,
    );

    expect(await byId(store, ada)).toMatchObject({ ...everything, updated_at: LATER });
    expect(await byId(store, grace)).toMatchObject({
      first_name: null,
      attempts: 0,
      status: "imported",
      updated_at: LATER,
    });
    expect(await byId(store, linus)).toMatchObject({ first_name: null, attempts: 1 });
  });

  test("a patch takes an empty provenance and gives an empty one back", async () => {
    const store = await open();
    const id = await insertOne(store, { email: "ada@example.com" });

    await store.contacts.update([{ id, set: { provenance: {}, custom: null } }], LATER);

    expect(await byId(store, id)).toMatchObject({ provenance: {}, custom: null });
  });

  test("an e-mail that another contact has cannot be taken, and nothing of the call is written", async () => {
    const store = await open();
    const [ada, grace] = await insertThree(store);

    const taking = store.contacts.update(
      [
        { id: ada, set: { first_name: "Changed" } },
        { id: grace, set: { email: "ada@example.com" } },
      ],
      LATER,
    );

    await expect(taking).rejects.toMatchObject({ name: "AppError", kind: "conflict" });
    expect(await byId(store, ada)).toMatchObject({ first_name: "Ada", updated_at: NOW });
  });

  test("the same fields are set on all named contacts and on no other", async () => {
    const store = await open();
    const [ada, grace, linus] = await insertThree(store);

    await store.contacts.updateAll([ada, grace], { status: "enriching", error: null }, LATER);

    expect(await byId(store, grace)).toMatchObject({ status: "enriching", updated_at: LATER });
    expect(await byId(store, linus)).toMatchObject({ status: "imported", updated_at: NOW });
    expect(await store.contacts.countByStatus()).toEqual({ enriching: 2, imported: 1 });
  });

  test("an id is not used again", async () => {
    const store = await open();
    const first = await insertOne(store, { email: "ada@example.com" });
    await expect(
      store.transaction(async (within) => {
        await within.contacts.insert([newContact({ email: "grace@example.com" })]);
        throw new Error("roll back");
      }),
    ).rejects.toThrow("roll back");

    const second = await insertOne(store, { email: "linus@example.com" });

    expect(second).toBeGreaterThan(first);
  });
});

async function insertThree(store: Store): Promise<[number, number, number]> {
  return [
    await insertOne(store, { email: "ada@example.com", first_name: "Ada" }),
    await insertOne(store, { email: "grace@example.com", first_name: "Grace" }),
    await insertOne(store, { email: "linus@example.com", first_name: "Linus" }),
  ];
}

async function byId(store: Store, id: number) {
  return (await store.contacts.findByIds([id]))[0];
}
