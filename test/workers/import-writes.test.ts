import { expect, test } from "vitest";
import type { RecordRow } from "../../mcp-server/src/core/import-batch.ts";
import type { RemoteOrigin } from "../../mcp-server/src/core/import-row.ts";
import { writeRecords } from "../../mcp-server/src/workers/import-writes.ts";
import { contactFields } from "../support/build.ts";
import { describeEachEngine } from "../support/store.ts";

const NOW = "2026-11-21T12:00:00.000Z";
const WRITING = { source: "csv", at: NOW, now: NOW, expectsNew: false } as const;

function row(
  email: string,
  fields: Partial<RecordRow["fields"]> = {},
  remote?: RemoteOrigin,
): RecordRow {
  return {
    kind: "record",
    row: 1,
    duplicate: false,
    companyDomain: null,
    fields: contactFields({ email, ...fields }),
    ...(remote === undefined ? {} : { remote }),
  };
}

const people = (fields: Partial<RecordRow["fields"]>) =>
  Array.from({ length: 300 }, (_, n) => row(`p${n}@acme.com`, fields));

describeEachEngine("writing imported records", (open) => {
  test("turns rows into updates where the people exist although new ones were expected", async () => {
    const store = await open();
    await writeRecords(store, [row("ada@acme.com", { city: "Rome" })], WRITING);

    const rows = [row("ada@acme.com", { company: "Acme" }), row("bob@acme.com")];
    const { counts } = await writeRecords(store, rows, { ...WRITING, expectsNew: true });

    expect(counts).toMatchObject({ created: 1, updated: 1 });
    const [ada] = await store.contacts.findByEmails(["ada@acme.com"]);
    expect(ada).toMatchObject({ company: "Acme", city: "Rome" });
  });

  test("two writers that bring the same people at the same time lose nothing of either", async () => {
    const store = await open();

    const written = await Promise.all([
      store.transaction((within) => writeRecords(within, people({ company: "One" }), WRITING)),
      store.transaction((within) => writeRecords(within, people({ city: "Rome" }), WRITING)),
    ]);

    const sum = (name: "created" | "updated") =>
      written.reduce((n, { counts }) => n + counts[name], 0);
    expect([sum("created"), sum("updated")]).toEqual([300, 300]);
    const contacts = await store.contacts.findByEmails(
      people({}).map(({ fields }) => fields.email),
    );
    expect(contacts).toHaveLength(300);
    for (const contact of contacts) expect(contact).toMatchObject({ company: "One", city: "Rome" });
  });

  test("rows of HubSpot only fill gaps, and come back with the contact they belong to", async () => {
    const store = await open();
    await writeRecords(store, [row("ada@acme.com", { company: "Ours" })], WRITING);
    const remote = { hubspot_id: "901", properties: {}, updated_at: NOW };

    const written = await writeRecords(
      store,
      [
        row("ada@acme.com", { company: "Theirs", city: "Rome" }, remote),
        row("new@acme.com", {}, { ...remote, hubspot_id: "902" }),
      ],
      { ...WRITING, source: "hubspot" },
    );

    const [ada] = await store.contacts.findByEmails(["ada@acme.com"]);
    const [added] = await store.contacts.findByEmails(["new@acme.com"]);
    expect(ada).toMatchObject({ company: "Ours", city: "Rome" });
    expect(written.remote).toEqual([
      { contactId: ada?.id, remote },
      { contactId: added?.id, remote: { ...remote, hubspot_id: "902" } },
    ]);
  });
});
