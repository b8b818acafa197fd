/** What a process that died while it sent changes leaves behind, and what the next one makes of it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const never = new AbortController().signal;
const TEN_MINUTES = 10 * 60_000;

let scene: SyncScene;
let id: number;
beforeEach(async () => {
  scene = await syncScene();
  id = await scene.customer({ ban: "B-1", company_name: "Acme", current_balance: "1" });
  await scene.sync();
});
afterEach(() => scene.close());

/** A killed process's record: leased, with a write announced of which nobody knows whether HubSpot has it. */
function killedWhileSending(): void {
  scene.sql("update customers set current_balance = 2");
  scene.sql(
    "update sync_queue set lease_owner = 'live_dead/dead', leased_version = version, lease_until = ?",
    new Date(scene.clock.now() + TEN_MINUTES).toISOString(),
  );
  scene.sql(
    `insert into sync_log (run_id, object, local_id, action, outcome, fields, created_at)
     values ('live_dead', 'customers', ?, 'update', 'intent', '[]', ?)`,
    id,
    scene.clock.iso(),
  );
}

const announced = () => scene.rows("select outcome from sync_log where run_id = 'live_dead'");

test.each([
  ["and HubSpot had not got it", false],
  ["and HubSpot had got it", true],
])("what it announced ends in the log, %s", async (_what, arrived) => {
  killedWhileSending();
  if (arrived) scene.editCompany("B-1", { warp_current_balance: "2" });
  scene.forget();
  scene.clock.advance(TEN_MINUTES + 1);

  await scene.live(never);

  expect(announced()).toEqual([{ outcome: "unknown" }]);
  expect(scene.company("B-1")["warp_current_balance"]).toBe("2");
  expect(scene.writes()).toHaveLength(arrived ? 0 : 1);
  expect(scene.queued("customers")).toEqual([]);
});

test("what a living process announced stays as it is while it is at work", async () => {
  killedWhileSending();

  await scene.live(never);
  await scene.sync();

  expect(announced()).toEqual([{ outcome: "intent" }]);
  expect(scene.queued("customers")).toEqual([id]);
});
