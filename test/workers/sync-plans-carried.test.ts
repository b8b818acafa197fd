/** Plans at work: what was previewed is written, and what has moved since waits, whatever crashes in between. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

let scene: SyncScene;
beforeEach(async () => {
  scene = await syncScene({ chunkSize: 1 });
});
afterEach(() => scene.close());

const planOf = ({ result }: Job): string => String(result?.["plan_id"]);

describe("a plan that is being carried out", () => {
  const BANS = ["B-1", "B-2", "B-3"] as const;

  /** Three customers in three chunks, each with a new name to send. */
  async function threeToSend(): Promise<readonly number[]> {
    const ids: number[] = [];
    for (const ban of BANS) ids.push(await scene.customer({ ban, company_name: "Acme" }));
    await scene.sync();
    scene.sql("update customers set company_name = 'Acme Ltd'");
    return ids;
  }

  const names = () => BANS.map((ban) => scene.company(ban)["name"]);

  test("leaves a record that has moved since, counts it, and keeps it due", async () => {
    const [, second = 0] = await threeToSend();
    const plan = planOf(await scene.sync({ dry_run: true }));
    scene.whileWaitingFor("/companies/batch/update", () =>
      scene.sql("update customers set status = 'ACTIVE' where id = ?", second),
    );

    const job = await scene.sync({ plan_id: plan });

    expect(job).toMatchObject({ status: "completed", counts: { updated: 2, stale: 1 } });
    expect(names()).toEqual(["Acme Ltd", "Acme", "Acme Ltd"]);
    expect((await scene.sync({ dry_run: true })).counts).toEqual({ would_update: 1 });
    expect((await scene.sync()).counts).toEqual({ updated: 1 });
    expect(scene.company("B-2")).toMatchObject({ name: "Acme Ltd", warp_status: "ACTIVE" });
  });

  test("counts a record that was deleted meanwhile as stale", async () => {
    const [, second = 0] = await threeToSend();
    const plan = planOf(await scene.sync({ dry_run: true }));
    scene.whileWaitingFor("/companies/batch/update", () =>
      scene.sql("delete from customers where id = ?", second),
    );

    const job = await scene.sync({ plan_id: plan });

    expect(job.counts).toEqual({ updated: 2, stale: 1 });
  });

  test("counts a record that another process holds as stale", async () => {
    const [, second = 0] = await threeToSend();
    const plan = planOf(await scene.sync({ dry_run: true }));
    scene.whileWaitingFor("/companies/batch/update", () =>
      scene.sql(
        "update sync_queue set lease_owner = 'other/process', leased_version = version, lease_until = '2999-01-01' where local_id = ?",
        second,
      ),
    );

    const job = await scene.sync({ plan_id: plan });

    expect(job.counts).toEqual({ updated: 2, stale: 1 });
    expect(names()).toEqual(["Acme Ltd", "Acme", "Acme Ltd"]);
  });

  test("stays with what was previewed after a crash: a record edited since is not sent", async () => {
    const [, second = 0] = await threeToSend();
    const plan = planOf(await scene.sync({ dry_run: true }));
    let stopped: Promise<void> | undefined;
    scene.whileWaitingFor("/companies/batch/update", () => {
      stopped = scene.stop();
    });
    const { job_id } = await scene.start({ plan_id: plan });
    await expect.poll(async () => (await scene.jobs.get(job_id))?.status).toBe("queued");
    await stopped;
    // What a killed process leaves: a leased record. Then somebody edits it.
    scene.sql(
      "update sync_queue set lease_owner = ?, leased_version = version, lease_until = '2999-01-01' where local_id = ?",
      `${job_id}/dead`,
      second,
    );
    scene.sql("update customers set company_name = 'Acme Inc' where id = ?", second);
    const heir = await scene.process({ chunkSize: 1 });
    heir.jobs.watch();

    const job = await heir.jobs.wait(job_id, 20_000);

    expect(job).toMatchObject({ status: "completed", counts: { updated: 2, stale: 1 } });
    expect(names()).toEqual(["Acme Ltd", "Acme", "Acme Ltd"]);
    expect((await heir.sync()).counts).toEqual({ updated: 1 });
    expect(scene.company("B-2")["name"]).toBe("Acme Inc");
  });

  test("takes a write whose answer a crash swallowed for done, not for stale", async () => {
    await scene.customer({ ban: "B-1", company_name: "Acme" });
    const plan = planOf(await scene.sync({ dry_run: true }));
    scene.simulator.faults.add({
      service: "hubspot",
      name: "timeout-after-commit",
      times: 1,
      path: "/companies/batch/upsert",
    });
    let stopped: Promise<void> | undefined;
    const { wait } = scene.clock;
    scene.clock.wait = async (ms, signal) => {
      const isLost = scene.simulator.requests.list().some(({ fault }) => fault !== null);
      if (isLost) stopped ??= scene.stop();
      return wait(ms, signal);
    };
    const { job_id } = await scene.start({ plan_id: plan });
    await expect.poll(async () => (await scene.jobs.get(job_id))?.status).toBe("queued");
    await stopped;
    expect(scene.company("B-1")["name"]).toBe("Acme");
    const heir = await scene.process({});
    heir.jobs.watch();

    const job = await heir.jobs.wait(job_id, 20_000);

    expect(job).toMatchObject({ status: "completed", errors: [] });
    expect(job.counts).not.toHaveProperty("stale");
    expect(scene.simulator.hubspot.counts()["companies"]).toBe(1);
    expect((await scene.local("B-1"))?.external_ids).toEqual({
      hubspot_company_id: scene.companyId("B-1"),
    });
  });
});
