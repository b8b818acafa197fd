/** Document B's first chart, arrow by arrow: from a customer that the billing system changes to HubSpot. */
import { expect, test } from "vitest";
import type { EngineUnderTest } from "../support/store.ts";
import { after, bothEdit, bothEditHubspotLast, mapWith, stage } from "./document-b-scene.ts";

const strategy = (conflict_resolution: string) =>
  mapWith({ legal_name: { conflict_resolution }, company_name: { conflict_resolution } });

/** The arrows of the chart "WARP to HubSpot". */
export function outbound(under: EngineUnderTest): void {
  const open = stage(under);

  test("outbound: a customer that any program updates is noticed in that program's own transaction", async () => {
    const scene = await open({ columns: { status: "ACTIVE" } });

    await scene.billing.run(
      "begin; update customers set status = 'CLOSED' where ban = 'B-1'; rollback",
    );
    expect(await scene.changes()).toEqual([]);
    await scene.set({ status: "SUSPENDED" });

    expect(await scene.changes()).toMatchObject([{ field: "status", changed_by: "sql" }]);
  });

  test("outbound: of a changed row, down to the keys of its JSON, only the changed fields are identified", async () => {
    const contact = { email: "billing@acme.com", phone: "+4930901820" };
    const scene = await open({
      columns: { status: "ACTIVE", current_balance: 10, contact: JSON.stringify(contact) },
    });

    await scene.set({
      status: "ACTIVE",
      current_balance: 12.5,
      contact: JSON.stringify({ ...contact, email: "finance@acme.com" }),
    });

    expect((await scene.changes()).map(({ field }) => field).sort()).toEqual([
      "contact_email",
      "current_balance",
    ]);
    await scene.sync();
    expect(scene.written()).toEqual([["warp_contact_email", "warp_current_balance"]]);
  });

  test("outbound: a WARP_TO_HUBSPOT field that changes here is added to the sync queue", async () => {
    const scene = await open({ columns: { status: "ACTIVE" } });
    expect(await scene.queued()).toBeUndefined();

    await scene.set({ status: "SUSPENDED" });

    expect(await scene.queued()).toMatchObject({ object: "customers", urgent: 0 });
  });

  test("outbound: a BIDIRECTIONAL field that changes here is added to the sync queue", async () => {
    const scene = await open();

    await scene.set({ company_name: "Acme Robotics" });

    expect(await scene.queued()).toMatchObject({ object: "customers", urgent: 0 });
  });

  test("outbound: a HUBSPOT_TO_WARP field that changes here is skipped", async () => {
    const scene = await open({ columns: { tier: "STANDARD" } });
    scene.inHubspot({ warp_tier: "PREMIUM" });
    await scene.heard();
    await scene.sync();
    scene.rig.forget();

    await scene.set({ tier: "ENTERPRISE" });

    expect(await scene.queued()).toBeUndefined();
    await scene.heard();
    await scene.sync();
    expect(scene.written()).toEqual([]);
    expect(scene.company()["warp_tier"]).toBe("PREMIUM");
  });

  test("outbound: a real-time field is sent by the next look at the queue, without a job", async () => {
    const scene = await open({ columns: { current_balance: 10 } });

    await scene.set({ current_balance: 99.9 });
    expect(await scene.queued()).toMatchObject({ urgent: 1 });
    await scene.rig.live(new AbortController().signal);

    expect(scene.company()["warp_current_balance"]).toBe("99.9");
    expect(await scene.queued()).toBeUndefined();
  });

  test("outbound: HubSpot's current value is fetched before it is written", async () => {
    const scene = await open();
    await scene.set({ company_name: "Acme Robotics" });

    await scene.sync();

    expect(scene.rig.requests().map((request) => request.split("/").slice(-3).join("/"))).toEqual([
      "companies/batch/read",
      "companies/batch/update",
    ]);
  });

  test("outbound: without a conflict HubSpot is updated", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await scene.set({ legal_name: "Acme of Billing Ltd." });

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { updated: 1 }, errors: [] });
    expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
  });

  test("outbound: in a conflict that WARP_WINS decides, HubSpot is updated", async () => {
    const scene = await open({
      maps: strategy("WARP_WINS"),
      columns: { legal_name: "Acme Ltd." },
    });
    await bothEditHubspotLast(scene);

    await scene.sync();

    expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
    expect((await scene.log())[0]?.fields).toMatchObject([
      { field: "legal_name", rule: "WARP_WINS", lost: "Acme of Sales Inc." },
    ]);
  });

  test("outbound: in a conflict that LATEST_WINS decides, the times of the field on both sides are compared", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await bothEdit(scene);
    // A later edit of another field says nothing of this one.
    await after(Date.now());
    scene.inHubspot({ warp_tier: "PREMIUM" });
    const [change] = await scene.changes();

    await scene.sync();

    const [line] = (await scene.log()).flatMap(({ fields }) =>
      fields.filter(({ field }) => field === "legal_name"),
    );
    expect(line).toMatchObject({ local_at: change?.changed_at });
    expect(Date.parse(line?.hubspot_at ?? "")).toBeLessThan(Date.parse(change?.changed_at ?? ""));
  });

  test("outbound: when the local edit is newer, HubSpot is updated", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await bothEdit(scene);

    await scene.sync();

    expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
    expect((await scene.log())[0]?.fields).toMatchObject([
      { field: "legal_name", lost: "Acme of Sales Inc." },
    ]);
  });

  test("outbound: when HubSpot's edit is newer, the update is skipped", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await bothEditHubspotLast(scene);

    await scene.sync();

    expect(scene.written()).toEqual([]);
    expect(scene.company()["warp_legal_name"]).toBe("Acme of Sales Inc.");
  });

  test("outbound: what HubSpot acknowledged is kept in field_state, and the change is settled", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    expect((await scene.base())["legal_name"]).toBe("Acme Ltd.");
    await scene.set({ legal_name: "Acme of Billing Ltd." });
    expect((await scene.base())["legal_name"]).toBe("Acme Ltd.");

    await scene.sync();

    expect((await scene.base())["legal_name"]).toBe("Acme of Billing Ltd.");
    expect(await scene.changes()).toEqual([]);
    expect(await scene.queued()).toBeUndefined();
  });

  test("outbound: the update is logged in sync_log with both values and the rule", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await scene.set({ legal_name: "Acme of Billing Ltd." });

    await scene.sync();

    expect((await scene.log())[0]).toMatchObject({
      action: "update",
      outcome: "done",
      fields: [
        {
          field: "legal_name",
          before: "Acme Ltd.",
          after: "Acme of Billing Ltd.",
          rule: "only local moved",
        },
      ],
    });
  });
}
