/** Reads account for every asked value, and a failure is never taken for nothing. */
import { describe, expect, test } from "vitest";
import { openGate } from "./gate.ts";
import { collect, openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

function seed(count: number): string[] {
  return hubspot.seedContacts(
    Array.from({ length: count }, (_, index) => ({ email: `e${index}@example.com` })),
  );
}

describe("by id", () => {
  test("250 records take three requests and come back once each", async () => {
    const ids = seed(250);

    const { found, missing } = await portal
      .crm()
      .read("contacts", { ids: [...ids, ids[0]!], properties: ["email"] });

    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(ids));
    expect(found).toHaveLength(250);
    expect(missing).toEqual([]);
    expect(portal.requests("/batch/read")).toHaveLength(3);
  });

  test("unknown ids are missing, and an empty property is null", async () => {
    const [id = ""] = seed(1);

    const { found, missing } = await portal
      .crm()
      .read("contacts", { ids: [id, "999999999"], properties: ["firstname"] });

    expect(missing).toEqual(["999999999"]);
    expect(found[0]?.properties["firstname"]).toBeNull();
    expect(portal.requests("/batch/read")).toHaveLength(1);
  });

  // One report of 2026-09: the result set is empty whenever an id is missing.
  test("records are found although HubSpot empties the results when one is missing", async () => {
    hubspot.configure({ batchReadMissing: "empty" });
    const ids = seed(40);

    const { found, missing } = await portal
      .crm()
      .read("contacts", { ids: [...ids, "999999999"], properties: [] });

    expect(found).toHaveLength(40);
    expect(missing).toEqual(["999999999"]);
    expect(portal.requests("/batch/read")).toHaveLength(2);
  });

  test("an answer that is empty by accident is asked again", async () => {
    const ids = seed(10);
    portal.fault({ name: "empty-2xx", path: "/batch/read" });

    const { found, missing } = await portal.crm().read("contacts", { ids, properties: [] });

    expect(found).toHaveLength(10);
    expect(missing).toEqual([]);
    expect(portal.requests("/batch/read")).toHaveLength(2);
  });

  test("answers that stay empty are an error, not nine missing records", async () => {
    const ids = seed(9);
    portal.fault({ name: "empty-2xx", times: 100 });

    const reading = portal.crm().read("contacts", { ids, properties: [] });

    await expect(reading).rejects.toMatchObject({ kind: "unavailable" });
  });

  // HubSpot docs, merge: old ids keep resolving to the surviving record (read 2026-10).
  test("merged-away ids lead to the record that lives on", async () => {
    const [first = "", second = "", other = ""] = seed(3);
    const survivor = hubspot.mergeAsUser("contacts", first, second);

    const { found, missing, merged } = await portal
      .crm()
      .read("contacts", { ids: [second, other], properties: ["email"] });

    expect(found.map(({ id }) => id).sort()).toEqual([other, survivor].sort());
    expect(missing).toEqual([]);
    expect([...merged]).toEqual([[second, survivor]]);
  });

  test("a merged-away id that a batch passes over is asked for alone", async () => {
    const [first = "", second = "", other = ""] = seed(3);
    const survivor = hubspot.mergeAsUser("contacts", first, second);
    // Whether batch reads follow merges is not documented; here they do not.
    gate.answer(({ path, inputs }) =>
      path.endsWith("/batch/read") && inputs.every(({ id }) => id === second)
        ? { status: 200, body: { status: "COMPLETE", results: [] } }
        : null,
    );

    const crm = portal.crm({ baseUrl: gate.url });
    const alone = await crm.read("contacts", { ids: [second], properties: [] });
    const both = await crm.read("contacts", { ids: [second, other], properties: [] });

    expect([...alone.merged]).toEqual([[second, survivor]]);
    expect([...both.merged]).toEqual([[second, survivor]]);
    expect(alone.missing).toEqual([]);
  });

  test("a deleted record that nothing accounts for is missing once HubSpot says so alone", async () => {
    gate.answer(({ path }) =>
      path.endsWith("/batch/read")
        ? { status: 200, body: { status: "COMPLETE", results: [] } }
        : null,
    );

    const crm = portal.crm({ baseUrl: gate.url });
    const { missing } = await crm.read("contacts", { ids: ["999999999"], properties: [] });

    expect(missing).toEqual(["999999999"]);
  });

  test.each(["/crm/objects/2026-09/contacts/batch/read", "/crm/objects/2026-09/contacts/1"])(
    "an HTML 404 of %s is an error, not a missing record",
    async (page) => {
      gate.answer(({ path }) =>
        path.startsWith(page)
          ? { status: 404, body: "<html>No such page</html>" }
          : { status: 200, body: { status: "COMPLETE", results: [] } },
      );

      const crm = portal.crm({ baseUrl: gate.url });
      const reading = crm.read("contacts", { ids: ["1"], properties: [] });

      await expect(reading).rejects.toMatchObject({ kind: "not-found" });
    },
  );
});

// HubSpot docs, object APIs: archived=true asks for archived records, which are kept for 90 days (read 2026-04).
describe("the recycle bin", () => {
  test("a deleted record is missing among the live ones and found in the bin", async () => {
    const [gone = "", kept = ""] = seed(2);
    hubspot.archiveAsUser("contacts", gone);
    const crm = portal.crm();

    const live = await crm.read("contacts", { ids: [gone, kept], properties: ["email"] });
    const bin = await crm.read("contacts", {
      ids: [gone, kept],
      properties: ["email"],
      archived: true,
    });

    expect(live.missing).toEqual([gone]);
    expect(bin.missing).toEqual([kept]);
    expect(bin.found).toMatchObject([{ id: gone, archived: true }]);
  });

  test("an answer that is empty by accident is asked again there, too", async () => {
    const [gone = ""] = seed(1);
    hubspot.archiveAsUser("contacts", gone);
    portal.fault({ name: "empty-2xx", path: "/batch/read", times: 2 });

    const bin = await portal
      .crm()
      .read("contacts", { ids: [gone], properties: [], archived: true });

    expect(bin.found).toMatchObject([{ id: gone }]);
  });

  test("is listed by itself, in pages of 100, resumable", async () => {
    const ids = seed(230);
    for (const id of ids.slice(0, 120)) hubspot.archiveAsUser("contacts", id);
    const crm = portal.crm();

    const pages = await collect(crm.list("contacts", { properties: [], archived: true }));
    const after = pages[0]?.after ?? "";
    const [rest] = await collect(crm.list("contacts", { properties: [], archived: true, after }));

    expect(pages.map(({ records }) => records.length)).toEqual([100, 20]);
    expect(rest?.records.map(({ id }) => id)).toEqual(ids.slice(100, 120));
  });
});

test("records say when HubSpot created them", async () => {
  const [id = ""] = seed(1);

  const { found } = await portal.crm().read("contacts", { ids: [id], properties: [] });

  const created = hubspot.find("contacts", id)?.createdAt ?? 0;
  expect(found[0]?.createdAt).toBe(new Date(created).toISOString());
});

describe("by e-mail", () => {
  test("asks in lower case, once per address, and answers in the caller's spelling", async () => {
    seed(2);

    const { found, missing } = await portal.crm().read("contacts", {
      ids: ["E0@Example.com", "e0@example.com", "Nobody@Example.com"],
      idProperty: "email",
      properties: [],
    });

    expect(found).toHaveLength(1);
    expect(missing).toEqual(["Nobody@Example.com"]);
    expect(portal.requests("/batch/read")[0]?.inputs).toBe(2);
  });

  // HubSpot issue threads: secondary e-mails are unique across contacts and find their contact.
  test("a record asked by its secondary e-mail is found under its primary one", async () => {
    hubspot.seedContacts([
      { email: "ada@example.com", hs_additional_emails: "lovelace@example.com;al@example.com" },
    ]);

    const { found, missing } = await portal.crm().read("contacts", {
      ids: ["lovelace@example.com"],
      idProperty: "email",
      properties: [],
    });

    expect(found[0]?.properties["email"]).toBe("ada@example.com");
    expect(missing).toEqual([]);
    expect(portal.requests("/batch/read")).toHaveLength(1);
  });
});

describe("lists", () => {
  test("all records by id in pages of 100, resumable", async () => {
    const ids = seed(250);
    const crm = portal.crm();
    const pages: { records: readonly { id: string }[]; after: string | null }[] = [];

    for await (const page of crm.list("contacts", { properties: ["email"] })) pages.push(page);
    const resumed: string[] = [];
    const after = pages[0]?.after ?? "";
    for await (const page of crm.list("contacts", { properties: [], after })) {
      resumed.push(...page.records.map(({ id }) => id));
    }

    expect(pages.flatMap(({ records }) => records.map(({ id }) => id))).toEqual(ids);
    expect(pages.map(({ after: next }) => next === null)).toEqual([false, false, true]);
    expect(resumed).toEqual(ids.slice(100));
  });

  test("a page that comes again is an error", async () => {
    gate.answer(() => ({ status: 200, body: { results: [], paging: { next: { after: "7" } } } }));
    const pages = portal
      .crm({ baseUrl: gate.url })
      .list("contacts", { properties: [], after: "7" });

    await expect(collect(pages)).rejects.toMatchObject({ code: "LIST_STUCK" });
  });
});
