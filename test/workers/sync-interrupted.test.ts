import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intelligence, type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

async function cancelTheJob(): Promise<void> {
  const [job] = await rig.jobs.list(1);
  await rig.jobs.cancel(job?.job_id ?? "");
}

const due = async () => (await rig.store.queue.depth(rig.clock.iso())).due;

describe("a sync that is cancelled in the middle", () => {
  test("gives contacts back that were not written, as nobody's failure", async () => {
    await rig.contact("ada@acme-robotics.com");
    rig.whileWaitingFor("/contacts/batch/upsert", cancelTheJob);

    const job = await rig.sync();

    expect(job.status).toBe("cancelled");
    expect(job.counts).not.toHaveProperty("failed");
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      status: "enriched",
      error: null,
    });
    expect(await due()).toBe(1);
  });

  test("counts what was written before, and does it no second time", async () => {
    await rig.contact("ada@acme-robotics.com", { domain: "acme-robotics.com", intelligence });
    rig.whileWaitingFor("/companies/search", cancelTheJob);

    const job = await rig.sync();

    expect(job.status).toBe("cancelled");
    expect(job.counts).toMatchObject({ created: 1 });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched" });
    await rig.sync();
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
    expect(rig.simulator.hubspot.all("contacts")).toHaveLength(1);
  });

  test("keeps what is done of a contact whose note was not sent, and sends it later", async () => {
    await rig.contact("ada@acme-robotics.com", { intelligence });
    rig.whileWaitingFor("/notes/batch/create", cancelTheJob);

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ created: 1 });
    expect(job.counts).not.toHaveProperty("failed");
    await rig.sync();
    expect(rig.simulator.hubspot.all("notes")).toHaveLength(1);
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
  });
});

test("a process that is shut down in the middle fails no contact and hands its job on", async () => {
  await rig.contact("ada@acme-robotics.com");
  let stopped: Promise<void> | undefined;
  rig.whileWaitingFor("/contacts/batch/upsert", () => {
    stopped = rig.jobs.stop();
  });

  const { job } = await rig.jobs.start("sync", {});
  await expect.poll(async () => (await rig.jobs.get(job.job_id))?.status).toBe("queued");
  await stopped;

  expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched", error: null });
  expect(await due()).toBe(1);
});
