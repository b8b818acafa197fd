/** Associations: types, the primary rule, batches and single pairs. */
import { beforeEach, describe, expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal();
const PAIRS = "/crm/associations/2026-09/contacts/companies";

let contact = "";
let acme = "";
let other = "";

beforeEach(async () => {
  contact = await portal.contact({ email: "ada@example.com" });
  acme = await portal.company({ domain: "acme.com" });
  other = await portal.company({ domain: "other.com" });
});

function input(to: string, ...typeIds: number[]) {
  return {
    from: { id: contact },
    to: { id: to },
    types: typeIds.map((associationTypeId) => ({
      associationCategory: "HUBSPOT_DEFINED",
      associationTypeId,
    })),
  };
}

function linked() {
  return portal.hubspot.associations("contacts", contact, "companies");
}

describe("batch/create", () => {
  test("answers 201, and type 1 brings 279 along in both directions", async () => {
    const { status, body } = await portal.post(`${PAIRS}/batch/create`, {
      inputs: [input(acme, 1)],
    });

    // HubSpot docs, associate records guide; ids in the answer are numbers.
    expect(status).toBe(201);
    expect(body.results).toEqual([
      {
        fromObjectTypeId: "0-1",
        fromObjectId: Number(contact),
        toObjectTypeId: "0-2",
        toObjectId: Number(acme),
        labels: ["Primary"],
      },
    ]);
    expect(linked()).toEqual([{ id: acme, typeIds: [1, 279] }]);
    expect(portal.hubspot.associations("companies", acme, "contacts")).toEqual([
      { id: contact, typeIds: [2, 280] },
    ]);
  });

  test("leaves one primary company: the former one keeps the plain association", async () => {
    await portal.post(`${PAIRS}/batch/create`, { inputs: [input(acme, 1)] });
    await portal.post(`${PAIRS}/batch/create`, { inputs: [input(other, 1)] });

    expect(linked()).toEqual([
      { id: acme, typeIds: [279] },
      { id: other, typeIds: [1, 279] },
    ]);
    const { body } = await portal.get(`${CONTACTS}/${contact}?properties=associatedcompanyid`);
    expect(body.properties.associatedcompanyid).toBe(other);
  });

  test("does not bump the modified date", async () => {
    const before = portal.hubspot.find("contacts", contact);
    portal.advance(60_000);

    await portal.post(`${PAIRS}/batch/create`, { inputs: [input(acme, 279)] });

    expect(portal.hubspot.find("contacts", contact)?.updatedAt).toBe(before?.updatedAt);
  });

  test("names a missing target in a 207 beside the others", async () => {
    const { status, body } = await portal.post(`${PAIRS}/batch/create`, {
      inputs: [input(acme, 279), input("77", 279)],
    });

    // Test data of a large client.
    expect(status).toBe(207);
    expect(body.results).toHaveLength(1);
    expect(body.errors).toMatchObject([
      {
        status: "error",
        category: "OBJECT_NOT_FOUND",
        subCategory: "crm.associations.TO_OBJECT_NOT_FOUND",
        context: { toObjectId: ["77"] },
      },
    ]);
  });

  test("refuses a type of other objects", async () => {
    const { status } = await portal.post(`${PAIRS}/batch/create`, { inputs: [input(acme, 202)] });

    expect(status).toBe(400);
  });

  test("takes up to 2,000 inputs", async () => {
    const rows = Array.from({ length: 2_000 }, () => input(acme, 279));

    expect((await portal.post(`${PAIRS}/batch/create`, { inputs: rows })).status).toBe(201);
    const over = await portal.post(`${PAIRS}/batch/create`, {
      inputs: [...rows, input(acme, 279)],
    });
    expect(over.status).toBe(400);
  });
});

describe("batch/associate/default", () => {
  test.each(["/crm/v4/associations/contacts/companies", "/crm/associations/2026-09/0-1/0-2"])(
    "makes the plain association on %s",
    async (path) => {
      const { status, body } = await portal.post(`${path}/batch/associate/default`, {
        inputs: [{ from: { id: contact }, to: { id: acme } }],
      });

      expect(status).toBe(200);
      expect(body.results).toEqual([
        {
          from: { id: contact },
          to: { id: acme },
          associationSpec: { associationCategory: "HUBSPOT_DEFINED", associationTypeId: 279 },
        },
      ]);
      expect(linked()).toEqual([{ id: acme, typeIds: [279] }]);
    },
  );
});

describe("batch/read", () => {
  test("lists associations, and reports records without any as errors in a 207", async () => {
    const lonely = await portal.contact({ email: "bob@example.com" });
    portal.hubspot.associate(["contacts", contact], ["companies", acme], [1]);

    const { status, body } = await portal.post(`${PAIRS}/batch/read`, {
      inputs: [{ id: contact }, { id: lonely }],
    });

    // Recorded response, 2026-02: `from.id` is text, `toObjectId` a number.
    expect(status).toBe(207);
    expect(body.results).toEqual([
      {
        from: { id: contact },
        to: [
          {
            toObjectId: Number(acme),
            associationTypes: [
              { category: "HUBSPOT_DEFINED", typeId: 1, label: "Primary" },
              { category: "HUBSPOT_DEFINED", typeId: 279, label: null },
            ],
          },
        ],
      },
    ]);
    expect(body.errors).toEqual([
      {
        status: "error",
        category: "OBJECT_NOT_FOUND",
        subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
        message: `No company is associated with contact ${lonely}.`,
        context: {
          fromObjectId: [lonely],
          fromObjectType: ["contact"],
          toObjectType: ["company"],
        },
      },
    ]);
  });

  test("takes up to 1,000 inputs", async () => {
    const rows = (count: number) => Array.from({ length: count }, () => ({ id: contact }));

    expect((await portal.post(`${PAIRS}/batch/read`, { inputs: rows(1_000) })).status).toBe(207);
    expect((await portal.post(`${PAIRS}/batch/read`, { inputs: rows(1_001) })).status).toBe(400);
  });

  test("pages the associations of one record", async () => {
    const people = portal.hubspot.seedContacts(
      Array.from({ length: 501 }, (_, index) => ({ email: `p${index}@acme.com` })),
    );
    for (const id of people) portal.hubspot.associate(["companies", acme], ["contacts", id]);
    const read = (more: object) =>
      portal.post("/crm/v4/associations/companies/contacts/batch/read", {
        inputs: [{ id: acme, ...more }],
      });

    const first = await read({});
    const second = await read({ after: first.body.results[0].paging.next.after });

    expect(first.body.results[0].to).toHaveLength(500);
    expect(second.body.results[0].to).toHaveLength(1);
  });
});

describe("removal", () => {
  test("batch/archive parts the pair in both directions", async () => {
    portal.hubspot.associate(["contacts", contact], ["companies", acme], [1]);

    const { status } = await portal.post(`${PAIRS}/batch/archive`, {
      inputs: [{ from: { id: contact }, to: [{ id: acme }] }],
    });

    expect(status).toBe(204);
    expect(linked()).toEqual([]);
    expect(portal.hubspot.associations("companies", acme, "contacts")).toEqual([]);
  });

  test("taking the label keeps the association, taking the plain type removes it", async () => {
    portal.hubspot.associate(["contacts", contact], ["companies", acme], [1]);

    // HubSpot docs: removing the unlabeled type removes everything.
    await portal.post(`${PAIRS}/batch/labels/archive`, { inputs: [input(acme, 1)] });
    expect(linked()).toEqual([{ id: acme, typeIds: [279] }]);
    await portal.post(`${PAIRS}/batch/labels/archive`, { inputs: [input(acme, 279)] });
    expect(linked()).toEqual([]);
  });
});

describe("one pair", () => {
  test.each(["/crm/v4/objects", "/crm/objects/2026-09"])(
    "is written and read under %s",
    async (prefix) => {
      const at = `${prefix}/contacts/${contact}/associations`;
      const types = (...typeIds: number[]) => input(acme, ...typeIds).types;

      const plain = await portal.call("PUT", `${at}/default/companies/${acme}`);
      expect(plain.status).toBe(200);
      expect(linked()).toEqual([{ id: acme, typeIds: [279] }]);

      const labelled = await portal.call("PUT", `${at}/companies/${acme}`, types(1));
      expect(labelled.status).toBe(201);
      expect(labelled.body.labels).toEqual(["Primary"]);

      const { body } = await portal.get(`${at}/companies`);
      expect(body.results).toMatchObject([{ toObjectId: Number(acme) }]);

      // The labels given replace those there: the primary one is gone.
      await portal.call("PUT", `${at}/companies/${acme}`, types(279));
      expect(linked()).toEqual([{ id: acme, typeIds: [279] }]);

      expect((await portal.call("DELETE", `${at}/companies/${acme}`)).status).toBe(204);
      expect(linked()).toEqual([]);
    },
  );

  test("answers 404 when a record is missing", async () => {
    const at = `/crm/v4/objects/contacts/${contact}/associations/default/companies/77`;

    const { status, body } = await portal.call("PUT", at);

    expect(status).toBe(404);
    expect(body.subCategory).toBe("crm.associations.TO_OBJECT_NOT_FOUND");
  });

  test("the types between two objects are listed", async () => {
    const { body } = await portal.get("/crm/v4/associations/notes/contacts/labels");

    expect(body.results).toEqual([{ category: "HUBSPOT_DEFINED", typeId: 202, label: null }]);
  });
});
