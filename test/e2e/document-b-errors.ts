/** Document B's table of error categories, row by row: what is tried again, how soon, and what becomes of the customer. */
import { expect, test } from "vitest";
import type { FaultOrder } from "../../mcp-server/simulator/faults.ts";
import { type FakeClock, realClock } from "../support/clock.ts";
import type { EngineUnderTest } from "../support/store.ts";
import { stage } from "./document-b-scene.ts";

const UPDATE = "/companies/batch/update";
const QUARTER_HOUR = 15 * 60_000;

/** The time of now and of all that was waited: waiting takes none of it, and is noted. */
function hastyClock(): FakeClock & { readonly waits: number[] } {
  const waits: number[] = [];
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  return {
    ...realClock(),
    waits,
    now,
    iso: () => new Date(now()).toISOString(),
    advance: (ms) => {
      ahead += ms;
    },
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      ahead += ms;
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
    const [first = 0, second = 0, ...more] = clock.waits;
    expect(more).toEqual([]);
    expect(first).toBeGreaterThanOrEqual(1_000);
    expect(first).toBeLessThanOrEqual(1_200);
    expect(second).toBeGreaterThanOrEqual(2_000);
    expect(second).toBeLessThanOrEqual(2_400);
  });

  test("before it is tried again the company is read, for somebody may have edited it since", async () => {
    const scene = await open({ clock: hastyClock() });
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add(fault("reset-after-commit"));
    scene.rig.forget();

    const job = await scene.sync();

    expect(job).toMatchObject({ status: "completed", errors: [] });
    const asked = scene.rig.requests().map((path) => path.replace(/^.*batch/, ""));
    expect(asked.slice(asked.indexOf("/update"))).toEqual(["/update", "/read"]);
    expect(scene.company()["name"]).toBe("Acme Robotics");
    expect((await scene.log()).map(({ outcome }) => outcome)).toContain("unknown");
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
    const alerts = scene.rig.log.lines.filter(({ level }) => level === "error");
    expect(alerts).toMatchObject([{ fields: { object: "customers", records: 1 } }]);
    expect((await scene.log())[0]).toMatchObject({ action: "update", outcome: "rejected" });
    expect(await scene.queued()).toBeUndefined();
    expect(await scene.changes()).toMatchObject([{ field: "company_name" }]);
    await scene.set({ company_name: "Acme Robotics" });
    await scene.sync();
    expect(scene.company()["name"]).toBe("Acme Robotics");
  });

  test("a refused token ends the run and everything after it at once, and the customer stays due", async () => {
    const clock = hastyClock();
    const scene = await open({ clock });
    await scene.set({ company_name: "Acme Robotics" });
    scene.rig.simulator.faults.add(fault("unauthorized"));
    clock.waits.length = 0;

    const job = await scene.sync();

    expect(job.status).toBe("failed");
    expect(clock.waits).toEqual([]);
    expect(await scene.queued()).toBeDefined();
    const alerts = scene.rig.log.lines.filter(({ level }) => level === "error");
    expect(alerts[0]).toMatchObject({ fields: { code: "HUBSPOT_TOKEN_REFUSED" } });
    scene.rig.forget();
    expect((await scene.sync()).errors).toMatchObject([{ code: "HUBSPOT_TOKEN_REFUSED" }]);
    expect(scene.rig.requests()).toEqual([]);
    clock.advance(QUARTER_HOUR);
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
    const begun = clock.now();

    const job = await scene.sync();

    expect(job).toMatchObject({ counts: { failed: 1 } });
    const { due_at, attempts } = (await scene.queued()) ?? {};
    expect(attempts).toBe(3);
    expect(Date.parse(String(due_at)) - begun).toBeGreaterThanOrEqual(QUARTER_HOUR);
    expect((await scene.base())["company_name"]).toBe("Acme");
  });
}
