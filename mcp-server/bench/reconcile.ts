/** The reconcile benchmark: contacts that both sides have, one in a hundred of them drifted apart, compared and repaired by a server of its own. */
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { Simulator } from "../simulator/simulator.ts";
import type { App } from "../src/app.ts";
import type { ContactFields } from "../src/core/contact.ts";
import { seedContacts } from "./seeded-contacts.ts";
import { range, rounded, type SyncRig, WINDOW_MS, withSyncRig } from "./sync-rig.ts";
import { type ServerProcess, startServerProcess } from "./webhook-server.ts";

export interface ReconcileBenchOptions {
  readonly contacts: number;
  /** Requests per 10 s that HubSpot allows and the program may use. */
  readonly burstLimit: number;
}

/**
 * Figures of a run over both sides. `requests_per_100` leaves the repairs out and counts per hundred records that HubSpot has; its floor is one page.
 * `seconds_at_limit` is what the requests take at HubSpot's smallest burst limit, 100 in 10 s. `peak_rss_mb` is the server's alone.
 */
export async function benchReconcile(
  options: ReconcileBenchOptions,
): Promise<Record<string, unknown>> {
  const { contacts, burstLimit } = options;
  return withSyncRig({ burstLimit, cap: contacts }, async (rig) => {
    const hubspotIds = await seedLinked(rig.app, rig.simulator, contacts);
    const first = await measuredRun(rig);
    const drift = driftApart(rig, hubspotIds);
    const { searchLagMs } = rig.simulator.hubspot.settings();
    await new Promise((resolve) => setTimeout(resolve, Math.max(WINDOW_MS, searchLagMs)));
    const run = await measuredRun(rig);
    return { contacts, burstLimit, drift, first: first.figures, ...run.figures };
  });
}

/** Contacts here and in HubSpot with the same values, linked; what both sides agree on is noted by the first run. */
async function seedLinked(
  app: App,
  simulator: Simulator,
  contacts: number,
): Promise<readonly string[]> {
  const hubspotIds = simulator.hubspot.seedContacts(
    range(contacts).map((n) => {
      const { email, first_name, last_name, job_title, city } = fieldsOf(n);
      return {
        email,
        firstname: first_name ?? "",
        lastname: last_name ?? "",
        jobtitle: job_title ?? "",
        city: city ?? "",
      };
    }),
  );
  const now = new Date().toISOString();
  await seedContacts(app, contacts, {
    fieldsOf,
    enrichmentOf: () => ({
      status: "synced",
      enriched_at: now,
      quality_score: null,
      intelligence: null,
    }),
  });
  for (let from = 0; from < contacts; from += 5_000) {
    const numbers = range(Math.min(5_000, contacts - from)).map((n) => from + n);
    const stored = await app.store.contacts.findByEmails(numbers.map((n) => fieldsOf(n).email));
    const ids = new Map(stored.map(({ email, id }) => [email, id]));
    const links = numbers.map((n) => ({
      object: "contacts" as const,
      local_id: ids.get(fieldsOf(n).email) ?? 0,
      hubspot_id: hubspotIds[n] ?? "",
    }));
    await app.store.links.put(links, now);
  }
  return hubspotIds;
}

function fieldsOf(n: number): ContactFields {
  return {
    email: `person-${n}@example.com`,
    first_name: "Pat",
    last_name: `Number ${n}`,
    company: null,
    domain: null,
    job_title: "Head of Finance",
    phone: null,
    country: null,
    city: "Berlin",
    website: null,
    linkedin_url: null,
    custom: null,
    email_status: null,
    engagement_state: null,
    unsubscribed: false,
  };
}

/** One in a hundred: of ten such, four changed here, four in HubSpot, one deleted and one merged there; no signal of it is left. */
function driftApart({ simulator, databasePath }: SyncRig, hubspotIds: readonly string[]) {
  const { hubspot } = simulator;
  const drift = { changed_here: 0, changed_in_hubspot: 0, deleted: 0, merged: 0 };
  const here: string[] = [];
  for (let n = 0; n + 1 < hubspotIds.length; n += 100) {
    const [id = "", next = ""] = hubspotIds.slice(n, n + 2);
    const lot = (n / 100) % 10;
    if (lot < 4) here.push(fieldsOf(n).email);
    else if (lot < 8) hubspot.editAsUser("contacts", id, { city: "Hamburg" });
    else if (lot === 8) hubspot.archiveAsUser("contacts", id);
    else hubspot.mergeAsUser("contacts", id, next);
    drift.changed_in_hubspot += lot >= 4 && lot < 8 ? 1 : 0;
    drift.deleted += lot === 8 ? 1 : 0;
    drift.merged += lot === 9 ? 1 : 0;
  }
  drift.changed_here = here.length;
  changeUnseen(databasePath, here);
  return drift;
}

function changeUnseen(path: string, emails: readonly string[]): void {
  const database = new Database(path, { timeout: 10_000 });
  try {
    const change = database.prepare("update contacts set city = 'Munich' where email = ?");
    database.transaction(() => {
      for (const email of emails) change.run(email);
      database.exec("delete from change_log; delete from sync_queue");
    })();
  } finally {
    database.close();
  }
}

/** One reconciliation by a fresh server, so that its memory is that of this run. */
async function measuredRun(rig: SyncRig) {
  const { simulator } = rig;
  const server = await startServerProcess(environmentOf(rig));
  try {
    await server.job("/api/sync/hubspot", { object: "contacts", filter: { status: "enriched" } });
    simulator.requests.clear();
    const started = performance.now();
    const counts = await server.job("/api/sync/hubspot", { object: "contacts", mode: "reconcile" });
    const seconds = (performance.now() - started) / 1_000;
    const requests = simulator.requests.list({ service: "hubspot" });
    const lists = requests.filter(({ method, path }) => method === "GET" && isList(path)).length;
    const figures = {
      requests: requests.length,
      list_requests: lists,
      repair_requests: requests.length - lists,
      requests_per_100: rounded((lists * 100) / (counts["hubspot_records"] ?? 1)),
      floor_requests: Math.ceil((counts["hubspot_records"] ?? 0) / 100),
      seconds_at_limit: rounded((requests.length * WINDOW_MS) / 1_000 / SMALLEST_BURST),
      seconds: rounded(seconds),
      peak_rss_mb: peakRssMb(server),
      counts,
    };
    return { figures };
  } finally {
    await server.stop();
  }
}

// HubSpot docs, usage guidelines: the least that any plan allows in ten seconds.
const SMALLEST_BURST = 100;

function isList(path: string): boolean {
  return path.endsWith("/contacts");
}

/** The most memory that the server ever held, in megabytes, as Linux keeps it; null elsewhere. */
function peakRssMb({ pid }: ServerProcess): number | null {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return peak === undefined ? null : Math.round(Number(peak) / 1_024);
  } catch {
    return null;
  }
}

function environmentOf({ simulator, databasePath, burstLimit }: SyncRig): Record<string, string> {
  return {
    DATABASE_URL: databasePath,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_BURST_LIMIT: String(burstLimit),
    LOG_LEVEL: "info",
    POLL_SCHEDULE: "off",
    RECONCILE_SCHEDULE: "off",
    AUTO_ENRICH_ON_IMPORT: "false",
    AUTO_SYNC_AFTER_ENRICH: "false",
  };
}
