/** Two worlds in which people do the same: in one of them the process dies at work, and both must end alike. */
import { expect } from "vitest";
import { arm, type Death } from "../e2e/customer-world.ts";
import { hasEnded, type JobSeen, type RunningServer } from "./crash-rig.ts";
import { differences, hubspotState, localState } from "./crash-state.ts";
import { type Notification, webhookSender } from "./webhook-sender.ts";
import { allDone, CLIENT_SECRET, isDone, urlOf, type WebhookWorld } from "./webhook-world.ts";

export interface Twin extends WebhookWorld {
  readonly file: string;
}

/** What people do, and what the program is then asked for. */
export interface Act {
  /** Does it in HubSpot or here; returns what HubSpot notifies. */
  readonly make: (twin: Twin) => readonly Notification[] | Promise<readonly Notification[]>;
  /** Arguments of a sync that is asked for; left out = none is. */
  readonly sync?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Has an act done to its end by one process after the other, each of which dies as told. Returns how many died at work. */
export async function carryOut(twin: Twin, act: Act, deaths: readonly Death[]): Promise<number> {
  const sender = webhookSender({ secret: CLIENT_SECRET });
  const told = await act.make(twin);
  for (let n = 0; n < told.length; n += 50) sender.send(told.slice(n, n + 50));
  let jobId: string | null = null;
  const begin = async (): Promise<RunningServer> => {
    const server = await twin.start(act.settings);
    sender.aim(urlOf(server));
    if (act.sync && jobId === null) jobId = await ask(server, act.sync);
    return server;
  };
  let died = 0;
  for (const death of deaths) {
    arm(twin, death);
    const server = await begin();
    if (await strikes(twin, death, () => sender.waiting() === 0)) died += 1;
    await server.kill();
    sender.aim();
    twin.simulator.faults.clear();
    await twin.letLeasesRunOut();
  }
  const server = await begin();
  await allDone(twin, sender, server);
  const job = jobId === null ? null : await server.jobUntil(jobId, hasEnded);
  await server.stop();
  sender.close();
  expect(job?.status ?? "completed").toBe("completed");
  expect(server.child.stderr()).not.toMatch(/"level":[56]0/);
  return died;
}

async function ask(server: RunningServer, args: object): Promise<string> {
  const body = { wait_seconds: 0, ...args };
  return (await server.post<JobSeen>("/api/sync/hubspot", body)).job_id;
}

/** Waits for the moment; false when all was done before it came. */
async function strikes(
  twin: Twin,
  { request, moment, lateMs }: Death,
  areSent: () => boolean,
): Promise<boolean> {
  const isThere = (): boolean => {
    const list = twin.simulator.requests.list({ service: "hubspot" });
    return moment === "answered"
      ? list.filter(({ status }) => status !== null).length >= request
      : list.some(({ fault }) => fault === `timeout-${moment}-commit`);
  };
  const deadline = Date.now() + 30_000;
  while (!isThere() && !(areSent() && (await isDone(twin)))) {
    if (Date.now() > deadline) throw new Error("The process neither died nor ended its work.");
    await new Promise((wake) => setTimeout(wake, 5));
  }
  // A request is noted before it is carried out.
  if (moment !== "before") await new Promise((wake) => setTimeout(wake, lateMs));
  return isThere();
}

/** What differs between two worlds, here and in HubSpot: nothing but row numbers, ids, times and numbers of tries may. */
export async function unlikeTwins(actual: Twin, expected: Twin): Promise<readonly string[]> {
  return differences(await stateOf(actual), await stateOf(expected));
}

async function stateOf(twin: Twin): Promise<unknown> {
  const { contacts, ...local } = localState(twin.file, twin.simulator);
  const byEmail = (rows: readonly { readonly email?: string }[]) =>
    Object.fromEntries(rows.map(({ email = "", ...row }) => [email, { ...row, attempts: "any" }]));
  const there = hubspotState(twin.simulator);
  return {
    contacts: byEmail(contacts as readonly { readonly email?: string }[]),
    local: { ...local, conflicts: await conflicts(twin) },
    there: { ...there, contacts: byEmail(there.contacts) },
    tombstones: await twin.database.rows(
      `select object, reason, policy, count(*) as n, count(local_id) as local, count(key_hash) as hashed
       from tombstones group by object, reason, policy order by object, reason, policy`,
    ),
  };
}

function conflicts({ database }: Twin): Promise<readonly unknown[]> {
  return database.rows(
    `select contacts.email, field, conflicts.status, count(*) as n from conflicts
     left join contacts on contacts.id = conflicts.local_id
     group by contacts.email, field, conflicts.status order by contacts.email, field, conflicts.status`,
  );
}
