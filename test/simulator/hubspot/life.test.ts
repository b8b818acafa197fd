/** The recycle bin, restores, privacy deletions, and what a person may do to associations. */
import { describe, expect, test } from "vitest";
import { COMPANIES, CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal;
const DAY_MS = 86_400_000;

function ada(): string {
  return hubspot.seedContacts([{ email: "ada@example.com", city: "Oslo" }])[0] ?? "";
}

async function batchRead(ids: readonly string[], query = "?archived=true") {
  const body = { inputs: ids.map((id) => ({ id })), properties: ["city"] };
  return portal.post(`${CONTACTS}/batch/read${query}`, body);
}

async function listed(query = "") {
  const { body } = await portal.get(`${CONTACTS}?limit=100${query}`);
  return body.results.map(({ id }: { id: string }) => id);
}

describe("a record in the recycle bin", () => {
  test("is read only where archived ones are asked for, and says since when", async () => {
    const [gone, kept] = [ada(), hubspot.seedContacts([{ email: "bob@example.com" }])[0] ?? ""];
    hubspot.archiveAsUser("contacts", gone);
    const archivedAt = new Date(portal.now()).toISOString();
    const shown = { id: gone, archived: true, archivedAt };

    // HubSpot's specification of objects: `archived` asks for archived records only.
    expect(await listed()).toEqual([kept]);
    expect(await listed("&archived=true")).toEqual([gone]);
    expect((await portal.get(`${CONTACTS}/${gone}`)).status).toBe(404);
    expect((await portal.get(`${CONTACTS}/${gone}?archived=true`)).body).toMatchObject(shown);
    expect((await portal.get(`${CONTACTS}/${kept}?archived=true`)).status).toBe(404);
    const { status, body } = await batchRead([gone, kept]);
    expect(status).toBe(207);
    expect(body.results).toMatchObject([{ ...shown, properties: { city: "Oslo" } }]);
    expect(body.errors[0].context.ids).toEqual([kept]);
    expect((await batchRead([gone], "")).body.results).toEqual([]);
  });

  test("pages like any list", async () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({ email: `c${index}@example.com` }));
    const ids = hubspot.seedContacts(rows);
    const archived = ids.filter((_, index) => index % 2 === 0);
    for (const id of archived) hubspot.archiveAsUser("contacts", id);

    const seen: string[] = [];
    let after = "";
    do {
      const { body } = await portal.get(`${CONTACTS}?archived=true&limit=5${after}`);
      seen.push(...body.results.map(({ id }: { id: string }) => id));
      after = body.paging === undefined ? "" : `&after=${body.paging.next.after}`;
    } while (after !== "");

    expect(seen).toEqual(archived);
  });

  test("is gone after 90 days", async () => {
    const id = ada();
    hubspot.archiveAsUser("contacts", id);

    portal.advance(90 * DAY_MS - 1);
    expect(await listed("&archived=true")).toEqual([id]);
    portal.advance(1);

    expect(await listed("&archived=true")).toEqual([]);
    expect((await batchRead([id])).body.results).toEqual([]);
    expect(() => hubspot.restoreAsUser("contacts", id)).toThrow(/recycle bin/);
  });

  test("cannot be edited, merged or associated", () => {
    const [gone, bob] = [ada(), hubspot.seedContacts([{ email: "bob@example.com" }])[0] ?? ""];
    hubspot.archiveAsUser("contacts", gone);

    expect(() => hubspot.editAsUser("contacts", gone, { city: "Rome" })).toThrow(/recycle bin/);
    expect(() => hubspot.mergeAsUser("contacts", bob, gone)).toThrow(/recycle bin/);
    expect(() => hubspot.associateAsUser(["contacts", gone], ["contacts", bob])).toThrow(
      /recycle bin/,
    );
  });

  test("counts and shows for nobody it is associated with", async () => {
    const [contact, other = ""] = [ada(), ...hubspot.seedCompanies([{ name: "Acme" }])];
    hubspot.associate(["contacts", contact], ["companies", other], [1]);
    hubspot.archiveAsUser("companies", other);

    const { body } = await portal.get(
      `${CONTACTS}/${contact}?properties=associatedcompanyid&associations=companies`,
    );
    expect(body.properties.associatedcompanyid).toBeNull();
    expect(body).not.toHaveProperty("associations");
    hubspot.restoreAsUser("companies", other);
    hubspot.archiveAsUser("contacts", contact);
    const company = await portal.get(`${COMPANIES}/${other}?properties=num_associated_contacts`);
    expect(company.body.properties.num_associated_contacts).toBe("0");
    const read = await portal.post("/crm/v4/associations/contacts/companies/batch/read", {
      inputs: [{ id: contact }],
    });
    expect(read.body).toMatchObject({
      results: [],
      errors: [{ subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND" }],
    });
  });
});

describe("a restore", () => {
  test("brings back id, values, e-mail, history and associations", async () => {
    const [contact, company = ""] = [ada(), ...hubspot.seedCompanies([{ name: "Acme" }])];
    hubspot.associate(["contacts", contact], ["companies", company], [1]);
    const before = hubspot.find("contacts", contact);
    hubspot.archiveAsUser("contacts", contact);

    hubspot.restoreAsUser("contacts", contact);

    expect(hubspot.find("contacts", "ada@example.com")).toEqual(before);
    expect(hubspot.associations("contacts", contact, "companies")).toEqual([
      { id: company, typeIds: [1, 279] },
    ]);
    expect((await portal.get(`${CONTACTS}/${contact}`)).body).toMatchObject({ archived: false });
    expect(await listed("&archived=true")).toEqual([]);
  });

  test("fails while somebody else has the e-mail", () => {
    const contact = ada();
    hubspot.archiveAsUser("contacts", contact);
    hubspot.seedContacts([{ email: "ADA@example.com" }]);

    expect(() => hubspot.restoreAsUser("contacts", contact)).toThrow(/already exists/);
    expect(hubspot.find("contacts", contact)?.archived).toBe(true);
  });

  test("of a live or unknown record fails", () => {
    const contact = ada();

    expect(() => hubspot.restoreAsUser("contacts", contact)).toThrow(/not in the recycle bin/);
    expect(() => hubspot.restoreAsUser("contacts", "7")).toThrow(/holds no contact/);
  });

  test("bumps the modified date only where the account is set so", () => {
    const contact = ada();
    const before = hubspot.find("contacts", contact)?.updatedAt;
    const round = () => {
      hubspot.archiveAsUser("contacts", contact);
      hubspot.restoreAsUser("contacts", contact);
      return hubspot.find("contacts", contact)?.updatedAt;
    };

    expect(round()).toBe(before);
    hubspot.configure({ restoreBumps: true });
    expect(round()).toBe(portal.now());
  });
});

describe("a privacy deletion", () => {
  test("leaves nothing to find, list or restore", async () => {
    const contact = ada();

    hubspot.eraseAsUser("contacts", contact);

    expect((await portal.get(`${CONTACTS}/${contact}?archived=true`)).status).toBe(404);
    expect(await listed("&archived=true")).toEqual([]);
    expect(hubspot.find("contacts", "ada@example.com")).toBeUndefined();
    expect(() => hubspot.restoreAsUser("contacts", contact)).toThrow();
  });

  test("of an archived record works too", () => {
    const contact = ada();
    hubspot.archiveAsUser("contacts", contact);

    hubspot.eraseAsUser("contacts", contact);

    expect(hubspot.find("contacts", contact)).toBeUndefined();
  });
});

test("merged-away records are in no list of the archived", async () => {
  const [a, b = ""] = [ada(), ...hubspot.seedContacts([{ email: "b@example.com" }])];
  const survivor = hubspot.mergeAsUser("contacts", a, b);

  expect(await listed("&archived=true")).toEqual([]);
  expect((await batchRead([a, b], "")).body.results).toMatchObject([{ id: survivor }]);
  hubspot.archiveAsUser("contacts", survivor);

  expect(await listed("&archived=true")).toEqual([survivor]);
  expect((await batchRead([a])).body.results).toMatchObject([{ id: survivor, archived: true }]);
});

describe("a person's associations", () => {
  test("can lose the primary mark and stay associated", () => {
    const [contact, company = ""] = [ada(), ...hubspot.seedCompanies([{ name: "Acme" }])];
    const ends = [
      ["companies", company],
      ["contacts", contact],
    ] as const;

    hubspot.associateAsUser(...ends, { primary: true });
    expect(hubspot.find("contacts", contact)?.properties["associatedcompanyid"]).toBe(company);
    hubspot.dissociateAsUser(...ends, { primary: true });

    expect(hubspot.associations("contacts", contact, "companies")).toEqual([
      { id: company, typeIds: [279] },
    ]);
  });

  test("between contacts know no primary one", () => {
    const [a, b = ""] = [ada(), ...hubspot.seedContacts([{ email: "b@example.com" }])];

    expect(() =>
      hubspot.associateAsUser(["contacts", a], ["contacts", b], { primary: true }),
    ).toThrow(/no primary/);
  });
});
