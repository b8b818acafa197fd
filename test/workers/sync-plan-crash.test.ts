/** A plan whose process died after HubSpot had taken a record's values: the rest of the record is carried out, and nothing else. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { mapsWith, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
let planId: string;
let id: number;

/** Edits to send, to take over, to ask a person about and to tell of as blocked: all of one customer. */
beforeEach(async () => {
  scene = await syncScene({
    maps: mapsWith({ customers: { legal_name: { conflict_resolution: "MANUAL" } } }),
  });
  id = await scene.customer({ ban: "B-1", company_name: "Acme", legal_name: "Acme", tier: null });
  await scene.sync();
  scene.sql("update customers set company_name = 'Here', legal_name = 'Here', status = 'ASLEEP'");
  scene.editCompany("B-1", { warp_legal_name: "There", warp_tier: "PREMIUM" });
  const job = await scene.sync({ object: "customers", ids: [id], dry_run: true });
  planId = String(job.result?.["plan_id"]);
});
afterEach(() => scene.close());

/** Has the process stop when HubSpot has done the write and before it can be noted; returns the job that is left. */
async function dieAfterTheWrite(): Promise<string> {
  const path = "/companies/batch/update";
  scene.simulator.faults.add({ service: "hubspot", name: "reset-after-commit", path });
  let stopped: Promise<void> | undefined;
  scene.whileWaitingFor("/nowhere", () => {
    stopped = scene.stop();
  });
  const { job_id } = await scene.start({ plan_id: planId });
  await expect.poll(async () => (await scene.jobs.get(job_id))?.status).toBe("queued");
  await stopped;
  expect(scene.company("B-1")["name"]).toBe("Here");
  expect(await scene.local("B-1")).toMatchObject({ tier: null });
  return job_id;
}

async function goOn(jobId: string): Promise<Job> {
  const heir = await scene.process({});
  heir.jobs.watch();
  return heir.jobs.wait(jobId, 20_000);
}

test("is carried out to its end by the next process", async () => {
  const job = await goOn(await dieAfterTheWrite());

  expect(job).toMatchObject({ status: "completed", errors: [] });
  expect(job.counts).not.toHaveProperty("stale");
  expect(await scene.local("B-1")).toMatchObject({ company_name: "Here", tier: "PREMIUM" });
  expect(scene.rows("select field, status from conflicts")).toEqual([
    { field: "legal_name", status: "open" },
  ]);
  expect(scene.queued("customers")).toEqual([]);
});

test.each([
  ["a value to take over", () => scene.editCompany("B-1", { warp_tier: "ENTERPRISE" })],
  ["a value to ask about", () => scene.editCompany("B-1", { warp_legal_name: "Elsewhere" })],
  ["a value to send", () => scene.sql("update customers set prepaid_balance = 3")],
])("leaves it when %s has changed since", async (_what, change) => {
  const jobId = await dieAfterTheWrite();
  change();

  const job = await goOn(jobId);

  expect(job.counts).toMatchObject({ stale: 1 });
  expect(await scene.local("B-1")).toMatchObject({ tier: null });
  expect(scene.company("B-1")).not.toHaveProperty("warp_prepaid_balance");
  expect(scene.queued("customers")).toEqual([id]);
});
