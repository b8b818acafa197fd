/** HubSpot's property history is read where a decision needs it, and for nothing else. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

const maps = mapsWith({ customers: { contact_phone: { conflict_resolution: "MANUAL" } } });

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene({ logBodies: true, maps });
});
afterEach(() => scene.close());

const bans = (count: number) => Array.from({ length: count }, (_, index) => `B-${index + 1}`);

async function synced(count: number): Promise<void> {
  for (const ban of bans(count))
    await scene.customer({ ban, company_name: "Acme", legal_name: "Acme" });
  await scene.sync();
  scene.forget();
}

interface ReadBody {
  readonly inputs: readonly { readonly id: string }[];
  readonly propertiesWithHistory?: readonly string[];
}

/** The requests for histories: the ids and the properties that each asks for. */
function historyReads(): { ids: string[]; properties: string[] }[] {
  return scene.simulator.requests
    .list({ service: "hubspot", path: "/batch/read" })
    .map(({ body = "" }): ReadBody => JSON.parse(body))
    .filter(({ propertiesWithHistory = [] }) => propertiesWithHistory.length > 0)
    .map(({ inputs, propertiesWithHistory = [] }) => ({
      ids: inputs.map(({ id }) => id).sort(),
      properties: [...propertiesWithHistory].sort(),
    }));
}

test("asks only for records and properties that both sides changed under LATEST_WINS or MANUAL", async () => {
  await synced(4);
  scene.sql("update customers set company_name = 'Here' where ban in ('B-1', 'B-4')");
  scene.editCompany("B-1", { name: "There" });
  scene.sql("update customers set contact = '{\"phone\":\"+4930901821\"}' where ban = 'B-2'");
  scene.editCompany("B-2", { phone: "+49 30 901822", warp_tier: "PREMIUM" });
  scene.editCompany("B-3", { warp_legal_name: "There", name: "There" });
  await scene.look("customers", 3);

  const job = await scene.sync();

  expect(job.errors).toEqual([]);
  expect(historyReads()).toEqual([
    { ids: [scene.companyId("B-1"), scene.companyId("B-2")].sort(), properties: ["name", "phone"] },
  ]);
});

test("asks nothing where one side alone moved, or the rule needs no time", async () => {
  await synced(3);
  scene.sql("update customers set company_name = 'Here', current_balance = 5 where ban = 'B-1'");
  scene.editCompany("B-1", { warp_current_balance: "6", warp_legal_name: "There" });
  scene.editCompany("B-2", { warp_tier: "PREMIUM" });
  scene.sql("update customers set tier = 'STANDARD' where ban = 'B-2'");
  await scene.look("customers", 2);

  const job = await scene.sync();

  expect(job.counts).toEqual({ updated: 1, pulled: 1 });
  expect(historyReads()).toEqual([]);
});

test("asks for fifty records at a time", async () => {
  await synced(101);
  scene.sql("update customers set company_name = 'Here'");
  for (const ban of bans(101)) scene.editCompany(ban, { name: "There" });

  await scene.sync();

  // HubSpot docs, using object APIs: at most 50 inputs where histories are asked for (read 2026-11).
  const sizes = historyReads().map(({ ids }) => ids.length);
  expect(sizes.sort((a, b) => b - a)).toEqual([50, 50, 1]);
});
