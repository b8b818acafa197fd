/** What a person decides about a field that went to and fro is carried out by the ordinary rules. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BAN, decide, fight, openConflicts, program, workflow } from "./loop-scene.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const LIMIT = 5;

let scene: SyncScene;
let id: number;
beforeEach(async () => {
  scene = await syncScene({ maxFlipsPerHour: LIMIT });
  id = await scene.customer({ ban: BAN, company_name: "Acme", status: "ACTIVE", tier: "BASIC" });
  await scene.sync();
});
afterEach(() => scene.close());

const lookAgain = async () => {
  await scene.look("customers", id);
  return await scene.sync({ queued_only: true });
};

describe("a person's decision on a loop", () => {
  const insist = () => workflow(scene, "warp_status", "CLOSED")();
  const frozen = async () => {
    await fight(scene, id, { rounds: 8, insist });
    const [conflict] = await openConflicts(scene);
    if (!conflict) throw new Error("nothing was frozen");
    return conflict;
  };

  test("keep_local sends the local value, and counting starts anew", async () => {
    const conflict = await frozen();

    expect(await decide(scene, conflict, { resolution: "keep_local" })).toBeNull();
    await scene.sync({ queued_only: true });

    expect(scene.company(BAN)).toMatchObject({ warp_status: "ACTIVE" });
    expect(await openConflicts(scene)).toEqual([]);
    expect(await fight(scene, id, { rounds: 12, insist })).toBe(LIMIT);
    expect(await openConflicts(scene)).toMatchObject([{ reason: "loop" }]);
  });

  test("keep_local holds although the local value moved since it was shown", async () => {
    const conflict = await frozen();
    scene.sql("update customers set status = 'TRIAL'");

    expect(await decide(scene, conflict, { resolution: "keep_local" })).toBeNull();
    await scene.sync({ queued_only: true });

    expect(scene.company(BAN)).toMatchObject({ warp_status: "TRIAL" });
  });

  test("keep_hubspot writes HubSpot's value here, also of a field that only flows to HubSpot", async () => {
    const conflict = await frozen();
    scene.forget();

    expect(await decide(scene, conflict, { resolution: "keep_hubspot" })).toBeNull();
    await scene.sync({ queued_only: true });

    expect(await scene.local(BAN)).toMatchObject({ status: "CLOSED" });
    expect(scene.writes()).toEqual([]);
    expect(await openConflicts(scene)).toEqual([]);
  });

  test("keep_hubspot and another value are refused once the local value moved", async () => {
    const conflict = await frozen();
    scene.sql("update customers set status = 'TRIAL'");

    expect(await decide(scene, conflict, { resolution: "keep_hubspot" })).toBe("STALE_CONFLICT");
    expect(await scene.local(BAN)).toMatchObject({ status: "TRIAL" });
  });

  test("another value goes to both sides", async () => {
    const conflict = await frozen();

    expect(await decide(scene, conflict, { resolution: "set", value: "TRIAL" })).toBeNull();
    await scene.sync({ queued_only: true });

    expect(scene.company(BAN)).toMatchObject({ warp_status: "TRIAL" });
    expect(await scene.local(BAN)).toMatchObject({ status: "TRIAL" });
  });

  test("is refused for an old version, because HubSpot's value moved meanwhile", async () => {
    const conflict = await frozen();
    scene.editCompany(BAN, { warp_status: "TRIAL" });
    await lookAgain();

    expect(await decide(scene, conflict, { resolution: "keep_local" })).toBe("STALE_CONFLICT");
    expect(scene.company(BAN)).toMatchObject({ warp_status: "TRIAL" });
  });

  test("can only keep HubSpot's value of a field that only flows from there", async () => {
    scene.editCompany(BAN, { warp_tier: "PREMIUM" });
    await fight(scene, id, { rounds: 12, insist: program(scene, "tier", "BASIC") });
    const [conflict] = await openConflicts(scene);
    if (!conflict) throw new Error("nothing was frozen");
    scene.forget();

    expect(await decide(scene, conflict, { resolution: "keep_local" })).toBe("CANNOT_KEEP");
    expect(await decide(scene, conflict, { resolution: "set", value: "BASIC" })).toBe(
      "INVALID_VALUE",
    );
    expect(await decide(scene, conflict, { resolution: "keep_hubspot" })).toBeNull();
    await scene.sync({ queued_only: true });

    expect(await scene.local(BAN)).toMatchObject({ tier: "PREMIUM" });
    expect(scene.writes()).toEqual([]);
    expect(await openConflicts(scene)).toEqual([]);
  });
});
