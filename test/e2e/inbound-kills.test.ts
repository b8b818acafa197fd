/** A process that is killed while it takes in what people did in HubSpot ends, after a restart, where an undisturbed one does. */
import Database from "better-sqlite3";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";
import { killAll } from "../support/crash-rig.ts";
import { tempFile } from "../support/store.ts";
import type { Notification } from "../support/webhook-sender.ts";
import { type Act, carryOut, type Twin, unlikeTwins } from "../support/webhook-twins.ts";
import { createContact, openWorld, runJob } from "../support/webhook-world.ts";
import { type Death, moments } from "./customer-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const seed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
/** How often the process dies in each act. */
const DEATHS = Number(process.env["CRASH_POINTS"] ?? 2);
const CONTACTS = 420;
const random = seededRandom(seed);
const below = (most: number): number => Math.floor(random() * most);
const closing: (() => Promise<void>)[] = [];

let peaceful: Twin;
let disturbed: Twin;
beforeAll(async () => {
  [peaceful, disturbed] = await Promise.all([newTwin(), newTwin()]);
});
afterEach(killAll);
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function newTwin(): Promise<Twin> {
  const database = await tempFile();
  closing.push(() => database.drop());
  const world = await openWorld({ url: database.url, contacts: CONTACTS });
  closing.push(() => world.close());
  // Known here, and not in HubSpot yet.
  const records = Array.from({ length: 10 }, (_, n) => ({ email: `new-${n}@arrivals.com` }));
  const server = await world.start();
  await runJob(server, "/api/import/records", { records });
  await server.stop();
  world.simulator.hubspot.webhooks.subscribe({ targetUrl: "http://127.0.0.1:9/webhooks/hubspot" });
  return { ...world, file: database.url };
}

/** Does an act in both worlds; the process dies with its first request, and then with one of its first `requests`. */
async function inBothWorlds(act: Act, requests: number): Promise<void> {
  const deaths = Array.from(
    { length: DEATHS },
    (_, n): Death => ({
      request: n === 0 ? 1 : 1 + below(requests),
      moment: moments[below(moments.length)] ?? "before",
      lateMs: below(20),
    }),
  );
  const [, died] = await Promise.all([
    carryOut(peaceful, act, []),
    carryOut(disturbed, act, deaths),
  ]);

  expect(died).toBeGreaterThan(0);
  expect(await unlikeTwins(disturbed, peaceful)).toEqual([]);
}

const title = (what: string) => `${what} (CRASH_SEED=${seed})`;
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);
const idOf = ({ contacts }: Twin, n: number): string => contacts[n]?.hubspotId ?? "";

test(title("while new contacts arrive"), async () => {
  const make: Act["make"] = (twin) =>
    numbers(0, 150).flatMap((n) => createContact(twin, `new-${n}@arrivals.com`, n));

  await inBothWorlds({ make }, 3);

  expect(await rowCount(disturbed, "contacts")).toBe(CONTACTS + 150);
});

test(title("while people are erased"), async () => {
  const make: Act["make"] = (twin) => {
    for (const n of numbers(0, 30)) twin.simulator.hubspot.eraseAsUser("contacts", idOf(twin, n));
    return news(twin);
  };

  await inBothWorlds({ make }, 4);

  expect(await rowCount(disturbed, "contacts")).toBe(CONTACTS + 150 - 30);
  expect(await rowCount(disturbed, "tombstones")).toBe(30);
});

for (const [index, policy] of (["keep", "unlink", "delete"] as const).entries())
  test(title(`while contacts end by the policy ${policy}`), async () => {
    const from = 40 + 40 * index;
    const make: Act["make"] = (twin) => {
      editHere(twin, numbers(from, 5));
      for (const n of numbers(from, 30))
        twin.simulator.hubspot.archiveAsUser("contacts", idOf(twin, n));
      return news(twin);
    };

    await inBothWorlds({ make, settings: { ON_DELETED_CONTACTS: policy } }, 5);
  });

test(title("while merged contacts are followed"), async () => {
  const make: Act["make"] = (twin) => {
    for (const n of numbers(0, 15))
      twin.simulator.hubspot.mergeAsUser("contacts", idOf(twin, 160 + n), idOf(twin, 180 + n));
    return news(twin);
  };

  await inBothWorlds({ make }, 6);
});

test(title("while a poll goes from page to page"), async () => {
  const make: Act["make"] = (twin) => {
    for (const n of numbers(200, 220))
      twin.simulator.hubspot.editAsUser("contacts", idOf(twin, n), { city: `Polled ${n}` });
    for (const n of numbers(200, 5))
      twin.simulator.hubspot.archiveAsUser("contacts", idOf(twin, n));
    twin.simulator.hubspot.webhooks.clear();
    return [];
  };

  await inBothWorlds({ make, sync: { object: "contacts" } }, 10);

  expect(await withCity(disturbed, "Polled ")).toBe(215);
});

test(title("while both sides are reconciled"), async () => {
  const make: Act["make"] = (twin) => {
    for (const n of numbers(210, 200))
      twin.simulator.hubspot.editAsUser("contacts", idOf(twin, n), { city: `Drifted ${n}` });
    editHere(twin, numbers(205, 10));
    for (const n of numbers(410, 5))
      twin.simulator.hubspot.archiveAsUser("contacts", idOf(twin, n));
    twin.simulator.hubspot.webhooks.clear();
    return [];
  };

  await inBothWorlds({ make, sync: { object: "contacts", mode: "reconcile" } }, 10);
});

/** What HubSpot has to tell, all of it. */
function news({ simulator }: Twin): readonly Notification[] {
  const { webhooks } = simulator.hubspot;
  const told = webhooks.pending();
  webhooks.clear();
  return told as readonly Notification[];
}

/** Another program edits contacts here. */
function editHere(twin: Twin, places: readonly number[]): void {
  const db = new Database(twin.file, { timeout: 10_000 });
  const edit = db.prepare("update contacts set city = ? where email = ?");
  for (const n of places) edit.run(`Here ${n}`, twin.contacts[n]?.email);
  db.close();
}

async function rowCount({ database }: Twin, table: string): Promise<unknown> {
  return (await database.rows(`select count(*) as n from ${table}`))[0]?.["n"];
}

async function withCity({ database }: Twin, prefix: string): Promise<unknown> {
  const query = `select count(*) as n from contacts where city like '${prefix}%'`;
  return (await database.rows(query))[0]?.["n"];
}
