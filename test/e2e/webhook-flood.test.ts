/** More notifications than can be worked on: they are refused and taken later, in bounded memory, beside imports and reconciliations. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { writeCsv } from "../../mcp-server/bench/csv-file.ts";
import { killAll, type RunningServer } from "../support/crash-rig.ts";
import { tempFile } from "../support/store.ts";
import { answers, notificationsIn, print, webhookLoad } from "../support/webhook-load.ts";
import { type WebhookSender, webhookSender } from "../support/webhook-sender.ts";
import {
  allDone,
  CLIENT_SECRET,
  editContact,
  missingFrom,
  runJob,
  unlike,
  urlOf,
  type WebhookWorld,
  webhookWorld,
} from "../support/webhook-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 120_000 });

const EVENTS = 15_000;
const AT_ONCE = 32;
const MAX_WAITING = 3_000;
/** What the process may take beyond what it has after start-up, in MB. */
const ROOM_MB = 250;

afterEach(killAll);

async function fileWorld(
  contacts: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<WebhookWorld> {
  const database = await tempFile();
  onTestFinished(() => database.drop());
  return webhookWorld({ url: database.url, contacts, settings });
}

function sending(concurrency: number): WebhookSender {
  const sender = webhookSender({ secret: CLIENT_SECRET, concurrency });
  onTestFinished(() => sender.close());
  return sender;
}

test("beyond WEBHOOK_MAX_WAITING a flood is answered 503, and all of it arrives when HubSpot tries again", async () => {
  const world = await fileWorld(400, { WEBHOOK_MAX_WAITING: String(MAX_WAITING) });
  const server = await world.start();
  const sender = sending(AT_ONCE);
  const before = await memoryMb(server);
  const told = Array.from({ length: EVENTS / 10 }, (_, n) => {
    const contact = world.contacts[n % world.contacts.length];
    return contact ? editContact(world, contact, n) : [];
  });

  // A hundred a request, as HubSpot sends when it has many.
  for (let n = 0; n < told.length; n += 10) sender.send(told.slice(n, n + 10).flat());
  sender.aim(urlOf(server));
  const deepest = await whileWaiting(sender, () => depth(world));
  await allDone(world, sender, server);
  const peak = await memoryMb(server, "VmHWM");
  await server.stop();

  print({ flood: EVENTS, deepest, memory_mb: { before, peak }, ...answers(sender) });
  expect(new Set(sender.attempts.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(deepest).toBeGreaterThan(0);
  // Ten requests that come at once each find room for themselves.
  expect(deepest).toBeLessThanOrEqual(MAX_WAITING + AT_ONCE * 100);
  expect(sender.acknowledged.size).toBe(EVENTS);
  expect(await missingFrom(world, sender)).toEqual([]);
  expect(await unlike(world)).toEqual([]);
  expect(peak - before).toBeLessThan(ROOM_MB);
});

test("an import and a reconciliation at the same time lose no notification and keep nobody out", async () => {
  const world = await fileWorld(1_000);
  const csv = join(world.folder, "many.csv");
  await writeCsv(csv, 20_000, 3);
  const server = await world.start();
  const sender = sending(10);
  const load = webhookLoad(world, sender, { perSecond: 200, newEvery: 50 });
  onTestFinished(() => load.pause());
  sender.aim(urlOf(server));

  load.begin();
  const [imported] = await Promise.all([
    runJob(server, "/api/import/csv", { path: csv }),
    runJob(server, "/api/sync/hubspot", { object: "contacts", mode: "reconcile" }),
  ]);
  load.pause();
  await allDone(world, sender, server);
  await server.stop();

  print({ beside: "import and reconcile", rows: imported.progress.done, ...answers(sender) });
  expect(new Set(sender.attempts.map(({ status }) => status))).toEqual(new Set([200]));
  expect(sender.acknowledged.size).toBe(notificationsIn(load.made()));
  expect(await missingFrom(world, sender)).toEqual([]);
  expect(await unlike(world)).toEqual([]);
});

async function depth({ database }: WebhookWorld): Promise<number> {
  const [row] = await database.rows(
    "select count(*) as waiting from webhook_events where processed_at is null",
  );
  return Number(row?.["waiting"]);
}

/** The most that something was while requests waited for their 2xx. */
async function whileWaiting(
  sender: WebhookSender,
  measure: () => Promise<number>,
): Promise<number> {
  let most = 0;
  const deadline = Date.now() + 60_000;
  while (sender.waiting() > 0 && Date.now() < deadline) {
    most = Math.max(most, await measure());
    await new Promise((wake) => setTimeout(wake, 10));
  }
  return most;
}

/** Resident memory of the server's process now, or (VmHWM) at its peak. */
async function memoryMb(
  { child }: RunningServer,
  what: "VmRSS" | "VmHWM" = "VmRSS",
): Promise<number> {
  const status = await readFile(`/proc/${child.process.pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
}
