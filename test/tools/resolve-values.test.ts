/** Setting a value of one's own: in the field's form, and never at another record's cost. */
import { expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { Services } from "../doors/stack.ts";
import { describeEachEngine } from "../support/store.ts";
import { contactByEmail } from "../support/stored-contacts.ts";
import { open, run } from "./calls.ts";
import { baseNow, contactConflict, customerConflict, queued } from "./conflict-rig.ts";

const values = { field: "job_title", base: "Engineer", local: "Lead", hubspot: "CTO" } as const;

describeEachEngine("resolve-conflict with a value", (openStore) => {
  const openOver = async (): Promise<Services> => open({ store: await openStore() });

  test("resolves a customer's money and JSON leaves in their own form", async () => {
    const services = await openOver();
    const { store } = services;
    const row = { ban: "B-1", company_name: "Acme", credit_limit: "10.5" };
    const limit = await customerConflict(store, row, {
      field: "credit_limit",
      local: "10.5",
      hubspot: "20",
    });
    const name = await customerConflict(store, row, {
      field: "company_name",
      local: "Acme",
      hubspot: "ACME",
    });

    const answer = await run(services, "resolve-conflict", {
      resolution: "set",
      resolutions: [
        { conflict_id: limit.conflict_id, version: 1, value: 1_234.5 },
        { conflict_id: name.conflict_id, version: 1, resolution: "keep_hubspot" },
      ],
    });

    expect(answer).toMatchObject({ counts: { resolved: 2, refused: 0 } });
    const [customer] = await store.customers.findByBans(["B-1"]);
    expect(customer).toMatchObject({ credit_limit: "1234.5", company_name: "Acme" });
    expect(await baseNow(store, limit)).toEqual({ credit_limit: "20", company_name: "Acme" });
    expect(await queued(store, "customers")).toHaveLength(1);
  });

  test("is stored without what nobody can see, as imports store text", async () => {
    const services = await openOver();
    const { conflict_id } = await contactConflict(services.store, "ada@example.com", values);

    const answer = await run(services, "resolve-conflict", {
      conflict_id,
      version: 1,
      resolution: "set",
      value: "Chief\u202E\u0007 \u200BOfficer\r\n",
    });

    expect(answer).toMatchObject({ resolved: [{ value: "Chief Officer" }] });
    const contact = await contactByEmail(services.store, "ada@example.com");
    expect(contact.job_title).toBe("Chief Officer");
  });

  test("null and the empty text empty a field that may be emptied", async () => {
    const services = await openOver();
    const { store } = services;
    const city = { field: "city", local: "Kassel", hubspot: "Bonn" };
    const one = await contactConflict(store, "ada@example.com", city);
    const two = await contactConflict(store, "bob@example.com", city);

    await run(services, "resolve-conflict", {
      resolutions: [
        { conflict_id: one.conflict_id, version: 1, resolution: "set", value: null },
        { conflict_id: two.conflict_id, version: 1, resolution: "set", value: "" },
      ],
    });

    expect((await contactByEmail(store, "ada@example.com")).city).toBeNull();
    expect((await contactByEmail(store, "bob@example.com")).city).toBeNull();
  });

  test("a set e-mail that another contact has is refused", async () => {
    const store = await openStore();
    const email = {
      hubspot_property: "email",
      warp_field: "email",
      type: "email",
      sync_direction: "BIDIRECTIONAL",
      conflict_resolution: "MANUAL",
    };
    const fieldMaps = parseFieldMap(JSON.stringify({ contacts: { email } }), "test map");
    const services = await open({ store, services: { fieldMaps } });
    const given = { field: "email", local: "ada@example.com", hubspot: "lovelace@example.com" };
    const { conflict_id } = await contactConflict(store, "ada@example.com", given);
    await contactConflict(store, "bob@example.com", { ...values });
    const set = (value: string) =>
      run(services, "resolve-conflict", { conflict_id, version: 1, resolution: "set", value });

    expect(await set("Bob@example.com")).toMatchObject({ refused: [{ code: "VALUE_TAKEN" }] });
    expect(await set("A.Lovelace@example.com")).toMatchObject({ counts: { resolved: 1 } });
    expect(await contactByEmail(store, "a.lovelace@example.com")).toBeTruthy();
  });
});
