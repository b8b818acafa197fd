/** A rig whose simulator lives on the test's clock, with a poll of its HubSpot. */

import type { Settings } from "../../mcp-server/simulator/hubspot/settings.ts";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import type { FieldMaps } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import { createCrmSyncWorker } from "../../mcp-server/src/workers/crm-sync-worker.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import { createPoll, type Poll, type PollOptions } from "../../mcp-server/src/workers/poll.ts";
import { fakeClock } from "../support/clock.ts";
import { START, type SyncRig, syncRig } from "../support/sync-rig.ts";

const MINUTE = 60_000;

export interface PollRig extends SyncRig {
  readonly poll: Poll;
  /** A sync job that polls before it begins, as the server's do. */
  pollingSync(args?: Readonly<Record<string, unknown>>): Promise<Job>;
  /** A further poll, e.g. of another process. */
  pollWith(more: Partial<PollOptions>): Poll;
  minutes(count: number): void;
  /** One pass without a signal to stop it. */
  pass(): ReturnType<Poll["run"]>;
  /** Passes a quarter of an hour apart, until what was written a while ago is behind them. */
  calm(): Promise<void>;
  /** Contacts that are equal on both sides, after whose sync HubSpot has been quiet for a while; their ids. */
  synced(...emails: readonly string[]): Promise<readonly number[]>;
  /** Local ids that wait in the queue because of HubSpot. */
  inbound(object: "contacts" | "customers"): Promise<readonly number[]>;
  /** HubSpot's records that wait to be looked at. */
  looks(): Promise<readonly string[]>;
}

function pollingJobs(shared: SyncRig & { readonly poll: Poll }): JobRunner {
  let ids = 0;
  const caps = { creates: 100_000, updates: 100_000, clears: 100_000 };
  const options = {
    ...shared,
    accountKey: "account",
    owner: "polling",
    newId: (prefix: string) => `${prefix}_polling${++ids}`,
    caps,
    burstLimit: 1_000,
  };
  const { run } = createCrmSyncWorker(options);
  return createJobRunner({ ...options, handlers: { sync: run, import: run, enrich: run } });
}

/** Everything wired, on HubSpot's and our clock alike. */
export async function pollRig(
  given: { readonly settings?: Partial<Settings>; readonly maps?: FieldMaps } = {},
): Promise<PollRig> {
  const clock = fakeClock(START);
  const settings = { searchLagMs: 0, burstLimit: 10_000, searchPerSecond: 10_000 };
  const simulator = await startSimulator({
    now: clock.now,
    logBodies: true,
    hubspot: { settings: { ...settings, ...given.settings } },
  });
  const mapped = given.maps ? { maps: given.maps } : {};
  const silent = await syncRig({ clock, ...mapped });
  const rig = await syncRig({ beside: { ...silent, simulator }, ...mapped });
  const { store } = rig;
  let ids = 0;
  const pollWith = (more: Partial<PollOptions>): Poll =>
    createPoll({ ...rig, newId: (prefix) => `${prefix}_${++ids}`, newContacts: "new", ...more });
  const poll = pollWith({});
  const pass = () => poll.run({});
  const jobs = pollingJobs({ ...rig, poll });
  const calm = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      clock.advance(15 * MINUTE);
      await pass();
    }
  };
  return {
    ...rig,
    poll,
    pollWith,
    pass,
    pollingSync: async (args = {}) => {
      const { job } = await jobs.start("sync", args);
      return jobs.wait(job.job_id, 20_000);
    },
    calm,
    synced: async (...emails) => {
      await poll.begin();
      const local: number[] = [];
      for (const email of emails) local.push(await rig.contact(email));
      await rig.sync();
      await calm();
      rig.forget();
      return local;
    },
    minutes: (count) => clock.advance(count * MINUTE),
    inbound: async (object) => {
      const now = new Date(clock.now() + MINUTE).toISOString();
      const lease = { owner: "looker", lease_until: now, limit: 100_000, inboundOnly: true };
      const items = await store.queue.claim({ object, now, ...lease });
      await store.queue.release(object, "looker");
      return items.map(({ local_id }) => local_id).sort((a, b) => a - b);
    },
    looks: async () => {
      const now = new Date(clock.now() + MINUTE).toISOString();
      const lease = { owner: "looker", now, lease_until: now, limit: 100_000 };
      const items = await store.remoteQueue.claim(lease);
      await store.remoteQueue.retry(
        items.map((item) => ({ ...item, error: null })),
        "looker",
      );
      return items.map(({ hubspot_id }) => hubspot_id);
    },
    close: async () => {
      await jobs.stop();
      await rig.close();
      await silent.close();
      await simulator.close();
    },
  };
}
