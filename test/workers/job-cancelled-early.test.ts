import { expect, test } from "vitest";
import { Events } from "../../mcp-server/src/events.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import { createJobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempStore } from "../support/store.ts";

test("a job that was cancelled while its process was dead is not run again", async () => {
  const clock = fakeClock("2026-06-01T08:00:00.000Z");
  const store = await tempStore();
  const ran: string[] = [];
  const run: JobHandler = async (context) => {
    ran.push(context.job.job_id);
    return {};
  };
  await store.jobs.create({ job_id: "sync_1", kind: "sync", args: {}, now: clock.iso() });
  const lease_until = new Date(clock.now() + 1_000).toISOString();
  await store.jobs.claim({ owner: "dead", now: clock.iso(), lease_until });
  await store.jobs.requestCancel("sync_1", clock.iso());
  clock.advance(60_000);
  const jobs = createJobRunner({
    store,
    handlers: { sync: run, import: run, enrich: run },
    clock,
    newId: (prefix) => prefix,
    log: keptLog(),
    events: new Events(() => undefined),
    owner: "heir",
  });

  jobs.watch();
  const job = await jobs.wait("sync_1", 5_000);
  await jobs.stop();
  await store.close();

  expect(job.status).toBe("cancelled");
  expect(ran).toEqual([]);
});
