/** Associations and property definitions. */
import { describe, expect, test } from "vitest";
import type { NeededProperty } from "../../mcp-server/src/core/crm-setup.ts";
import { openGate } from "./gate.ts";
import { openPortal } from "./portal.ts";

const portal = await openPortal();
const { hubspot } = portal.simulator;
const gate = await openGate(portal.simulator.hubspotUrl);

const CONTACT_TO_COMPANY = 279;

describe("associations", () => {
  test("pairs are written in one request and read back; ids without any map to []", async () => {
    const contacts = hubspot.seedContacts([{ email: "a@example.com" }, { email: "b@example.com" }]);
    const [company = ""] = hubspot.seedCompanies([{ name: "Acme" }]);
    const crm = portal.crm();

    const outcomes = await crm.associate("contacts", "companies", [
      { ref: "p", fromId: contacts[0]!, toId: company, typeId: CONTACT_TO_COMPANY },
    ]);
    const associated = await crm.associated("contacts", "companies", contacts);

    expect(outcomes).toEqual([{ ref: "p", error: null }]);
    expect(associated).toEqual(
      new Map([
        [contacts[0], [company]],
        [contacts[1], []],
      ]),
    );
    expect(portal.requests("/associations/")).toHaveLength(2);
  });

  test("a missing target harms only its own pair", async () => {
    const [contact = ""] = hubspot.seedContacts([{ email: "a@example.com" }]);
    const [company = ""] = hubspot.seedCompanies([{ name: "Acme" }]);

    const outcomes = await portal.crm().associate("contacts", "companies", [
      { ref: "good", fromId: contact, toId: company, typeId: CONTACT_TO_COMPANY },
      { ref: "bad", fromId: contact, toId: "999999999", typeId: CONTACT_TO_COMPANY },
    ]);

    const byRef = new Map(outcomes.map(({ ref, error }) => [ref, error]));
    expect(byRef.get("good")).toBeNull();
    expect(byRef.get("bad")).toMatchObject({ kind: "not-found" });
  });

  test("a wrong type refuses only its own pair", async () => {
    const contacts = hubspot.seedContacts([{ email: "a@example.com" }, { email: "b@example.com" }]);
    const [company = ""] = hubspot.seedCompanies([{ name: "Acme" }]);

    const outcomes = await portal.crm().associate("contacts", "companies", [
      { ref: "good", fromId: contacts[0]!, toId: company, typeId: CONTACT_TO_COMPANY },
      { ref: "bad", fromId: contacts[1]!, toId: company, typeId: 987_654 },
    ]);

    const byRef = new Map(outcomes.map(({ ref, error }) => [ref, error]));
    expect(byRef.get("good")).toBeNull();
    expect(byRef.get("bad")).toMatchObject({ kind: "input" });
    expect(hubspot.associations("contacts", contacts[0]!, "companies")).toHaveLength(1);
  });

  test("empty answers are errors, never 'nothing associated'", async () => {
    portal.fault({ name: "empty-2xx", path: "/associations/", times: 5 });
    const crm = portal.crm();

    const reading = crm.associated("contacts", "companies", ["1", "2"]);
    await expect(reading).rejects.toMatchObject({ kind: "unavailable" });
    const outcomes = await crm.associate("contacts", "companies", [
      { ref: "p", fromId: "1", toId: "2", typeId: CONTACT_TO_COMPANY },
    ]);

    expect(outcomes[0]?.error).toMatchObject({ kind: "unknown-outcome" });
  });

  // Recorded response, 2026-02: numErrors 36 with one error listed.
  test("a shortened list of errors still accounts for everybody", async () => {
    gate.answer(() => ({
      status: 207,
      body: {
        status: "COMPLETE",
        results: [{ from: { id: "501" }, to: [{ toObjectId: 29022297485 }] }],
        errors: [
          {
            status: "error",
            category: "OBJECT_NOT_FOUND",
            subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
            context: { fromObjectId: ["502"] },
          },
        ],
        numErrors: 2,
      },
    }));

    const associated = await portal
      .crm({ baseUrl: gate.url })
      .associated("contacts", "companies", ["501", "502", "503"]);

    expect(associated).toEqual(
      new Map([
        ["501", ["29022297485"]],
        ["502", []],
        ["503", []],
      ]),
    );
  });

  test("all pages of a record with many associations are read", async () => {
    gate.answer(({ inputs }) => {
      const [ask] = inputs as readonly { id: string; after?: string }[];
      const isSecond = ask?.after === "500";
      return {
        status: 200,
        body: {
          results: [
            {
              from: { id: ask?.id },
              to: [{ toObjectId: isSecond ? 2 : 1 }],
              ...(isSecond ? {} : { paging: { next: { after: "500" } } }),
            },
          ],
        },
      };
    });

    const associated = await portal
      .crm({ baseUrl: gate.url })
      .associated("contacts", "notes", ["501"]);

    expect(associated.get("501")).toEqual(["1", "2"]);
  });
});

const definition = (name: string): NeededProperty => ({
  name,
  label: name,
  type: "string",
  fieldType: "text",
  groupName: "sync_group",
});

describe("properties", () => {
  test("groups and properties can be set up again and again", async () => {
    const crm = portal.crm();
    const wanted = [definition("sync_a"), { ...definition("sync_key"), hasUniqueValue: true }];

    for (const round of [wanted.slice(0, 1), wanted, wanted]) {
      await crm.createPropertyGroup("contacts", { name: "sync_group", label: "Sync" });
      await crm.createProperties("contacts", round);
    }

    const names = new Map((await crm.properties("contacts")).map((one) => [one.name, one]));
    expect(names.get("sync_a")).toMatchObject({ type: "string", readOnly: false });
    expect(names.get("sync_key")).toMatchObject({ hasUniqueValue: true });
    expect(names.get("hs_object_id")).toMatchObject({ readOnly: true });
    expect(portal.requests("/batch/create")).toHaveLength(2);
  });

  test("a property that another process creates meanwhile is no error", async () => {
    const crm = portal.crm({ baseUrl: gate.url });
    await crm.createPropertyGroup("contacts", { name: "sync_group", label: "Sync" });
    let stale = 1;
    gate.answer(({ method }) => {
      if (method !== "GET" || stale-- <= 0) return null;
      return { status: 200, body: { results: [{ name: "email", type: "string" }] } };
    });
    await portal.crm().createProperties("contacts", [definition("sync_a")]);

    await crm.createProperties("contacts", [definition("sync_a"), definition("sync_b")]);

    const names = (await crm.properties("contacts")).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["sync_a", "sync_b"]));
  });

  // Live tests, 2026-09: a new property is readable after 0.25 to 0.7 s.
  test("waits until a new property can be read", async () => {
    let blind = 2;
    gate.answer(({ method }) => {
      if (method !== "GET" || blind-- <= 0) return null;
      return { status: 200, body: { results: [{ name: "email", type: "string" }] } };
    });
    const crm = portal.crm({ baseUrl: gate.url });
    await crm.createPropertyGroup("contacts", { name: "sync_group", label: "Sync" });

    await crm.createProperties("contacts", [definition("sync_a")]);

    expect(gate.arrivals.filter(({ method }) => method === "GET")).toHaveLength(3);
  });

  // Live tests, 2026-09: POST of an archived name restores it.
  test("an archived property that comes back as another type is an error", async () => {
    const crm = portal.crm();
    await crm.createPropertyGroup("contacts", { name: "sync_group", label: "Sync" });
    await crm.createProperties("contacts", [definition("sync_key"), definition("sync_a")]);
    for (const name of ["sync_key", "sync_a"])
      await fetch(`${portal.simulator.hubspotUrl}/crm/properties/2026-09/contacts/${name}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${portal.simulator.hubspotToken}` },
      });

    const unique = crm.createProperties("contacts", [
      { ...definition("sync_key"), hasUniqueValue: true },
    ]);

    await expect(unique).rejects.toMatchObject({ kind: "input", code: "PROPERTY_RESTORED" });
    await expect(unique).rejects.toThrow("sync_key");
    await crm.createProperties("contacts", [definition("sync_a")]);
  });

  // Specification: an option's label, value and hidden are required.
  test("options are created whole and keep their order", async () => {
    const crm = portal.crm();
    await crm.createPropertyGroup("companies", { name: "sync_group", label: "Sync" });
    const options = ["net-30", "net-10"].map((value) => ({ label: value.toUpperCase(), value }));

    await crm.createProperties("companies", [
      { ...definition("sync_terms"), type: "enumeration", fieldType: "select", options },
    ]);

    const [request] = portal.requests("/batch/create");
    expect(JSON.parse(request?.body ?? "{}").inputs[0].options).toEqual([
      { label: "NET-30", value: "net-30", displayOrder: 0, hidden: false },
      { label: "NET-10", value: "net-10", displayOrder: 1, hidden: false },
    ]);
  });

  test("tells what decides whether and what may be written", async () => {
    const properties = await portal.crm().properties("companies");

    const byName = new Map(properties.map((one) => [one.name, one]));
    expect(byName.get("name")).toMatchObject({
      readOnly: false,
      calculated: false,
      externalOptions: false,
      hasUniqueValue: false,
    });
    expect(byName.get("hubspot_owner_id")).toMatchObject({ externalOptions: true, options: [] });
    expect(byName.get("num_associated_contacts")).toMatchObject({
      readOnly: true,
      calculated: true,
    });
    expect(byName.get("createdate")).toMatchObject({ readOnly: true, calculated: false });
    expect(byName.get("type")?.options).toContainEqual(
      expect.objectContaining({ label: "Partner", value: "PARTNER" }),
    );
  });

  test("a definition that HubSpot refuses is an error", async () => {
    const creating = portal
      .crm()
      .createProperties("contacts", [{ ...definition("sync_a"), groupName: "no_such_group" }]);

    await expect(creating).rejects.toMatchObject({ kind: "input" });
  });

  test("missing schema scopes are listed", async () => {
    hubspot.configure({ scopes: ["crm.objects.contacts.read"] });

    const creating = portal.crm().createProperties("contacts", [definition("sync_a")]);

    await expect(creating).rejects.toMatchObject({
      details: { missingScopes: ["crm.schemas.contacts.write"] },
    });
  });
});
