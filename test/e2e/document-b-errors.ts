/** Document B's table of error categories, row by row: what is tried again, how soon, and what becomes of the customer. */
import { expect, test } from "vitest";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import { type FakeClock, realClock } from "../support/clock.ts";
import type { EngineUnderTest } from "../support/store.ts";
import { stage } from "./document-b-scene.ts";

const UPDATE = "/companies/batch/update";
const QUARTER_HOUR = 15 * 60_000;

/** The time of now, in which waiting takes none and is noted. */
function hastyClock(): FakeClock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    ...realClock(),
    waits,
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      await new Promise((next) => setImmediate(next));
    },
  };
}

const fault = (name: FaultOrder["name"], times = 1): FaultOrder => ({
  service: "hubspot",
  path: UPDATE,
  name,
  times,
});

/** The rows of the table. */
export function errors(under: EngineUnderTest): void {
  const open = stage(under);

  test("a network failure is tried again after a second, then two, within the same run", async () => {
    const clock = hastyClock();
    const scene = await open({ clock });
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add(fault("reset-before-commit", 2));
    clock.waits.length = 0;

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { updated: 1 }, errors: [] });
    expect(clock.waits).toEqual([1_000, 2_000]);
  });

  test("a rate limit is waited out for as long as HubSpot says", async () => {
    const scene = await open();
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add({ ...fault("http-429"), retryAfter: 1 });

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { updated: 1 }, errors: [] });
    const [refused, taken] = scene.rig.simulator.requests.list({ path: UPDATE });
    expect([refused?.status, taken?.status]).toEqual([429, 200]);
    expect((taken?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  test("invalid data are told and not tried again, until the customer changes", async () => {
    const scene = await open();
    // HubSpot stores at most 65,536 characters in a property (HubSpot docs, properties guide, read 2026-11).
    await scene.set({ company_name: "A".repeat(70_000) });

    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", counts: { failed: 1 } });
    expect((await scene.log())[0]).toMatchObject({ action: "update", outcome: "rejected" });
    expect(await scene.queued()).toBeUndefined();
    expect(await scene.changes()).toMatchObject([{ field: "company_name" }]);
    await scene.set({ company_name: "Acme Robotics" });
    await scene.sync();
    expect(scene.company()["name"]).toBe("Acme Robotics");
  });

  test("a refused token ends the run at once, and the customer stays due", async () => {
    const clock = hastyClock();
    const scene = await open({ clock });
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add(fault("unauthorized"));
    clock.waits.length = 0;

    const job = await scene.sync();

    expect(job.status).toBe("failed");
    expect(clock.waits).toEqual([]);
    expect(await scene.queued()).toBeDefined();
    await scene.sync();
    expect(scene.company()["name"]).toBe("Acme Robotics");
  });

  test("a company that is gone in HubSpot while it was edited here waits for a person, and nothing is created in its place", async () => {
    const scene = await open();
    scene.rig.simulator.hubspot.archiveAsUser("companies", "warp_ban=B-1");
    await scene.set({ company_name: "Acme Robotics" });

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { conflicts: 1 }, errors: [] });
    expect(scene.rig.simulator.hubspot.counts()["companies"] ?? 0).toBe(0);
    expect((await scene.local()).company_name).toBe("Acme Robotics");
  });

  test("a HubSpot that stays broken is left alone for a quarter of an hour, and the customer stays due", async () => {
    const clock = hastyClock();
    const scene = await open({ clock });
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add(fault("http-500", 60));
    const begun = Date.now();

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { failed: 1 } });
    const { due_at, attempts } = (await scene.queued()) ?? {};
    expect(attempts).toBe(1);
    expect(Date.parse(String(due_at)) - begun).toBeGreaterThanOrEqual(QUARTER_HOUR);
    expect((await scene.base())["company_name"]).toBe("Acme");
  });
}
