/** Tools that start jobs: what they hand to workers, refuse, and answer while work goes on. */
import { describe, expect, test } from "vitest";
import { storedContact } from "../doors/contacts.ts";
import { gatedWorker, open, refused, run, silent } from "./calls.ts";

describe("import", () => {
  test("hands the arguments to the worker and answers its outcome", async () => {
    const seen: unknown[] = [];
    const services = await open({
      handlers: {
        import: async (context) => {
          seen.push(context.job.args);
          return {
            counts: { created: 2, rejected: 1 },
            progress: { done: 3, total: 3, phase: "done" },
          };
        },
      },
    });

    const job = await run(services, "import", {
      source: "csv",
      path: "/data/a.csv",
      column_map: '{"Mail":"email"}',
      wait_seconds: "5",
    });

    expect(seen).toEqual([
      { source: "csv", path: "/data/a.csv", column_map: { Mail: "email" }, object: "contacts" },
    ]);
    expect(job).toMatchObject({
      kind: "import",
      status: "completed",
      counts: { created: 2, rejected: 1 },
      next: expect.stringContaining('include ["rejects"]'),
    });
  });

  test("says where what was blocked is told of", async () => {
    const counts = { updated: 2, blocked: 1 };
    const services = await open({
      handlers: { sync: async () => ({ counts, next: "Some values may not travel." }) },
    });

    const job = await run(services, "sync", {});

    expect(job["next"]).toMatch(/^Some values may not travel\. .*sync-health.*blocked_24h/);
  });

  test.each([
    [{ source: "csv" }, "path"],
    [{ source: "records" }, "records"],
    [{ source: "csv", path: "a.csv", campaign_id: "c" }, "campaign_id"],
    [{ source: "lemlist", path: "a.csv" }, "path"],
    [{ source: "hubspot", records: [{ email: "a@example.com" }] }, "records"],
    [{ source: "records", records: [] }, "records"],
    [{ source: "records", records: Array.from({ length: 201 }, () => ({})) }, "records"],
    [{ source: "csv", path: "a.csv", wait_seconds: 21 }, "wait_seconds"],
  ])("refuses %j and names the argument", async (input, argument) => {
    const services = await open();

    const error = await refused(run(services, "import", input));

    expect(error.kind).toBe("input");
    expect(error.details["arguments"]).toEqual([
      { argument, problem: expect.stringContaining(argument) },
    ]);
  });

  test("says which key is missing instead of starting a job that must fail", async () => {
    const services = await open({ capabilities: { hubspot: false, lemlist: false } });

    expect((await refused(run(services, "import", { source: "hubspot" }))).message).toContain(
      "HUBSPOT_ACCESS_TOKEN",
    );
    expect((await refused(run(services, "import", { source: "lemlist" }))).message).toContain(
      "LEMLIST_API_KEY",
    );
    expect(await services.services.jobs.list(5)).toEqual([]);
  });
});

describe("sync with mode reconcile", () => {
  test.each([
    { emails: ["ada@example.com"] },
    { ids: [1] },
    { filter: { status: "synced" } },
    { plan_id: "plan_1" },
  ])("is refused with %j, because it compares everything", async (narrowing) => {
    const services = await open();

    const error = await refused(run(services, "sync", { mode: "reconcile", ...narrowing }));

    expect([error.kind, error.code]).toEqual(["input", "INVALID_ARGUMENTS"]);
    expect(error.message).toContain(
      `"${Object.keys(narrowing)[0]}" does not go with mode reconcile`,
    );
    expect(await services.services.jobs.list(5)).toEqual([]);
  });

  test("starts a job for the kind that is asked for", async () => {
    const services = await open();

    await run(services, "sync", { mode: "reconcile", object: "customers", dry_run: true });

    const [job] = await services.services.jobs.list(5);
    expect(job?.args).toMatchObject({ mode: "reconcile", object: "customers", dry_run: true });
  });
});

describe("a job that takes longer than the call", () => {
  test("comes back unfinished with what to call next, and job-status sees its end", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { enrich: worker.handler } });

    const first = await run(services, "enrich", { wait_seconds: 0 });
    expect(["queued", "running"]).toContain(first["status"]);
    expect(first["next"]).toContain(`job_id "${String(first["job_id"])}"`);

    const waiting = run(services, "job-status", { job_id: first["job_id"], wait_seconds: 20 });
    worker.finish();
    expect(await waiting).toMatchObject({ status: "completed", counts: { created: 1 } });
  });

  test("goes on when the caller stops waiting", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { enrich: worker.handler } });
    const abort = new AbortController();

    const waiting = run(
      services,
      "enrich",
      { wait_seconds: 20 },
      { ...silent, signal: abort.signal, progress: () => abort.abort() },
    );
    const left = await waiting;
    worker.finish();

    expect(["queued", "running"]).toContain(left["status"]);
    expect(
      await run(services, "job-status", { job_id: left["job_id"], wait_seconds: 20 }),
    ).toMatchObject({ status: "completed" });
  });

  test("is the one that a second sync gets, marked as such", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { sync: worker.handler } });

    const first = await run(services, "sync", { wait_seconds: 0 });
    const second = await run(services, "sync", { direction: "pull", wait_seconds: 0 });
    worker.finish();

    expect(second["job_id"]).toBe(first["job_id"]);
    expect(second["already_running"]).toBe(true);
    expect(first["already_running"]).toBeUndefined();
  });

  test("ends when cancelled, and cancelling again changes nothing", async () => {
    const worker = gatedWorker();
    const services = await open({ handlers: { sync: worker.handler } });
    const { job_id } = await run(services, "sync", { wait_seconds: 0 });

    expect(await run(services, "cancel-job", { job_id })).toMatchObject({ status: "cancelled" });
    expect(await run(services, "cancel-job", { job_id })).toMatchObject({
      status: "cancelled",
      notes: [expect.stringContaining("already")],
    });
  });
});

describe("selections", () => {
  test("reach the worker normalised, and name contacts that are not here", async () => {
    const seen: unknown[] = [];
    const services = await open({
      handlers: {
        sync: async (context) => {
          seen.push(context.job.args);
          return {};
        },
      },
    });
    await storedContact(services.store, "ada@example.com");

    const job = await run(services, "sync", { emails: " Ada@Example.com , bob@example.com" });

    expect(seen).toEqual([
      {
        emails: ["ada@example.com", "bob@example.com"],
        object: "all",
        direction: "both",
        mode: "changes",
      },
    ]);
    expect(job["notes"]).toEqual(["1 of the 2 named contacts are not here and were left out."]);
  });

  test("take an empty filter for none, so that nobody enriches everything by accident", async () => {
    const seen: unknown[] = [];
    const services = await open({
      handlers: {
        enrich: async (context) => {
          seen.push(context.job.args);
          return {};
        },
      },
    });

    await run(services, "enrich", { filter: {}, dry_run: true });

    expect(seen).toEqual([{ dry_run: true }]);
  });

  test.each([
    ["enrich", { emails: ["a@example.com"], filter: { status: "failed" } }, "input"],
    ["enrich", { emails: ["not an address"] }, "input"],
    ["sync", { ids: [1.5] }, "input"],
    ["enrich", { emails: ["nobody@example.com"] }, "not-found"],
    ["sync", { ids: ["99999"] }, "not-found"],
  ])("%s refuses %j as %s", async (name, input, kind) => {
    const services = await open();

    expect((await refused(run(services, name, input))).kind).toBe(kind);
  });
});
