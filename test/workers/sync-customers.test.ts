/** Customers of the billing system against companies in the simulated HubSpot: each field by its own rule, both ways. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CustomerRow } from "../../mcp-server/src/ports/customer-store.ts";
import { realClock } from "../support/clock.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;

beforeEach(async () => {
  rig = await syncRig({ clock: realClock() });
});

afterEach(() => rig.close());

async function customer(row: CustomerRow): Promise<number> {
  await rig.store.customers.upsert([row], rig.clock.iso());
  const [stored] = await rig.store.customers.findByBans([row.ban]);
  return stored?.id ?? 0;
}

async function local(ban: string) {
  const [stored] = await rig.store.customers.findByBans([ban]);
  return stored;
}

function company(ban: string): Readonly<Record<string, string>> {
  return rig.simulator.hubspot.find("companies", `warp_ban=${ban}`)?.properties ?? {};
}

const syncCustomers = () => rig.sync({ object: "customers" });

describe("a first sync of customers", () => {
  test("creates our properties and one company per account number", async () => {
    await customer({
      ban: "B-1",
      company_name: "Acme",
      current_balance: "1200.50",
      status: "active",
      contact: { email: "Billing@Acme.com", phone: "+49 30 901820" },
      address: { line1: "Main St 1", city: "Berlin" },
    });

    const job = await syncCustomers();

    expect(job).toMatchObject({ status: "completed", counts: { created: 1 }, errors: [] });
    expect(company("B-1")).toMatchObject({
      warp_ban: "B-1",
      name: "Acme",
      warp_current_balance: "1200.5",
      warp_status: "ACTIVE",
      warp_contact_email: "billing@acme.com",
      address: "Main St 1",
      city: "Berlin",
    });
    expect(company("B-1")["domain"]).toBeUndefined();
  });

  test("keeps HubSpot's id of the company on this side, and makes no request the second time", async () => {
    await customer({ ban: "B-1", company_name: "Acme" });
    await syncCustomers();
    const id = rig.simulator.hubspot.find("companies", "warp_ban=B-1")?.id;
    expect((await local("B-1"))?.external_ids).toEqual({ hubspot_company_id: id });

    rig.forget();
    expect((await syncCustomers()).counts).toEqual({});
    expect(rig.requests()).toEqual([]);
  });

  test("joins the company that a customer names by its HubSpot id instead of creating a second one", async () => {
    const [id = ""] = rig.simulator.hubspot.seedCompanies([{ name: "Acme" }]);
    await customer({ ban: "B-1", external_ids: { hubspot_company_id: id } });

    const job = await syncCustomers();

    expect(job.errors).toEqual([]);
    expect(rig.simulator.hubspot.counts().companies).toBe(1);
    expect(company("B-1")["name"]).toBe("Acme");
    expect((await local("B-1"))?.company_name).toBe("Acme");
  });

  test("does not touch HubSpot's companies while there are no customers", async () => {
    await rig.sync();
    expect(rig.simulator.hubspot.find("companies", "warp_ban=B-1")).toBeUndefined();
    expect(rig.requests().some((request) => request.includes("companies/batch/read"))).toBe(false);
  });
});

describe("a customer that both sides know", () => {
  async function linked(row: Partial<CustomerRow> = {}): Promise<number> {
    const id = await customer({ ban: "B-1", company_name: "Acme", tier: "STANDARD", ...row });
    await syncCustomers();
    return id;
  }

  test("takes over what HubSpot owns, converting cents to dollars", async () => {
    await linked();
    rig.simulator.hubspot.editAsUser("companies", "warp_ban=B-1", {
      warp_tier: "ENTERPRISE",
      warp_credit_limit: "1050075",
    });
    await rig.store.queue.add([
      { object: "customers", local_id: 1, reason: "test", due_at: rig.clock.iso() },
    ]);

    expect((await syncCustomers()).counts).toEqual({ pulled: 1 });

    expect(await local("B-1")).toMatchObject({ tier: "ENTERPRISE", credit_limit: "10500.75" });
  });

  test("sends a balance that any program changed, and nothing else", async () => {
    const id = await linked({ current_balance: "10" });
    await rig.store.customers.update([{ id, set: { current_balance: "12.34" } }], rig.clock.iso());
    rig.forget();

    expect((await syncCustomers()).counts).toEqual({ updated: 1 });

    expect(company("B-1")["warp_current_balance"]).toBe("12.34");
    const writes = rig.simulator.requests.list({ service: "hubspot" });
    expect(writes.map(({ properties }) => properties).filter(Boolean)).toEqual([
      ["warp_current_balance"],
    ]);
  });
});
