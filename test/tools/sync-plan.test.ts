/** The sync tool's part in previews: customers, plans that are refused before any job, and refusals that only the run can find. */
import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import type { StoredPlan } from "../../mcp-server/src/ports/plan-store.ts";
import { storedContact } from "../doors/contacts.ts";
import { fakeClock } from "../support/clock.ts";
import { gatedWorker, open, refused, run } from "./calls.ts";

const NOW = "2026-11-20T10:00:00.000Z";

/** Services whose sync keeps what it was given, and a plan in the store. */
async function withPlan(given: Partial<StoredPlan> = {}) {
  const seen: unknown[] = [];
  const sync: JobHandler = async ({ job }) => {
    seen.push(job.args);
    return { counts: {} };
  };
  const clock = fakeClock(NOW);
  const services = await open({ handlers: { sync }, services: { clock } });
  const plan: StoredPlan = {
    plan_id: "plan_1",
    kind: "sync",
    args: {
      object: "contacts",
      direction: "push",
      mode: "changes",
      filter: { status: "enriched" },
    },
    map_version: services.services.fieldMaps.version,
    created_at: NOW,
    expires_at: "2026-11-20T10:15:00.000Z",
    ...given,
  };
  await services.store.plans.add(plan);
  return { services, seen, clock, plan };
}

describe("sync with a plan_id", () => {
  test.each([[{}], [{ object: "contacts", direction: "push", filter: { status: "enriched" } }]])(
    "hands the plan with its own arguments to the worker: %j",
    async (again) => {
      const { services, seen, plan } = await withPlan();

      const job = await run(services, "sync", { plan_id: "plan_1", ...again });

      expect(job).toMatchObject({ status: "completed" });
      expect(seen).toEqual([{ ...plan.args, plan_id: "plan_1" }]);
    },
  );

  test.each([
    ["arguments", { direction: "both" }],
    ["arguments", { object: "all" }],
    ["arguments", { filter: { status: "failed" } }],
    ["unknown", { plan_id: "plan_2" }],
  ])("is refused at once, for %s, with %j", async (reason, other) => {
    const { services } = await withPlan();

    const error = await refused(run(services, "sync", { plan_id: "plan_1", ...other }));

    expect([error.kind, error.code, error.details]).toEqual(["stale", "PLAN_STALE", { reason }]);
    expect(await services.services.jobs.list(5)).toEqual([]);
  });

  test.each<[string, Partial<StoredPlan>]>([
    ["map", { map_version: "older" }],
    ["unknown", { kind: "resolve" }],
  ])("is refused at once, for %s, when the plan is %j", async (reason, given) => {
    const { services } = await withPlan(given);

    const error = await refused(run(services, "sync", { plan_id: "plan_1" }));

    expect([error.code, error.details]).toEqual(["PLAN_STALE", { reason }]);
  });

  test("is refused when it was used, and when its time is over", async () => {
    const { services, clock } = await withPlan();
    await services.store.plans.take("plan_1", NOW);
    const used = await refused(run(services, "sync", { plan_id: "plan_1" }));
    await services.store.plans.add({
      ...(await withPlan()).plan,
      plan_id: "plan_2",
    });
    clock.advance(15 * 60_000 + 1);
    const expired = await refused(run(services, "sync", { plan_id: "plan_2" }));

    expect([used.details, expired.details]).toEqual([{ reason: "used" }, { reason: "expired" }]);
  });

  test("does not go with dry_run", async () => {
    const { services } = await withPlan();

    const error = await refused(run(services, "sync", { plan_id: "plan_1", dry_run: true }));

    expect(error.details["arguments"]).toMatchObject([{ argument: "dry_run" }]);
  });
});

describe("what only the run can find", () => {
  const failing =
    (code: string, kind: "stale" | "input"): JobHandler =>
    () =>
      Promise.reject(new AppError(kind, `Because of ${code}. Do this.`, { code }));

  test.each([
    ["RUN_CAP_EXCEEDED", "input"],
    ["PLAN_STALE", "stale"],
  ] as const)("%s is a refused call when it is found within the wait", async (code, kind) => {
    const services = await open({ handlers: { sync: failing(code, kind) } });

    const error = await refused(run(services, "sync", {}));

    expect([error.kind, error.code, error.message]).toEqual([
      kind,
      code,
      `Because of ${code}. Do this.`,
    ]);
    expect(error.details).toEqual({ job_id: expect.stringMatching(/^sync_/) });
  });

  test("any other failure is a failed job", async () => {
    const failure = () => Promise.reject(new AppError("auth", "HubSpot refused the token."));
    const services = await open({ handlers: { sync: failure } });

    expect(await run(services, "sync", {})).toMatchObject({ status: "failed" });
  });

  test("is not thrown at a caller who got somebody else's job", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { sync: worker.handler } });
    await run(services, "sync", { wait_seconds: 0 });

    const second = await run(services, "sync", { wait_seconds: 0 });
    worker.finish();

    expect(second).toMatchObject({ already_running: true });
  });
});

describe("a preview", () => {
  test("keeps its plan_id and figures however much of its records is cut", async () => {
    const records = Array.from({ length: 20 }, (_, index) => ({
      key: `c${index}@example.com`,
      hubspot_changes: Array.from({ length: 15 }, (_each, field) => ({
        field: `f${field}`,
        before: "x".repeat(900),
        after: "y".repeat(900),
      })),
    }));
    const result = {
      dry_run: true,
      plan_id: "plan_0mbqz1x9k3f7a2b9c",
      expires_at: "2026-11-20T10:15:00.000Z",
      requests_needed: 42,
      seconds_at_current_rate: 5,
      records,
    };
    const services = await open({ handlers: { sync: async () => ({ result }) } });

    const job = await run(services, "sync", { dry_run: true });

    const { records: _cut, ...figures } = result;
    expect(job).toMatchObject({ plan_id: result.plan_id, result: figures, truncated: true });
    expect(JSON.stringify(job).length).toBeLessThan(32_000);
  });
});

describe("sync of customers", () => {
  test("takes ids, and names those that are not here", async () => {
    const { services, seen } = await withPlan();
    await services.store.customers.upsert([{ ban: "B-1" }], NOW);
    const [customer] = await services.store.customers.findByBans(["B-1"]);

    const job = await run(services, "sync", { object: "customers", ids: [customer?.id, 999] });

    expect(seen).toEqual([
      { object: "customers", ids: [customer?.id, 999], direction: "both", mode: "changes" },
    ]);
    expect(job["notes"]).toEqual(["1 of the 2 named customers are not here and were left out."]);
  });

  test.each([
    [{ emails: ["ada@example.com"] }, "emails"],
    [{ filter: { status: "failed" } }, "filter"],
  ])("refuses %j, which selects contacts", async (selection, argument) => {
    const { services } = await withPlan();
    await storedContact(services.store, "ada@example.com");

    const error = await refused(run(services, "sync", { object: "customers", ...selection }));

    expect(error.details["arguments"]).toMatchObject([{ argument }]);
  });

  test("says that none of the named customers is here", async () => {
    const { services } = await withPlan();

    const error = await refused(run(services, "sync", { object: "customers", ids: [999] }));

    expect([error.kind, error.message]).toEqual([
      "not-found",
      expect.stringContaining("None of the named customers"),
    ]);
  });
});
