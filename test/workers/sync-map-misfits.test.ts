/** What keeps a sync from beginning at all: a map that does not fit HubSpot, and another portal; a dry run says the same. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene();
  await scene.contact("ada@acme-robotics.com", { first_name: "Ada" });
  await scene.customer({ ban: "B-1", company_name: "Acme" });
  await scene.sync();
});
afterEach(() => scene.close());

const define = (object: "contacts" | "companies", name: string, more = {}): void =>
  scene.simulator.hubspot.defineProperty(object, {
    name,
    label: name,
    groupName: object === "contacts" ? "contactinformation" : "companyinformation",
    ...more,
  });

describe("a map that does not fit HubSpot", () => {
  const misfit = mapsWith({
    contacts: {
      city: { hubspot_property: "hs_city_of_ours" },
      job_title: { hubspot_property: "our_number" },
    },
    customers: {
      company_name: { hubspot_property: "our_computed" },
      tier: { hubspot_property: "our_tier" },
    },
  });

  beforeEach(() => {
    define("contacts", "our_number", { type: "number", fieldType: "number" });
    define("companies", "our_computed", {
      fieldType: "calculation_equation",
      type: "number",
      calculationFormula: "1",
    });
    define("companies", "our_tier", {
      type: "enumeration",
      fieldType: "select",
      options: [{ label: "Gold", value: "GOLD", displayOrder: 0, hidden: false }],
    });
    scene.forget();
  });

  test.each([{ dry_run: false }, { dry_run: true }])(
    "stops a sync with all mistakes of both objects before anything is written (%o)",
    async (args) => {
      const other = await scene.process({ maps: misfit });
      const before = scene.everything();

      const job = await other.sync(args);

      expect(job.status).toBe("failed");
      expect(job.errors).toEqual([expect.objectContaining({ code: "FIELD_MAP_MISMATCH" })]);
      const message = job.errors[0]?.message ?? "";
      for (const field of [
        "contacts.city",
        "contacts.job_title",
        "customers.company_name",
        "customers.tier",
      ])
        expect(message).toContain(field);
      expect(scene.writes()).toEqual([]);
      expect(scene.everything()).toEqual(before);
    },
  );
});

test("a dry run with another portal's token says so instead of showing everything as new", async () => {
  await scene.store.cursors.set("hubspot-portal", "1", scene.clock.iso());
  const other = await scene.process({ maps: mapsWith({ customers: { tier: null } }) });

  const job = await other.sync({ dry_run: true });

  expect(job.errors).toEqual([expect.objectContaining({ code: "OTHER_PORTAL" })]);
});
