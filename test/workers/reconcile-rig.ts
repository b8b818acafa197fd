/** Many contacts that both sides hold alike, and reconciliations that can be cut off at any point and go on. */
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import type { RunningJob } from "../../mcp-server/src/core/job.ts";
import { type ReconcileReport, reportSchema } from "../../mcp-server/src/core/reconcile-report.ts";
import { Events } from "../../mcp-server/src/events.ts";
import { createHubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import type { JobPatch } from "../../mcp-server/src/ports/job-store.ts";
import type { JobContext } from "../../mcp-server/src/ports/jobs.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { createCrmSyncWorker } from "../../mcp-server/src/workers/crm-sync-worker.ts";
import { newContactAt } from "../support/build.ts";
import { keptLog } from "../support/quiet-log.ts";
import { machineClock, mapsWith } from "./sync-scene.ts";

/** When a run is cut off: once this save was durable, or right before it would have been. */
export interface CutOff {
  readonly save: number;
  readonly at: "before" | "after";
}

export interface ReconcileRig {
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  readonly store: Store;
  /** Local and HubSpot ids by the contact's number. */
  readonly ids: readonly { readonly local: number; readonly hubspot: string }[];
  /** Runs one reconciliation to its end, cut off and taken up again as said; with how many saves it made. */
  reconcile(args: object, cutOff?: CutOff): Promise<{ report: ReconcileReport; saves: number }>;
  close(): Promise<void>;
}

class Killed extends Error {}

/** Contacts person-0 … linked on both sides, equal, and HubSpot set up. */
export async function reconcileRig(store: Store, count: number): Promise<ReconcileRig> {
  const clock = machineClock();
  const log = keptLog();
  const settings = { searchLagMs: 0, burstLimit: 1_000 };
  const simulator = await startSimulator({ hubspot: { settings } });
  const maps = mapsWith({});
  await store.changes.capture(maps);
  const crm = createHubspotCrm({
    baseUrl: simulator.hubspotUrl,
    accessToken: simulator.hubspotToken,
    burstLimit: 1_000,
    clock,
    log,
    random: () => 0,
  });
  const { run } = createCrmSyncWorker({
    store,
    crm,
    maps,
    accountKey: "account",
    owner: "test",
    clock,
    newId: (prefix) => `${prefix}_1`,
    log,
    events: new Events(() => undefined),
    caps: { creates: 1_000, updates: 1_000, clears: 1_000 },
    burstLimit: 1_000,
  });
  let runs = 0;
  const runJob = async (args: object, cutOff?: CutOff) => {
    runs += 1;
    const kept = { patch: {} as JobPatch, saves: 0 };
    const again = async (): Promise<JobPatch> => {
      try {
        return await run(contextOf(kept, { job_id: `sync_${runs}`, args, cutOff }));
      } catch (thrown) {
        if (!(thrown instanceof Killed)) throw thrown;
        return again();
      }
    };
    return { patch: await again(), saves: kept.saves };
  };
  await runJob({ object: "contacts" });
  const ids = await linkedContacts(store, simulator, { count, now: clock.iso() });
  return {
    simulator,
    store,
    ids,
    reconcile: async (args, cutOff) => {
      const { patch, saves } = await runJob(
        { mode: "reconcile", object: "contacts", ...args },
        cutOff,
      );
      return { report: reportSchema.parse(patch.result), saves };
    },
    close: () => simulator.close(),
  };
}

function contextOf(
  kept: { patch: JobPatch; saves: number },
  { job_id, args, cutOff }: { job_id: string; args: object; cutOff: CutOff | undefined },
): JobContext {
  const job: RunningJob = {
    job_id,
    kind: "sync",
    status: "running",
    args: { ...args },
    progress: { done: 0, total: null, phase: "" },
    counts: {},
    errors: [],
    notes: [],
    result: null,
    next: null,
    created_at: "",
    started_at: null,
    finished_at: null,
    cancel_requested: false,
    ...kept.patch,
    checkpoint: kept.patch.checkpoint ?? null,
  };
  return {
    job,
    signal: new AbortController().signal,
    save: async (patch) => {
      kept.saves += 1;
      const isCut = kept.saves === cutOff?.save;
      if (isCut && cutOff.at === "before") throw new Killed();
      kept.patch = { ...kept.patch, ...patch };
      if (isCut) throw new Killed();
    },
  };
}

async function linkedContacts(
  store: Store,
  simulator: ReconcileRig["simulator"],
  { count, now }: { readonly count: number; readonly now: string },
): Promise<ReconcileRig["ids"]> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const email = (n: number): string => `person-${n}@example.com`;
  const hubspotIds = simulator.hubspot.seedContacts(
    numbers.map((n) => ({ email: email(n), firstname: "Pat", city: "Bonn" })),
  );
  const inserted = await store
    .by("sync")
    .contacts.insert(
      numbers.map((n) => newContactAt(now, { email: email(n), first_name: "Pat", city: "Bonn" })),
    );
  const set = { status: "synced", enriched_at: now, synced_at: now } as const;
  await store.by("sync").contacts.update(
    inserted.map(({ id }) => ({ id, set })),
    now,
  );
  const stored = await store.contacts.findByEmails(numbers.map(email));
  const localIds = new Map(stored.map((contact) => [contact.email, contact.id]));
  const ids = numbers.map((n) => ({
    local: localIds.get(email(n)) ?? 0,
    hubspot: hubspotIds[n] ?? "",
  }));
  await store.links.put(
    ids.map(({ local, hubspot }) => ({ object: "contacts", local_id: local, hubspot_id: hubspot })),
    now,
  );
  return ids;
}
