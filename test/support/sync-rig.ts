/** A real store, the strict simulator, the real HubSpot adapter and the sync worker, run as real jobs under a test's clock. */
import { readFileSync } from "node:fs";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";
import type { Contact, ContactPatch } from "../../mcp-server/src/core/contact.ts";
import { type FieldMaps, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { Job } from "../../mcp-server/src/core/job.ts";
import type { RunCaps } from "../../mcp-server/src/core/sync-caps.ts";
import { readNotification } from "../../mcp-server/src/core/webhook-event.ts";
import { createExplorium } from "../../mcp-server/src/enrichment/explorium.ts";
import { Events } from "../../mcp-server/src/events.ts";
import { createHubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import type { Crm } from "../../mcp-server/src/ports/crm.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { createCrmSyncWorker } from "../../mcp-server/src/workers/crm-sync-worker.ts";
import { createEnrichmentWorker } from "../../mcp-server/src/workers/enrichment-worker.ts";
import { createJobRunner, type JobRunner } from "../../mcp-server/src/workers/job-runner.ts";
import {
  createLiveSync,
  type LiveSync,
  type LiveSyncOptions,
} from "../../mcp-server/src/workers/live-sync.ts";
import { newContactAt } from "./build.ts";
import { type FakeClock, fakeClock } from "./clock.ts";
import { type KeptLog, keptLog } from "./quiet-log.ts";
import { tempStore } from "./store.ts";
import { contactByEmail, insertContact } from "./stored-contacts.ts";

export const START = "2026-06-01T08:00:00.000Z";
export const QUARTER_HOUR = 15 * 60_000;

const generousCaps: RunCaps = { creates: 100_000, updates: 100_000, clears: 100_000 };

export interface SyncRig {
  readonly simulator: Simulator;
  readonly store: Store;
  readonly clock: FakeClock;
  readonly jobs: JobRunner;
  readonly crm: Crm;
  readonly log: KeptLog;
  readonly events: Events;
  readonly maps: FieldMaps;
  /** One look at inbox and queues, as the server takes several times a second. */
  readonly live: LiveSync;
  /** Has HubSpot's changes raise notifications from now on; they wait in HubSpot until `hear` or the test brings them. */
  listen(): void;
  /** Puts what waits in HubSpot into the inbox, as the door does; returns the notifications. */
  hear(): Promise<readonly unknown[]>;
  /** Puts notifications into the inbox, as the door does. */
  notify(...notifications: readonly unknown[]): Promise<void>;
  /** Runs one sync to its end. */
  sync(args?: Readonly<Record<string, unknown>>): Promise<Job>;
  /** Adds a local contact that is enriched and due, and returns its id. */
  contact(email: string, fields?: ContactPatch): Promise<number>;
  one(email: string): Promise<Contact>;
  /** What HubSpot holds of a contact; empty when it has none with this e-mail. */
  remote(email: string): Readonly<Record<string, string>>;
  /** Runs what the scheduler would run once the retries are due. */
  retryLater(): Promise<void>;
  /** Does something while the first request to this path, refused for a limit, waits to be tried again. */
  whileWaitingFor(path: string, act: () => unknown): void;
  /** Requests HubSpot has seen since `forget`, as "METHOD path-without-ids". */
  requests(): readonly string[];
  forget(): void;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly token?: string;
  readonly crm?: null;
  readonly accountKey?: string;
  readonly maps?: FieldMaps;
  readonly clock?: FakeClock;
  readonly caps?: Partial<RunCaps>;
  /** Left out = a fresh one on SQLite. It is closed with the rig. */
  readonly store?: Store;
  /** Settings of looks, and of what they share with sync jobs. */
  readonly live?: Partial<LiveSyncOptions>;
  /** Another process on the same database and HubSpot. */
  readonly beside?: SyncRig;
}

export async function syncRig(options: RigOptions = {}): Promise<SyncRig> {
  const { beside } = options;
  const clock = beside?.clock ?? options.clock ?? fakeClock(START);
  const simulator =
    beside?.simulator ??
    (await startSimulator({ hubspot: { settings: { searchLagMs: 0, burstLimit: 1_000 } } }));
  const store = options.store ?? beside?.store ?? (await tempStore());
  const log = keptLog();
  const events = new Events(() => undefined);
  const crm = createHubspotCrm({
    baseUrl: simulator.hubspotUrl,
    accessToken: options.token ?? simulator.hubspotToken,
    burstLimit: 1_000,
    clock,
    log,
    random: () => 0,
    timeoutMs: 400,
  });
  const maps =
    options.maps ??
    parseFieldMap(readFileSync("data/field-map.json", "utf8"), "data/field-map.json");
  await store.changes.capture(maps);
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}_${beside ? "b" : "a"}${++ids}`;
  const shared = {
    store,
    maps,
    accountKey: options.accountKey ?? "account",
    owner: beside ? "other" : "test",
    clock,
    newId,
    log,
    events,
    caps: { ...generousCaps, ...options.caps },
    burstLimit: 1_000,
    ...options.live,
  };
  const worker = createCrmSyncWorker({ ...shared, crm: options.crm === null ? null : crm });
  const enriching = createEnrichmentWorker({
    ...shared,
    store: store.by("enrich"),
    intelligence: null,
    companyData: createExplorium({
      clock,
      log,
      random: () => 0,
      apiKey: simulator.exploriumKey,
      baseUrl: simulator.exploriumUrl,
    }),
  });
  const notify: SyncRig["notify"] = async (...notifications) => {
    const at = clock.iso();
    const read = notifications.map((one) => readNotification(one, { at, appId: null }));
    await store.inbox.add(read, at);
  };
  const { webhooks } = simulator.hubspot;
  const jobs = createJobRunner({
    store,
    handlers: { sync: worker.run, import: worker.run, enrich: enriching.run },
    clock,
    newId,
    log,
    events,
    owner: beside ? "other" : "test",
  });
  const sync: SyncRig["sync"] = async (args = {}) => {
    const { job } = await jobs.start("sync", args);
    return jobs.wait(job.job_id, 20_000);
  };
  return {
    simulator,
    store,
    clock,
    jobs,
    crm,
    log,
    events,
    maps,
    live: createLiveSync({ ...shared, crm }),
    listen: () => {
      // Nothing is sent there: what waits is handed over by `hear`.
      webhooks.subscribe({ targetUrl: "http://127.0.0.1:9/webhooks/hubspot" });
    },
    hear: async () => {
      const waiting = webhooks.pending();
      webhooks.clear();
      await notify(...waiting);
      return waiting;
    },
    notify,
    sync,
    contact: (email, fields = {}) => addContact(store, clock, email, fields),
    one: (email) => contactByEmail(store, email),
    remote: (email) => simulator.hubspot.find("contacts", email)?.properties ?? {},
    retryLater: async () => {
      clock.advance(QUARTER_HOUR);
      await sync({ queued_only: true });
    },
    whileWaitingFor: (path, act) => {
      simulator.faults.add({ service: "hubspot", name: "http-429", times: 1, path });
      const { wait } = clock;
      clock.wait = async (ms, signal) => {
        clock.wait = wait;
        await act();
        return wait(ms, signal);
      };
    },
    requests: () =>
      simulator.requests
        .list({ service: "hubspot" })
        .map(({ method, path }) => `${method} ${path}`),
    forget: () => simulator.requests.clear(),
    close: async () => {
      await jobs.stop();
      if (beside) return;
      await store.close();
      await simulator.close();
    },
  };
}

async function addContact(
  store: Store,
  clock: FakeClock,
  email: string,
  patch: ContactPatch,
): Promise<number> {
  const id = await insertContact(store, newContactAt(clock.iso(), { email }));
  // As it came, not as an edit of today.
  await store
    .by("sync")
    .contacts.update(
      [{ id, set: { status: "enriched", enriched_at: clock.iso(), ...patch } }],
      clock.iso(),
    );
  return id;
}

/** Generated text, so that a contact has something to note. */
export const intelligence: NonNullable<Contact["intelligence"]> = {
  summary: "Runs finance at a mid-sized firm.",
  pain_points: ["Two customer lists"],
  personalization_hooks: ["A new office"],
  confidence: 0.7,
  evidence_ids: ["F1"],
  model: "test",
};
