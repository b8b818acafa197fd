/**
 * Document B's second chart, arrow by arrow: from an edit in HubSpot to the customer here. Its arrows are about a record that HubSpot's
 * side was heard of; whoever says so (a webhook, a poll), the record is looked at in the same way.
 */
import { expect, test } from "vitest";
import type { EngineUnderTest } from "../support/store.ts";
import {
  after,
  bothEdit,
  bothEditHubspotLast,
  mapWith,
  type Scene,
  stage,
} from "./document-b-scene.ts";

async function hear(scene: Scene): Promise<void> {
  await scene.heard();
  await scene.sync();
}

/** The arrows of the chart "HubSpot to WARP". */
export function inbound(under: EngineUnderTest): void {
  const open = stage(under);

  test("inbound: a property that the mapping does not name changes nothing here", async () => {
    const scene = await open();
    const before = await scene.local();

    scene.inHubspot({ website: "https://acme.example", description: "Makes robots" });
    await hear(scene);

    expect(await scene.local()).toEqual(before);
    expect(scene.written()).toEqual([]);
  });

  test("inbound: each changed property is looked up in the mapping and reaches its own field", async () => {
    const scene = await open({ columns: { contact: '{"phone":"+4930901820","fax":"none"}' } });

    scene.inHubspot({ warp_payment_terms: "NET30", phone: "+4930901821", zip: "10115" });
    await hear(scene);

    expect(await scene.local()).toMatchObject({
      payment_terms: "NET30",
      contact: { phone: "+4930901821", fax: "none" },
      address: { zip: "10115" },
    });
  });

  test("inbound: a HUBSPOT_TO_WARP field updates the database here, converted by its transform", async () => {
    const scene = await open({ columns: { credit_limit: 100 } });

    scene.inHubspot({ warp_credit_limit: "1050075", warp_tier: "ENTERPRISE" });
    await hear(scene);

    expect(await scene.local()).toMatchObject({ credit_limit: "10500.75", tier: "ENTERPRISE" });
  });

  test("inbound: a HUBSPOT_TO_WARP field updates the database here even where it was edited meanwhile, and keeps the edit in the log", async () => {
    const scene = await open();
    scene.inHubspot({ warp_tier: "PREMIUM" });
    await hear(scene);

    scene.inHubspot({ warp_tier: "ENTERPRISE" });
    await after(Date.now());
    await scene.set({ tier: "STANDARD" });
    await hear(scene);

    expect((await scene.local()).tier).toBe("ENTERPRISE");
    expect((await scene.log())[0]?.fields).toMatchObject([{ field: "tier", lost: "STANDARD" }]);
  });

  test("inbound: a WARP_TO_HUBSPOT field that changes in HubSpot is skipped, and HubSpot gets our value back", async () => {
    const scene = await open({ columns: { status: "ACTIVE" } });

    scene.inHubspot({ warp_status: "CLOSED" });
    await hear(scene);

    expect((await scene.local()).status).toBe("ACTIVE");
    expect(scene.company()["warp_status"]).toBe("ACTIVE");
    expect((await scene.log())[0]?.fields).toMatchObject([{ field: "status", lost: "CLOSED" }]);
  });

  test("inbound: a BIDIRECTIONAL field without a conflict updates the database here", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });

    scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });
    await hear(scene);

    expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
    expect(scene.written()).toEqual([]);
  });

  test("inbound: our own write, heard of again, changes nothing", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await scene.set({ legal_name: "Acme of Billing Ltd." });
    await scene.sync();
    const [before, log] = [await scene.local(), await scene.log()];
    scene.rig.forget();

    await hear(scene);

    expect(await scene.local()).toEqual(before);
    expect(await scene.log()).toEqual(log);
    expect(scene.written()).toEqual([]);
  });

  test("inbound: in a conflict that HUBSPOT_WINS decides, the database here is updated", async () => {
    const scene = await open({
      maps: mapWith({ legal_name: { conflict_resolution: "HUBSPOT_WINS" } }),
      columns: { legal_name: "Acme Ltd." },
    });
    await bothEdit(scene);

    await hear(scene);

    expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
    expect((await scene.log())[0]?.fields).toMatchObject([
      { field: "legal_name", rule: "HUBSPOT_WINS", lost: "Acme of Billing Ltd." },
    ]);
  });

  test("inbound: in a conflict that LATEST_WINS decides, HubSpot's time of that very property is compared", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });
    const edited = Date.now();
    await after(edited);
    await scene.set({ legal_name: "Acme of Billing Ltd." });
    await after(Date.now());
    // The company as a whole is newer than the local edit; its legal name is not.
    scene.inHubspot({ warp_payment_terms: "NET30" });

    await hear(scene);

    expect(await scene.local()).toMatchObject({
      legal_name: "Acme of Billing Ltd.",
      payment_terms: "NET30",
    });
  });

  test("inbound: when HubSpot's edit is newer, the database here is updated", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await bothEditHubspotLast(scene);

    await hear(scene);

    expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
    expect((await scene.log())[0]).toMatchObject({
      action: "pull",
      fields: [{ field: "legal_name", lost: "Acme of Billing Ltd." }],
    });
  });

  test("inbound: when the local edit is newer, HubSpot's is skipped here", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    await bothEdit(scene);

    await hear(scene);

    expect((await scene.local()).legal_name).toBe("Acme of Billing Ltd.");
  });

  test("inbound: what was taken over is kept in field_state, and is no change to send", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });

    await hear(scene);

    expect((await scene.base())["legal_name"]).toBe("Acme of Sales Inc.");
    expect(await scene.changes()).toEqual([]);
    expect(await scene.queued()).toBeUndefined();
  });

  test("inbound: what was taken over is logged in sync_log with both values and the rule", async () => {
    const scene = await open({ columns: { legal_name: "Acme Ltd." } });
    scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });

    await hear(scene);

    expect((await scene.log())[0]).toMatchObject({
      action: "pull",
      outcome: "done",
      fields: [
        {
          field: "legal_name",
          before: "Acme Ltd.",
          after: "Acme of Sales Inc.",
          rule: "only HubSpot moved",
        },
      ],
    });
  });
}
