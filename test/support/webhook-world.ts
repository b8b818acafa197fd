/** A team's database of either engine, its HubSpot with people at work in it, and server processes between them that may be killed. */
import { onTestFinished } from "vitest";
import {
  type EditedContact,
  editProperties,
  notificationsOf,
  seedEdited,
} from "../../mcp-server/bench/webhook-edits.ts";
import { type Simulator, startSimulator } from "../../mcp-server/simulator/simulator.ts";

import { sandbox } from "./child-server.ts";
import { hasEnded, type JobSeen, type RunningServer, startHttp } from "./crash-rig.ts";
import { type Connection, connectTo } from "./webhook-database.ts";
import type { Notification, WebhookSender } from "./webhook-sender.ts";

export const CLIENT_SECRET = "client-secret-of-a-test";

export interface WebhookWorld {
  readonly simulator: Simulator;
  /** The database, beside the servers. */
  readonly database: Connection;
  readonly folder: string;
  /** Contacts that both sides have and agree on. */
  readonly contacts: readonly EditedContact[];
  start(settings?: Readonly<Record<string, string>>): Promise<RunningServer>;
  /** Stands for the time until the leases of dead processes are over. Only right while no server runs. */
  letLeasesRunOut(): Promise<void>;
}

export interface WebhookWorldOptions {
  readonly url: string;
  readonly contacts: number;
  readonly settings?: Readonly<Record<string, string>>;
}

const generous = {
  searchLagMs: 0,
  searchPerSecond: 100,
  burstLimit: 1_000,
  associationsBurstLimit: 1_000,
};

/** A world that ends with the test. */
export async function webhookWorld(options: WebhookWorldOptions): Promise<WebhookWorld> {
  const world = await openWorld(options);
  onTestFinished(() => world.close());
  return world;
}

/** Nothing asks HubSpot by itself there: what arrives came by notification. Its servers must have ended before it is closed. */
export async function openWorld(
  options: WebhookWorldOptions,
): Promise<WebhookWorld & { close(): Promise<void> }> {
  const simulator = await startSimulator({
    // The limits have tests of their own; a process that forgets its budget with each death would only wait here.
    hubspot: { settings: generous },
  });
  const box = await sandbox({
    DATABASE_URL: options.url,
    HUBSPOT_BASE_URL: simulator.hubspotUrl,
    HUBSPOT_ACCESS_TOKEN: simulator.hubspotToken,
    HUBSPOT_CLIENT_SECRET: CLIENT_SECRET,
    HUBSPOT_BURST_LIMIT: "1000",
    AUTO_SYNC_AFTER_ENRICH: "true",
    ...options.settings,
  });
  const contacts = seedEdited(simulator, options.contacts);
  const start: WebhookWorld["start"] = (settings) => startHttp({ ...box.env, ...settings });
  const server = await start();
  await runJob(server, "/api/import/hubspot", {});
  await runJob(server, "/api/sync/hubspot", {});
  await server.stop();
  simulator.requests.clear();
  const database = await connectTo(options.url);
  return {
    ...{ simulator, database, contacts, start },
    folder: box.folder,
    letLeasesRunOut: () => letLeasesRunOut(database),
    close: async () => {
      await database.end();
      await simulator.close();
      await box.remove();
    },
  };
}

/** Runs a job to its end. Throws when it does not complete. */
export async function runJob(server: RunningServer, path: string, args: object): Promise<JobSeen> {
  const { job_id } = await server.post<JobSeen>(path, { ...args, wait_seconds: 0 });
  const job = await server.jobUntil(job_id, hasEnded);
  if (job.status !== "completed") throw new Error(`${path}: ${JSON.stringify(job)}`);
  return job;
}

const LONG_AGO = "2000-01-01T00:00:00.000Z";

async function letLeasesRunOut({ run }: Connection): Promise<void> {
  await run(`update jobs set lease_until = '${LONG_AGO}' where status = 'running'`);
  for (const queue of ["sync_queue", "hubspot_queue"])
    await run(`update ${queue} set lease_until = '${LONG_AGO}' where lease_until > ''`);
  await run(`update leases set until = '${LONG_AGO}'`);
}

/** Where a server listens. */
export function urlOf({ child }: RunningServer): string {
  return /"url":"([^"]+)"/.exec(child.stderr())?.[1] ?? "";
}

/** A person changes ten properties of a contact; returns what HubSpot notifies of it. `edit` numbers edits, and their values tell it. */
export function editContact(
  { simulator }: Pick<WebhookWorld, "simulator">,
  { hubspotId }: EditedContact,
  edit: number,
): readonly Notification[] {
  simulator.hubspot.editAsUser("contacts", hubspotId, editProperties(edit));
  return JSON.parse(notificationsOf(hubspotId, edit, Date.now()));
}

// Apart from the numbers of edits' notifications.
const CREATIONS_FROM = 100_000_000;

/** A person creates a contact in HubSpot; returns what HubSpot notifies of it. */
export function createContact(
  { simulator }: Pick<WebhookWorld, "simulator">,
  email: string,
  number: number,
): readonly Notification[] {
  const now = Date.now();
  const [id] = simulator.hubspot.seed("contacts", [{ email, firstname: `New ${number}` }], now);
  return [
    {
      eventId: CREATIONS_FROM + number,
      subscriptionId: 1,
      portalId: simulator.hubspot.portalId,
      appId: simulator.hubspot.appId,
      occurredAt: now,
      subscriptionType: "contact.creation",
      objectId: Number(id),
      changeSource: "CRM_UI",
      changeFlag: "CREATED",
    },
  ];
}

/** Resolves when HubSpot has nothing left to tell and nothing is left to do of it. Throws with what is open, and with the servers' words, after a minute. */
export async function allDone(
  world: Pick<WebhookWorld, "database">,
  sender: Pick<WebhookSender, "waiting">,
  ...servers: readonly RunningServer[]
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const open = await openIn(world);
    if (sender.waiting() === 0 && open.length === 0) return;
    if (Date.now() > deadline) {
      const logs = servers.map(({ child }) => child.stderr().slice(-3_000));
      throw new Error(
        `never done: ${sender.waiting()} requests, ${JSON.stringify(open)}\n${logs.join("\n")}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

const PATIENCE_MS = 60_000;

/** Whether nothing is left to do of what HubSpot notified, and no job is at work. */
export async function isDone(world: Pick<WebhookWorld, "database">): Promise<boolean> {
  return (await openIn(world)).length === 0;
}

/** A few rows of what is left to do: of the inbox, the queues and the jobs. */
async function openIn({ database }: Pick<WebhookWorld, "database">): Promise<readonly unknown[]> {
  return database.rows(
    `select * from (
       select 'inbox' as what, object_id as of, received_at as due, '' as held from webhook_events where processed_at is null
       union all select 'sync_queue ' || attempts, cast(local_id as text), due_at, lease_owner || ' ' || lease_until from sync_queue
       union all select 'hubspot_queue ' || attempts, hubspot_id, due_at, lease_owner || ' ' || lease_until from hubspot_queue
       union all select kind, job_id, status, lease_owner from jobs where status in ('queued', 'running')
     ) as open limit 5`,
  );
}

/** What differs, by e-mail, between what HubSpot's people wrote and the rows here; a dozen, for all of them would drown it. */
export async function unlike({ simulator, database }: WebhookWorld): Promise<readonly string[]> {
  const rows = await database.rows(
    `select email, first_name, last_name, company, job_title, city, phone, links.hubspot_id
     from contacts left join links on links.object = 'contacts' and links.local_id = contacts.id`,
  );
  const byId = new Map(rows.map((row) => [row["hubspot_id"], row]));
  const differences = simulator.hubspot.all("contacts").flatMap(({ id, properties }) => {
    const row = byId.get(id);
    if (!row) return [`${properties["email"]} is not here`];
    return Object.entries(sameHere).flatMap(([property, column]) => {
      const [here, there] = [row[column] ?? null, properties[property] || null];
      return here === there ? [] : [`${properties["email"]}: ${column} ${here}, not ${there}`];
    });
  });
  return differences.slice(0, 12);
}

/** Fields that have the same form on both sides, by property. */
const sameHere = {
  email: "email",
  firstname: "first_name",
  lastname: "last_name",
  company: "company",
  jobtitle: "job_title",
  city: "city",
  phone: "phone",
} as const;

/** Notifications that were answered 200 and that the database does not have, by the number in their payload; a dozen. */
export async function missingFrom(
  { database }: WebhookWorld,
  { acknowledged }: WebhookSender,
): Promise<readonly number[]> {
  const rows = await database.rows("select payload from webhook_events");
  const kept = new Set(rows.map(({ payload }) => Number(JSON.parse(String(payload)).eventId)));
  return [...acknowledged].filter((eventId) => !kept.has(eventId)).slice(0, 12);
}

/** How many contacts are here, and how many addresses they have. */
export async function emails({
  database,
}: WebhookWorld): Promise<Readonly<Record<string, unknown>>> {
  const [row = {}] = await database.rows(
    'select count(*) as "all", count(distinct lower(email)) as "distinct" from contacts',
  );
  return row;
}
