import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intelligence, type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

/** Does something while the first request to this path, refused for a limit, waits to be tried again. */
function whileWaitingFor(path: string, act: (jobId: string) => Promise<unknown>): void {
  rig.simulator.faults.add({ service: "hubspot", name: "http-429", times: 1, path });
  const { wait } = rig.clock;
  rig.clock.wait = async (ms, signal) => {
    rig.clock.wait = wait;
    const [job] = await rig.jobs.list(1);
    await act(job?.job_id ?? "");
    return wait(ms, signal);
  };
}

const due = async () => (await rig.store.queue.depth(rig.clock.iso())).due;

describe("a sync that is cancelled in the middle", () => {
  test("gives contacts back that were not written, as nobody's failure", async () => {
    await rig.contact("ada@acme-robotics.com");
    whileWaitingFor("/contacts/batch/upsert", (id) => rig.jobs.cancel(id));

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
    whileWaitingFor("/companies/search", (id) => rig.jobs.cancel(id));

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
    whileWaitingFor("/notes/batch/create", (id) => rig.jobs.cancel(id));

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
  whileWaitingFor("/contacts/batch/upsert", async () => {
    stopped = rig.jobs.stop();
  });

  const { job } = await rig.jobs.start("sync", {});
  await expect.poll(async () => (await rig.jobs.get(job.job_id))?.status).toBe("queued");
  await stopped;

  expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched", error: null });
  expect(await due()).toBe(1);
});
