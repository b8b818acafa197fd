/** Notifications under load while the process is killed at random: what was answered 200 is never lost, and the import beside it ends as it should. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { seededRandom } from "../../mcp-server/bench/csv-file.ts";
import { hasEnded, type JobSeen, killAll, type RunningServer } from "../support/crash-rig.ts";
import { describeEachEngine } from "../support/store.ts";
import { answers, notificationsIn, print, webhookLoad } from "../support/webhook-load.ts";
import { webhookSender } from "../support/webhook-sender.ts";
import {
  allDone,
  CLIENT_SECRET,
  emails,
  missingFrom,
  unlike,
  urlOf,
  type WebhookWorld,
  webhookWorld,
} from "../support/webhook-world.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 300_000 });

const seed = Number(process.env["WEBHOOK_SEED"] ?? Date.now() % 1_000_000);
/** How often the process is killed, by engine. */
const kills = {
  sqlite: Number(process.env["WEBHOOK_KILLS"] ?? 20),
  postgres: Number(process.env["WEBHOOK_KILLS"] ?? 5),
} as const;
const PER_SECOND = 200;
/** A new process takes its first notifications while it is still loading its workers. */
const SHORTEST_LIFE_MS = 150;
const LONGEST_LIFE_MS = 2_200;
/** So many that hardly one is edited twice: a later edit would make good what a kill lost. */
const CONTACTS_PER_LIFE = 150;
const IMPORTED = 40_000;
/** Of so many requests one tells of a new contact. */
const NEW_EVERY = 25;

afterEach(killAll);

describeEachEngine("a process killed under load", (_, { engine, empty }) => {
  const count = kills[engine];
  test(`${count} kills lose no notification that was answered 200 (WEBHOOK_SEED=${seed})`, async () => {
    const random = seededRandom(seed);
    const contacts = CONTACTS_PER_LIFE * count;
    const world = await webhookWorld({ url: await empty(), contacts });
    const sender = webhookSender({ secret: CLIENT_SECRET });
    const load = webhookLoad(world, sender, { perSecond: PER_SECOND, newEvery: NEW_EVERY });
    onTestFinished(() => {
      load.pause();
      sender.close();
    });
    const csv = await writePeople(world);
    let server = await world.start();
    const { job_id } = await server.post<JobSeen>("/api/import/csv", {
      path: csv,
      wait_seconds: 0,
    });

    const caught = { inbox: 0, queue: 0, looks: 0, jobs: 0 };
    for (let kill = 0; kill < count; kill += 1) {
      sender.aim(urlOf(server));
      load.begin();
      const lifeMs = SHORTEST_LIFE_MS + random() ** 2 * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS);
      await new Promise((wake) => setTimeout(wake, lifeMs));
      await server.kill();
      load.pause();
      sender.aim();
      await note(world, caught);
      await world.letLeasesRunOut();
      server = await world.start();
    }
    const inTime = sender.acknowledged.size;
    sender.aim(urlOf(server));
    const made = load.made();
    await allDone(world, sender, server);
    const job = await server.jobUntil(job_id, hasEnded);
    await server.stop();

    print({
      engine,
      kills: count,
      seed,
      notifications: sender.acknowledged.size,
      acknowledged_before_last_kill: inTime,
      new: made.created,
      caught,
      ...answers(sender),
    });
    expect(sender.acknowledged.size).toBe(notificationsIn(made));
    expect(await missingFrom(world, sender)).toEqual([]);
    expect(await unlike(world)).toEqual([]);
    expect(job).toMatchObject({ status: "completed", counts: { created: IMPORTED } });
    const people = contacts + IMPORTED + made.created;
    expect(await emails(world)).toEqual({ all: people, distinct: people });
    // Otherwise the kills proved nothing.
    expect(inTime).toBeGreaterThan(count * 10);
    expect(caught.inbox + caught.queue + caught.looks).toBeGreaterThan(count / 2);
    expectNoAlarm(server);
  });
});

async function writePeople({ folder }: WebhookWorld): Promise<string> {
  const path = join(folder, "people.csv");
  const lines = Array.from(
    { length: IMPORTED },
    (_, n) => `imported-${n}@firm-${n % 97}.com,Pat,${n}`,
  );
  await writeFile(path, ["Email,First Name,Last Name", ...lines].join("\n"));
  return path;
}

/** In the middle of what the process was killed. */
async function note(
  { database }: WebhookWorld,
  caught: Record<"inbox" | "queue" | "looks" | "jobs", number>,
): Promise<void> {
  const queries = {
    inbox: "select 1 from webhook_events where processed_at is null limit 1",
    queue: "select 1 from sync_queue where lease_owner is not null limit 1",
    looks: "select 1 from hubspot_queue limit 1",
    jobs: "select 1 from jobs where status = 'running' limit 1",
  };
  for (const name of ["inbox", "queue", "looks", "jobs"] as const)
    caught[name] += (await database.rows(queries[name])).length;
}

function expectNoAlarm({ child }: RunningServer): void {
  expect(child.stderr()).not.toMatch(/locked|"level":[56]0/);
}
