/** Two servers on one database, and HubSpot's notifications sent to either in turn. */
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { hasEnded, type JobSeen, killAll, type RunningServer } from "../support/crash-rig.ts";
import { describeEachEngine } from "../support/store.ts";
import { webhookLoad } from "../support/webhook-load.ts";
import { webhookSender } from "../support/webhook-sender.ts";
import {
  allDone,
  CLIENT_SECRET,
  createContact,
  editContact,
  emails,
  missingFrom,
  unlike,
  urlOf,
  type WebhookWorld,
  webhookWorld,
} from "../support/webhook-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 120_000 });

const CONTACTS = 200;
const EDITS = 400;
const ARRIVALS = 60;

afterEach(killAll);

describeEachEngine("two servers that HubSpot notifies in turn", (_, { empty }) => {
  test("apply every change, take each new contact over once, and send nothing back", async () => {
    const { world, servers } = await twoServers(await empty());
    const sender = webhookSender({ secret: CLIENT_SECRET });
    onTestFinished(() => sender.close());
    sender.aim(...servers.map(urlOf));

    // Everything twice, so that either server hears of each change.
    for (let n = 0; n < EDITS; n += 1) {
      const contact = world.contacts[n % CONTACTS];
      const told = contact ? editContact(world, contact, n) : [];
      for (const _time of ["first", "again"]) sender.send(told);
      const isArrival = n % Math.floor(EDITS / ARRIVALS) === 0;
      const arrival = isArrival ? createContact(world, `new-${n}@arrivals.com`, n) : [];
      for (const _time of ["first", "again"]) if (isArrival) sender.send(arrival);
      if (n % 20 === 0) await new Promise((wake) => setTimeout(wake, 20));
    }
    await allDone(world, sender, ...servers);
    await Promise.all(servers.map((server) => server.stop()));

    const arrived = Math.ceil(EDITS / Math.floor(EDITS / ARRIVALS));
    expect(await missingFrom(world, sender)).toEqual([]);
    expect(await unlike(world)).toEqual([]);
    expect(await emails(world)).toEqual({ all: CONTACTS + arrived, distinct: CONTACTS + arrived });
    expect(writes(world)).toEqual([]);
    expect(await both(world, servers)).toEqual([]);
  });

  test("reconcile once at a time, and poll once at a time, whoever is asked", async () => {
    const { world, servers } = await twoServers(await empty());
    const sender = webhookSender({ secret: CLIENT_SECRET });
    const load = webhookLoad(world, sender, { perSecond: 50, newEvery: 20 });
    onTestFinished(() => {
      load.pause();
      sender.close();
    });
    sender.aim(...servers.map(urlOf));
    load.begin();

    const asked = [{ mode: "reconcile" }, {}, { mode: "reconcile" }].flatMap((args) =>
      servers.map((server) => ask(server, args)),
    );
    const jobs = await Promise.all(asked);
    load.pause();
    await allDone(world, sender, ...servers);
    await Promise.all(servers.map((server) => server.stop()));

    expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(["completed"]));
    expect(await overlapping(world)).toEqual([]);
    expect(await world.database.rows("select name from leases")).toEqual([]);
    expect(await unlike(world)).toEqual([]);
    const people = CONTACTS + load.made().created;
    expect(await emails(world)).toEqual({ all: people, distinct: people });
    expect(await both(world, servers)).toEqual([]);
  });
});

async function twoServers(
  url: string,
): Promise<{ readonly world: WebhookWorld; readonly servers: readonly RunningServer[] }> {
  const world = await webhookWorld({ url, contacts: CONTACTS });
  return { world, servers: await Promise.all([world.start(), world.start()]) };
}

async function ask(server: RunningServer, args: object): Promise<JobSeen> {
  const body = { object: "contacts", wait_seconds: 0, ...args };
  const { job_id } = await server.post<JobSeen>("/api/sync/hubspot", body);
  return server.jobUntil(job_id, hasEnded);
}

/** Requests that changed contacts in HubSpot. */
function writes({ simulator }: WebhookWorld): readonly string[] {
  return simulator.requests
    .list({ service: "hubspot" })
    .filter(({ path }) => /contacts\/batch\/(create|update|upsert)/.test(path))
    .map(({ path }) => path);
}

/** Syncs that ran at the same time as another one; two that were asked for at once run one after the other. */
async function overlapping({ database }: WebhookWorld): Promise<readonly unknown[]> {
  return database.rows(
    `select one.job_id, other.job_id as beside from jobs as one join jobs as other
       on one.kind = 'sync' and other.kind = 'sync' and one.job_id < other.job_id
      and one.started_at < other.finished_at and other.started_at < one.finished_at`,
  );
}

// Said of a record that a process had begun and read again, as when both meet at one: it is told, and no loss.
const READ_AGAIN = "The work was cut off before its outcome was noted; the record is read again.";

/** What went wrong: alarms in the log, and records that failed. */
async function both(
  { database }: WebhookWorld,
  servers: readonly RunningServer[],
): Promise<readonly unknown[]> {
  const alarms = servers.flatMap(({ child }) =>
    child
      .stderr()
      .split("\n")
      .filter((line) => /locked|"level":[56]0/.test(line)),
  );
  const failed = await database.rows(
    "select local_id, error from sync_log where error is not null",
  );
  return [...alarms, ...failed.filter(({ error }) => error !== READ_AGAIN)];
}
