/** A disk without room and a database that another process holds: said clearly, nothing lost, and on it goes afterwards. */
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { rowsOf } from "../support/crash-rig.ts";
import { differences } from "../support/crash-state.ts";
import { calmRun, unlikeIn } from "./deaths.ts";
import { Lane } from "./lane.ts";
import type { Player } from "./player.ts";
import type { Scenario } from "./scenario.ts";
import { hearing, importing, syncing } from "./scenarios.ts";
import { looseEnds, worldState } from "./world-state.ts";

// Far more than an idle machine needs.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.open();
});
afterAll(() => lane.close());

const full: readonly (readonly [what: string, Scenario, point: string])[] = [
  ["an import", importing, "before commit contacts+import_rejects+jobs#1"],
  [
    "a sync to which HubSpot has said yes",
    syncing,
    "read answer POST /crm/objects/2026-09/contacts/batch/upsert#1",
  ],
  [
    "a sync whose notes HubSpot has taken",
    syncing,
    "on answer POST /crm/objects/2026-09/notes/batch/create#1",
  ],
];

for (const [what, scenario, point] of full)
  test(`${what} finds the disk full, says so, and loses and doubles nothing once there is room`, async () => {
    const calm = await calmRun(lane, scenario);
    const player = await lane.begin(scenario);

    await player.live({ CRASH_AT: point, CRASH_HOW: "full" }, () => saysFull(player));
    const said = saysFull(player);
    player.letLeasesRunOut();
    await goOn(scenario);
    player.close();

    expect(said).toBe(true);
    expect((await unlikeIn(lane, scenario, calm)).unlike).toEqual([]);
    expect(openWork()).toEqual([]);
  });

test("notifications are refused while the disk is full, come again, and are taken in once there is room", async () => {
  const calm = await calmRun(lane, hearing);
  const player = await lane.begin(hearing);
  const point = "before reply POST /webhooks/hubspot#1";
  let whileFull: number | null = null;

  await player.live({ CRASH_AT: point, CRASH_HOW: "full" }, () => {
    if (whileFull === null && saysFull(player)) {
      whileFull = player.acknowledged;
      player.makeRoom();
    }
    return false;
  });
  player.close();

  expect(whileFull).not.toBeNull();
  expect(player.lost()).toEqual([]);
  expect(differences(worldState(lane.world), calm.state)).toEqual([]);
  expect(openWork()).toEqual([]);
});

const locked: readonly (readonly [what: string, Scenario])[] = [
  ["an import", importing],
  ["a sync", syncing],
  ["what HubSpot notified", hearing],
];

for (const [what, scenario] of locked)
  test(`${what} survives a database that is locked for longer than anybody waits`, async () => {
    const calm = await calmRun(lane, scenario);
    const player = await lane.begin(scenario);
    let holder: Database.Database | null = null;
    const hold = (): boolean => {
      if (holder === null && hasBegun(scenario)) {
        holder = new Database(lane.world.file, { timeout: 10_000 });
        holder.exec("begin immediate");
      }
      if (holder?.open && saysBusy(player)) holder.close();
      return false;
    };

    await player.live({ CRASH_BUSY_MS: "300" }, hold);
    await goOn(scenario);
    player.close();

    expect(saysBusy(player)).toBe(true);
    expect(player.lost()).toEqual([]);
    expect((await unlikeIn(lane, scenario, calm)).unlike).toEqual([]);
    expect(openWork()).toEqual([]);
  });

/** Another process, later, asked again if the job ended with the trouble; what that one had put aside comes again. */
async function goOn(scenario: Scenario): Promise<void> {
  const { file } = lane.world;
  const isToRepeat = rowsOf(file, "select 1 from jobs where status = 'failed'").length > 0;
  const { ask, ...rest } = scenario;
  if (isToRepeat) {
    const database = new Database(file, { timeout: 10_000 });
    database.exec("delete from import_rejects");
    database.close();
  }
  const heir = lane.beside(isToRepeat ? scenario : rest);
  heir.letWaitsRunOut();
  await heir.live({});
  heir.close();
}

function hasBegun({ ask }: Scenario): boolean {
  const query = ask
    ? `select 1 from jobs where status = 'running' and kind = '${ask.kind}'`
    : "select 1 from webhook_events where processed_at is null";
  return rowsOf(lane.world.file, query).length > 0;
}

const saysFull = (player: Player): boolean => player.words().includes("DISK_FULL");
const saysBusy = (player: Player): boolean => player.words().includes("DATABASE_BUSY");

/** Jobs that ended with the trouble have said so; nothing else may be left. */
function openWork(): readonly unknown[] {
  return looseEnds(lane.world).filter(
    ({ what, of }) => !(String(what).startsWith("job ") && of === "failed"),
  );
}
