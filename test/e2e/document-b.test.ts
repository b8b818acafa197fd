/**
 * Document B as named tests on both engines: its two flow charts, its conflict logic and its mapping, with customers edited by another
 * program's SQL, the real sync worker, and the simulator as HubSpot.
 */
import { describe, expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { detection, resolution } from "./document-b-conflicts.ts";
import { errors } from "./document-b-errors.ts";
import { inbound } from "./document-b-inbound.ts";
import { outbound } from "./document-b-outbound.ts";
import { mapWith, stage } from "./document-b-scene.ts";

describeEachEngine("document B", (_open, under) => {
  describe("the flow from WARP to HubSpot", () => outbound(under));
  describe("the flow from HubSpot to WARP", () => inbound(under));
  // Both engines keep what these decide on alike, which the flows show.
  if (under.engine === "sqlite") {
    describe("the conflict detection logic", () => detection(under));
    describe("the resolution logic", () => resolution(under));
    describe("the error categories", () => errors(under));
  }
  describe("the mapping as it is written", () => {
    const open = stage(under);

    test("loads with one warning, about the e-mail in HubSpot's domain", () => {
      expect(mapWith().warnings).toEqual([expect.stringMatching(/contact_email.*domain/)]);
    });

    test("syncs every one of its fields, each in its own direction", async () => {
      const scene = await open({
        columns: {
          current_balance: 1200.5,
          prepaid_balance: 30,
          status: "ACTIVE",
          tier: "STANDARD",
          credit_limit: 500,
          payment_terms: "NET14",
          legal_name: "Acme Ltd.",
          contact: '{"email":"billing@acme.com","phone":"+4930901820"}',
          address:
            '{"line1":"Main St 1","city":"Berlin","state":"BE","zip":"10115","country":"Germany"}',
        },
      });
      expect(scene.company()).toMatchObject({
        warp_ban: "B-1",
        warp_current_balance: "1200.5",
        warp_prepaid_balance: "30",
        warp_status: "ACTIVE",
        name: "Acme",
        warp_legal_name: "Acme Ltd.",
        warp_contact_email: "billing@acme.com",
        phone: "+4930901820",
        address: "Main St 1",
        city: "Berlin",
        state: "BE",
        zip: "10115",
        country: "Germany",
      });
      for (const never of ["domain", "warp_tier", "warp_credit_limit", "warp_payment_terms"])
        expect(scene.company()[never]).toBeUndefined();

      scene.inHubspot({
        warp_tier: "ENTERPRISE",
        warp_credit_limit: "1050075",
        warp_payment_terms: "NET30",
        name: "Acme Robotics",
        warp_legal_name: "Acme Robotics Ltd.",
        warp_contact_email: "finance@acme.com",
        phone: "+4930901821",
        address: "Main St 2",
        city: "Hamburg",
        state: "HH",
        zip: "20095",
        country: "Austria",
      });
      await scene.heard();
      const job = await scene.sync();

      expect(job).toMatchObject({ counts: { pulled: 1 }, errors: [] });
      expect(await scene.local()).toMatchObject({
        ban: "B-1",
        current_balance: "1200.5",
        tier: "ENTERPRISE",
        credit_limit: "10500.75",
        payment_terms: "NET30",
        company_name: "Acme Robotics",
        legal_name: "Acme Robotics Ltd.",
        contact: { email: "finance@acme.com", phone: "+4930901821" },
        address: {
          line1: "Main St 2",
          city: "Hamburg",
          state: "HH",
          zip: "20095",
          country: "Austria",
        },
        external_ids: { hubspot_company_id: scene.company()["hs_object_id"] },
      });
      scene.rig.forget();
      await scene.sync();
      expect(scene.rig.requests()).toEqual([]);
    });
  });
});
