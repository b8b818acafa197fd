/** The most that one run may change: counted over all kinds and chunks before anything is written. */
import { afterEach, describe, expect, test } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { mapsWith, type ProcessOptions, type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
afterEach(() => scene.close());

const emails = ["ada", "grace", "edsger"].map((name) => `${name}@acme-robotics.com`);
const bans = ["B-1", "B-2", "B-3"] as const;

/** Contacts and customers that were synced, by a process without limits to speak of. */
async function synced(options: ProcessOptions = {}): Promise<void> {
  scene = await syncScene(options.maps ? { maps: options.maps } : {});
  for (const email of emails) await scene.contact(email, { city: "Bonn" });
  for (const ban of bans) await scene.customer({ ban, company_name: "Acme", legal_name: "Acme" });
  await scene.sync();
  scene.forget();
}

/** Syncs in a process with limits, and expects that it refuses without having written anything. */
async function expectRefused(
  options: ProcessOptions,
  args: Readonly<Record<string, unknown>> = {},
): Promise<Job> {
  const limited = await scene.process(options);
  const before = scene.everything();
  const queued = [scene.queued("contacts"), scene.queued("customers")];

  const job = await limited.sync(args);

  expect(job.status).toBe("failed");
  expect(job.errors).toEqual([expect.objectContaining({ code: "RUN_CAP_EXCEEDED" })]);
  expect(scene.writes()).toEqual([]);
  const { customers, links, field_state, sync_log, change_log } = scene.everything();
  expect({ customers, links, field_state, sync_log, change_log }).toEqual({
    customers: before["customers"],
    links: before["links"],
    field_state: before["field_state"],
    sync_log: before["sync_log"],
    change_log: before["change_log"],
  });
  expect([scene.queued("contacts"), scene.queued("customers")]).toEqual(queued);
  return job;
}

const message = (job: Job): string => job.errors[0]?.message ?? "";

describe.each([{ chunkSize: 100 }, { chunkSize: 1 }])("in chunks of $chunkSize", (chunks) => {
  test("creates beyond the cap are refused with the variable that allows them", async () => {
    await synced();
    for (const ban of ["B-4", "B-5"]) await scene.customer({ ban, company_name: "New" });
    await scene.sync({ dry_run: true });
    scene.forget();

    const job = await expectRefused({ ...chunks, caps: { creates: 1 } });

    expect(message(job)).toContain("SYNC_MAX_CREATES allows 1");
    expect(message(job)).toContain("Nothing was written");
    expect((await scene.sync()).counts).toEqual({ created: 2 });
  });

  test("updates beyond the cap are refused, and the records stay due", async () => {
    await synced();
    scene.sql("update customers set company_name = 'Acme Ltd'");

    const job = await expectRefused({ ...chunks, caps: { updates: 2 } });

    expect(message(job)).toContain("SYNC_MAX_UPDATES allows 2");
    expect((await scene.sync()).counts).toEqual({ updated: 3 });
  });

  test("updates of contacts and of customers count together", async () => {
    await synced();
    scene.sql("update contacts set city = 'Berlin'");
    scene.sql("update customers set company_name = 'Acme Ltd'");

    const job = await expectRefused({ ...chunks, caps: { updates: 5 } });

    expect(message(job)).toContain("Nothing was written");
    expect((await scene.sync()).counts).toEqual({ updated: 6 });
  });

  test("contacts whose state says that they are due count together with those in the queue", async () => {
    await synced();
    scene.sql("update contacts set city = 'Berlin'");
    await scene.contact("new@acme-robotics.com");
    scene.sql("update contacts set status = 'enriched' where id = 1");

    await expectRefused({ ...chunks, caps: { updates: 2 } }, { object: "contacts" });
  });

  test("values that HubSpot emptied count as clears", async () => {
    await synced({ maps: mapsWith({ customers: { legal_name: { propagate_clear: true } } }) });
    for (const ban of bans) scene.editCompany(ban, { warp_legal_name: "" });
    for (const id of [1, 2, 3]) await scene.look("customers", id);

    const job = await expectRefused({ ...chunks, maps: scene.maps, caps: { clears: 2 } });

    expect(message(job)).toContain("SYNC_MAX_CLEARS allows 2");
    expect((await scene.local("B-1"))?.legal_name).toBe("Acme");
  });

  test("values that were emptied here count as clears", async () => {
    await synced({ maps: mapsWith({ customers: { legal_name: { propagate_clear: true } } }) });
    scene.sql("update customers set legal_name = null");

    await expectRefused({ ...chunks, maps: scene.maps, caps: { clears: 2 } });

    expect(scene.company("B-1")["warp_legal_name"]).toBe("Acme");
  });

  test("a plan beyond a cap is refused before its first chunk, and serves once the cap is raised", async () => {
    await synced();
    scene.sql("update customers set company_name = 'Acme Ltd'");
    const { result } = await scene.sync({ dry_run: true });
    const plan_id = result?.["plan_id"];
    scene.forget();

    await expectRefused({ ...chunks, caps: { updates: 2 } }, { plan_id });

    expect((await scene.sync({ plan_id })).counts).toEqual({ updated: 3 });
  });
});

test("a run within its caps is read only once", async () => {
  await synced();
  const limited = await scene.process({ caps: { updates: 3, creates: 3 } });
  scene.sql("update customers set company_name = 'Acme Ltd'");

  expect((await limited.sync()).counts).toEqual({ updated: 3 });

  expect(scene.requests()).toEqual([
    expect.stringContaining("/companies/batch/read"),
    expect.stringContaining("/companies/batch/update"),
  ]);
});

test("records that need no change count for nothing", async () => {
  await synced();
  const limited = await scene.process({ chunkSize: 1, caps: { updates: 1 } });
  for (const id of [1, 2, 3]) await scene.look("customers", id);
  scene.sql("update customers set company_name = 'Acme Ltd' where id = 2");

  expect((await limited.sync()).counts).toEqual({ updated: 1, unchanged: 2 });
});

test("a job that was cut off counts what it wrote before", async () => {
  await synced();
  const limited = await scene.process({ chunkSize: 1, caps: { updates: 3 } });
  scene.sql("update customers set company_name = 'Acme Ltd'");
  let stopped: Promise<void> | undefined;
  scene.whileWaitingFor("/companies/batch/update", () => {
    stopped = limited.stop();
  });
  const { job_id } = await limited.start();
  await expect.poll(async () => (await scene.jobs.get(job_id))?.status).toBe("queued");
  await stopped;
  await scene.store.jobs.claim({
    owner: "dead",
    now: scene.clock.iso(),
    lease_until: scene.clock.iso(),
  });
  // As if one had been written before the crash.
  await scene.store.jobs.save(job_id, "dead", { counts: { updated: 1 } });
  const heir = await scene.process({ chunkSize: 1, caps: { updates: 3 } });
  heir.jobs.watch();

  const job = await heir.jobs.wait(job_id, 20_000);

  expect(job).toMatchObject({ status: "failed", counts: { updated: 1 } });
  expect(message(job)).toContain("The run stopped before these");
});
