/** A team's database is backed up at work, lost some time later, and restored: what happened in between comes back from HubSpot, and nothing is doubled. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { serverFile } from "../support/child-server.ts";
import { killAll, letJobLeasesRunOut, letQueueLeasesRunOut, rowsOf } from "../support/crash-rig.ts";
import { tempFile } from "../support/store.ts";
import { runJob, type WebhookWorld, webhookWorld } from "../support/webhook-world.ts";

vi.setConfig({ testTimeout: 180_000 });

const CONTACTS = 60;
const NOTED = 5;

afterEach(killAll);

test("a restored backup comes to agree with HubSpot again, and doubles nothing", async () => {
  const database = await tempFile();
  onTestFinished(() => database.drop());
  const file = database.url;
  const settings = { NEW_HUBSPOT_CONTACTS: "new" };
  const world = await webhookWorld({ url: file, contacts: CONTACTS, settings });
  const { simulator } = world;
  const server = await world.start();
  await runJob(server, "/api/import/records", { records: [{ email: "first@firm-1.com" }] });
  await runJob(server, "/api/sync/hubspot", {});

  // Notes that are due when the backup is made and written after it.
  const writer = new Database(file, { timeout: 10_000 });
  const noted = writer.prepare(
    "update contacts set status = 'enriched', enriched_at = ?, intelligence = ? where id <= ?",
  );
  noted.run(new Date().toISOString(), JSON.stringify(insight), NOTED);
  const backup = join(world.folder, "backup.db");
  const copying = backUp(file, backup);
  for (let n = 0; !copying.hasEnded(); n += 1) {
    editHere(writer, (n % CONTACTS) + 1, `During ${n}`);
    await new Promise((wake) => setTimeout(wake, 5));
  }
  expect(copying.code()).toBe(0);
  expect((await stat(backup)).mode & 0o777).toBe(0o600);

  // Life goes on: edits here are sent, people edit there, new people come from both sides.
  for (let id = 1; id <= 20; id += 1) editHere(writer, id, `After ${id}`);
  const [there] = simulator.hubspot.seed("contacts", [{ email: "there@firm-2.com" }], Date.now());
  for (const { hubspotId } of world.contacts.slice(30, 40))
    simulator.hubspot.editAsUser("contacts", hubspotId, { jobtitle: `There ${hubspotId}` });
  await runJob(server, "/api/import/records", { records: [{ email: "second@firm-1.com" }] });
  await runJob(server, "/api/sync/hubspot", {});
  await settled(world, file);
  const before = hubspotOf(world);
  expect(before.notes).toBe(NOTED);
  expect(before.people).toHaveLength(CONTACTS + 3);

  writer.close();
  await server.kill();
  await world.database.end();
  for (const end of ["", "-wal", "-shm"]) await rm(file + end, { force: true });
  await rename(backup, file);
  // What the server held at the moment of the backup; a person takes longer to restore one than leases last.
  letJobLeasesRunOut(file);
  letQueueLeasesRunOut(file);
  const again = await world.start();
  await runJob(again, "/api/sync/hubspot", {});
  await settled(world, file);
  await runJob(again, "/api/sync/hubspot", { mode: "reconcile" });
  await settled(world, file);

  const after = hubspotOf(world);
  expect(after).toEqual(before);
  expect(differences(world, file)).toEqual([]);
  const cities = rowsOf<{ city: string }>(
    file,
    "select city from contacts where id <= 20 order by id",
  );
  expect(cities.map(({ city }) => city)).toEqual(
    Array.from({ length: 20 }, (_, n) => `After ${n + 1}`),
  );
  expect(there).toBeDefined();
  await again.stop();
});

test("says what is wrong, and fails", async () => {
  const database = await tempFile();
  onTestFinished(() => database.drop());

  const none = backUp(database.url, `${database.url}.backup`);
  await none.ended;
  const unnamed = backUp(database.url);
  await unnamed.ended;

  expect([none.code(), unnamed.code()]).toEqual([1, 1]);
  expect(none.said()).toContain("There is no database");
  expect(unnamed.said()).toContain("hubspot-sync backup FILE");
});

const insight = {
  summary: "Runs finance.",
  pain_points: ["Two lists"],
  personalization_hooks: ["A new office"],
  confidence: 0.7,
  evidence_ids: ["F1"],
  model: "test",
};

function editHere(database: Database.Database, id: number, city: string): void {
  database.prepare("update contacts set city = ? where id = ?").run(city, id);
}

/** `hubspot-sync backup`, as a person or a timer runs it. */
function backUp(file: string, ...operands: readonly string[]) {
  const env = { PATH: process.env["PATH"] ?? "", DATABASE_URL: file };
  const child = spawn(process.execPath, [serverFile, "backup", ...operands], { env });
  let said = "";
  child.stderr.on("data", (data) => {
    said += String(data);
  });
  return {
    hasEnded: () => child.exitCode !== null,
    code: () => child.exitCode,
    said: () => said,
    ended: once(child, "close"),
  };
}

/** Resolves when nothing waits any more; the live sync takes what was edited meanwhile. */
async function settled(world: WebhookWorld, file: string): Promise<void> {
  const open = `select 'queue' as what from sync_queue
    union all select 'look' from hubspot_queue
    union all select 'change' from change_log
    union all select 'intent' from sync_log where outcome = 'intent'
    union all select 'job' from jobs where status in ('queued', 'running')`;
  await expect.poll(() => rowsOf(file, open), { timeout: 60_000, interval: 100 }).toEqual([]);
  expect(world.simulator.hubspot.all("contacts").length).toBeGreaterThan(0);
}

/** What people see there, but for the times. */
function hubspotOf({ simulator: { hubspot } }: WebhookWorld) {
  const people = hubspot.all("contacts").map(({ id, properties }) => {
    const { email, city = "", jobtitle = "", firstname = "" } = properties;
    return [id, email, city, jobtitle, firstname].join(" ");
  });
  return {
    people: people.toSorted(),
    companies: hubspot.all("companies").map(({ properties }) => properties["domain"] ?? ""),
    notes: hubspot.all("notes").length,
  };
}

/** What is not the same on both sides, by e-mail. */
function differences({ simulator }: WebhookWorld, file: string): readonly string[] {
  const rows = rowsOf<Record<string, string | null>>(
    file,
    `select email, city, job_title, first_name, hubspot_id from contacts
     left join links on links.object = 'contacts' and links.local_id = contacts.id`,
  );
  const byId = new Map(rows.map((row) => [row["hubspot_id"], row]));
  const there = simulator.hubspot.all("contacts");
  if (rows.length !== there.length) return [`${rows.length} here, ${there.length} there`];
  return there.flatMap(({ id, properties }) => {
    const row = byId.get(id);
    if (!row) return [`${properties["email"]} is not linked`];
    const pairs = [
      ["email", "email"],
      ["city", "city"],
      ["job_title", "jobtitle"],
      ["first_name", "firstname"],
    ] as const;
    return pairs.flatMap(([column, property]) =>
      (row[column] || null) === (properties[property] || null)
        ? []
        : [`${properties["email"]}: ${column} ${row[column]}, not ${properties[property]}`],
    );
  });
}
