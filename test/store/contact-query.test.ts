/** Pages of contacts: complete, without repetition, and in the same order on both engines. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Contact, ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { ContactFilter, ContactSortField } from "../../mcp-server/src/core/selection.ts";
import type { ContactQuery } from "../../mcp-server/src/ports/contact-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW, newContact } from "./builders.ts";

describeEachEngine("a query for contacts", (open) => {
  test("walks through all matches in any order, page by page", async () => {
    const store = await open();
    const everyone = await varied(store);
    const sorts = fc.constantFrom<ContactSortField | undefined>(
      undefined,
      "email",
      "first_name",
      "company",
      "status",
      "quality_score",
      "enriched_at",
      "updated_at",
    );

    await fc.assert(
      fc.asyncProperty(
        sorts,
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (field, descending, limit) => {
          const sort = field === undefined ? {} : { sort: { field, descending } };
          const walked = await walk(store, { filter: {}, limit, ...sort });
          expect(walked.map((contact) => contact.id)).toEqual(
            inOrder(everyone, field, field !== undefined && descending).map(
              (contact) => contact.id,
            ),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  test("counts all matches on every page, and the last page has no cursor", async () => {
    const store = await open();
    await people(store, 5);

    const first = await store.contacts.query({ filter: {}, limit: 3 });
    const second = await store.contacts.query({
      filter: {},
      limit: 3,
      cursor: first.next_cursor ?? "",
    });

    expect([first.total, first.items.length, second.total, second.items.length]).toEqual([
      5, 3, 5, 2,
    ]);
    expect(second.next_cursor).toBeNull();
  });

  test("a page that ends exactly at the end has no cursor", async () => {
    const store = await open();
    await people(store, 3);

    expect((await store.contacts.query({ filter: {}, limit: 3 })).next_cursor).toBeNull();
  });

  test("a row that leaves between pages neither hides nor repeats another", async () => {
    const store = await open();
    await people(store, 6);
    const query: ContactQuery = {
      filter: { status: "imported" },
      limit: 2,
      sort: { field: "email", descending: false },
    };
    const first = await store.contacts.query(query);

    await store.contacts.updateAll([first.items[0]!.id], { status: "synced" }, LATER);
    const second = await store.contacts.query({ ...query, cursor: first.next_cursor ?? "" });

    expect(second.items.map((contact) => contact.email)).toEqual([
      "person2@example.com",
      "person3@example.com",
    ]);
  });

  test.each<{ readonly change: string; readonly other: Partial<ContactQuery> }>([
    { change: "filter", other: { filter: { status: "synced" } } },
    { change: "search", other: { search: "person" } },
    { change: "order", other: { sort: { field: "email", descending: true } } },
  ])("refuses the cursor of a query with another $change, and says the mend", async ({ other }) => {
    const store = await open();
    await people(store, 3);
    const { next_cursor } = await store.contacts.query({ filter: {}, limit: 1 });

    const asked = store.contacts.query({
      filter: {},
      limit: 1,
      ...other,
      cursor: next_cursor ?? "",
    });

    await expect(asked).rejects.toMatchObject({
      kind: "input",
      message: expect.stringContaining("leave the cursor out"),
    });
  });

  test.each(["", "nonsense", "e30", Buffer.from('["x",{},1]').toString("base64url")])(
    "refuses %j, which is no cursor",
    async (cursor) => {
      const store = await open();

      await expect(store.contacts.query({ filter: {}, limit: 1, cursor })).rejects.toMatchObject({
        kind: "input",
      });
    },
  );

  test.each(["x", "yesterday", "2026-13-45", "1795304063094"])(
    "refuses %j, which is no time, and says which form it takes",
    async (updated_since) => {
      const store = await open();

      await expect(store.contacts.count({ updated_since })).rejects.toMatchObject({
        kind: "input",
        message: expect.stringContaining("ISO-8601"),
      });
    },
  );

  test.each<{ readonly filter: ContactFilter; readonly found: readonly string[] }>([
    { filter: { status: "failed" }, found: ["bob"] },
    { filter: { source: "lemlist" }, found: ["zoe"] },
    { filter: { company: "ACME GMBH" }, found: ["bob"] },
    { filter: { company: "öl & söhne" }, found: ["zoe"] },
    { filter: { domain: "Acme.example" }, found: ["bob"] },
    { filter: { country: "de" }, found: ["bob", "zoe"] },
    { filter: { job_title: "sales HEAD" }, found: ["zoe"] },
    { filter: { job_title: "100%" }, found: ["bob"] },
    { filter: { unsubscribed: true }, found: ["bob"] },
    { filter: { unsubscribed: false, country: "DE" }, found: ["zoe"] },
    { filter: { min_quality: 50 }, found: ["zoe"] },
    { filter: { max_quality: 40, min_quality: 40 }, found: ["bob"] },
    { filter: { updated_since: LATER }, found: ["bob"] },
    { filter: { updated_since: inIndia(LATER) }, found: ["bob"] },
    { filter: { updated_since: "2000-01-01" }, found: ["bob", "zoe"] },
    { filter: { status: "synced" }, found: [] },
  ])("filters by $filter", async ({ filter, found }) => {
    const store = await open();
    await bobAndZoe(store);

    const page = await store.contacts.query({
      filter,
      limit: 10,
      sort: { field: "email", descending: false },
    });

    expect(page.items.map((contact) => contact.email.split("@")[0])).toEqual(found);
    expect(await store.contacts.count(filter)).toBe(found.length);
  });

  test.each([
    { search: "ACME", found: ["bob"] },
    { search: "zoë meier", found: ["zoe"] },
    { search: "MEIER", found: ["zoe"] },
    { search: "ZOË", found: ["zoe"] },
    { search: "öl", found: ["zoe"] },
    { search: "@example.com", found: ["bob", "zoe"] },
    { search: "%", found: [] },
    { search: "_", found: [] },
    { search: "\\", found: [] },
    { search: "' or 1=1 --", found: [] },
    { search: "  ", found: ["bob", "zoe"] },
  ])("searches $search in e-mail, names and company, as plain text", async ({ search, found }) => {
    const store = await open();
    await bobAndZoe(store);

    const page = await store.contacts.query({
      filter: {},
      search,
      limit: 10,
      sort: { field: "email", descending: false },
    });

    expect(page.items.map((contact) => contact.email.split("@")[0])).toEqual(found);
    expect(page.total).toBe(found.length);
  });
});

async function bobAndZoe(store: Store): Promise<void> {
  const bob = await insertOne(store, {
    email: "bob@example.com",
    first_name: "Bob",
    company: "Acme GmbH",
    domain: "acme.example",
    country: "DE",
    job_title: "Gives 100% always",
    unsubscribed: true,
  });
  await store.contacts.insert([
    newContact(
      {
        email: "zoe@example.com",
        first_name: "Zoë",
        last_name: "Meier",
        company: "Öl & Söhne",
        country: "DE",
        job_title: "Head of Sales, not 1000",
      },
      "lemlist",
    ),
  ]);
  const [zoe] = await store.contacts.findByEmails(["zoe@example.com"]);
  await store.contacts.update([{ id: zoe!.id, set: { quality_score: 90 } }], NOW);
  await store.contacts.update([{ id: bob, set: { status: "failed", quality_score: 40 } }], LATER);
}

async function people(store: Store, count: number): Promise<void> {
  await store.contacts.insert(
    Array.from({ length: count }, (_, i) => newContact({ email: `person${i}@example.com` })),
  );
}

/** Contacts with many equal and many missing values. */
async function varied(store: Store): Promise<readonly Contact[]> {
  const names = [null, "ada", "Ada", "Zoë", "ada"];
  await store.contacts.insert(
    Array.from({ length: 23 }, (_, i) =>
      newContact({
        email: `${"abcdefghij"[(i * 7) % 10]}${i}@example.com`,
        first_name: names[i % 5] ?? null,
        company: i % 3 === 0 ? null : `Company ${i % 4}`,
      }),
    ),
  );
  const all = await store.contacts.query({ filter: {}, limit: 100 });
  const patches = all.items.map(({ id }, i) => ({ id, set: stateOf(i) }));
  await store.contacts.update(patches, LATER);
  return store.contacts.findByIds(patches.map((patch) => patch.id));
}

function stateOf(i: number): ContactPatch {
  return {
    quality_score: i % 4 === 0 ? null : (i % 3) * 10.5,
    enriched_at: i % 2 === 0 ? null : `2026-11-${10 + (i % 5)}T00:00:00.000Z`,
    status: i % 2 === 0 ? "enriched" : "synced",
  };
}

/** The order told once more, plainly: by value without regard to case, nothing last, then by id. */
function inOrder(
  contacts: readonly Contact[],
  field: ContactSortField | undefined,
  descending: boolean,
): readonly Contact[] {
  const value = (contact: Contact): string | number | null => {
    const raw = field === undefined ? null : contact[field];
    return typeof raw === "string" && field !== "status" ? raw.toLowerCase() : raw;
  };
  const sign = descending ? -1 : 1;
  return contacts.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === right) return sign * (a.id - b.id);
    if (left === null) return 1;
    if (right === null) return -1;
    return sign * (left < right ? -1 : 1);
  });
}

async function walk(store: Store, query: ContactQuery): Promise<readonly Contact[]> {
  const walked: Contact[] = [];
  let page = await store.contacts.query(query);
  for (;;) {
    walked.push(...page.items);
    if (page.next_cursor === null) return walked;
    page = await store.contacts.query({ ...query, cursor: page.next_cursor });
  }
}

/** The same instant as a clock in India writes it. */
function inIndia(iso: string): string {
  const local = new Date(Date.parse(iso) + 5.5 * 3_600_000).toISOString();
  return local.replace("Z", "+05:30");
}
