import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intelligence, QUARTER_HOUR, type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const people = { domain: "acme-robotics.com", intelligence } as const;

function doubles(): { contacts: number; companies: number; notes: number } {
  const { hubspot } = rig.simulator;
  return {
    contacts: hubspot.all("contacts").length,
    companies: hubspot.all("companies").length,
    notes: hubspot.all("notes").length,
  };
}

describe("one bad contact", () => {
  test("harms only itself, keeps its reason and is not tried again until it changes", async () => {
    await rig.contact("ada@acme-robotics.com");
    await rig.contact("broken@nodot");
    await rig.contact("grace@acme-robotics.com");

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ created: 2, failed: 1 });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
    expect(await rig.one("broken@nodot")).toMatchObject({
      status: "failed",
      failed_stage: "sync",
      retry_at: null,
      error: expect.stringContaining("HubSpot refused this contact"),
    });
  });
});

describe("a HubSpot that is down", () => {
  test("parks contacts for a quarter of an hour and syncs them then", async () => {
    await rig.contact("ada@acme-robotics.com", people);
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-503",
      times: 60,
      path: "/contacts/batch/upsert",
    });

    const job = await rig.sync();

    expect(job.counts).toMatchObject({ failed: 1 });
    const parked = await rig.one("ada@acme-robotics.com");
    expect(parked).toMatchObject({ status: "failed", failed_stage: "sync", attempts: 1 });
    expect(Date.parse(parked.retry_at ?? "")).toBeGreaterThanOrEqual(
      rig.clock.now() + QUARTER_HOUR - 1,
    );

    rig.simulator.faults.clear();
    await rig.retryLater();

    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      status: "synced",
      attempts: 0,
      retry_at: null,
    });
    expect(doubles()).toEqual({ contacts: 1, companies: 1, notes: 1 });
  });

  test("ends the job with a plain sentence when even reading fails, and loses no contact", async () => {
    await rig.contact("ada@acme-robotics.com", people);
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-500",
      times: 60,
      path: "/contacts/batch/read",
    });

    const job = await rig.sync();

    expect(job.status).toBe("failed");
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({
      status: "failed",
      failed_stage: "sync",
    });

    rig.simulator.faults.clear();
    await rig.retryLater();
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
  });
});

describe("writes whose outcome nobody knows", () => {
  const writes = [
    ["contacts", "/contacts/batch/upsert"],
    ["companies", "/companies/batch/upsert"],
    ["associations", "/associations/2026-09/"],
    ["notes", "/notes/batch/create"],
  ] as const;
  const faults = [
    "timeout-after-commit",
    "reset-after-commit",
    "timeout-before-commit",
    "reset-before-commit",
    "empty-2xx",
  ] as const;
  const cases = writes.flatMap(([kind, path]) => faults.map((name) => [name, kind, path] as const));

  test.each(cases)(
    "%s while writing %s neither loses nor doubles anything",
    async (name, _kind, path) => {
      await rig.contact("ada@acme-robotics.com", people);
      await rig.contact("grace@acme-robotics.com", people);
      rig.simulator.faults.add({ service: "hubspot", name, times: 1, path });

      await rig.sync();
      await rig.retryLater();

      expect(doubles()).toEqual({ contacts: 2, companies: 1, notes: 2 });
      for (const email of ["ada@acme-robotics.com", "grace@acme-robotics.com"]) {
        expect(await rig.one(email)).toMatchObject({ status: "synced" });
        const remote = rig.simulator.hubspot.find("contacts", email);
        expect(
          rig.simulator.hubspot.associations("contacts", remote?.id ?? "", "companies"),
        ).toHaveLength(1);
        expect(
          rig.simulator.hubspot.associations("contacts", remote?.id ?? "", "notes"),
        ).toHaveLength(1);
      }
    },
  );
});

describe("a note whose answer was lost", () => {
  test.each(["reset-after-commit", "reset-before-commit"] as const)(
    "is looked for at once (%s), and the contact is synced in the same run",
    async (name) => {
      await rig.contact("ada@acme-robotics.com", people);
      rig.simulator.faults.add({ service: "hubspot", name, path: "/notes/batch/create" });

      const job = await rig.sync();

      expect(job.counts).toMatchObject({ created: 1, notes: 1 });
      expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
      expect(rig.simulator.hubspot.all("notes")).toHaveLength(1);
    },
  );
});

describe("a process that died", () => {
  test("is followed by one that resumes its contacts without doubling anything", async () => {
    const id = await rig.contact("ada@acme-robotics.com", people);
    await rig.sync();
    // As a crash between HubSpot's answer and our last transaction leaves it.
    await rig.store.contacts.update(
      [{ id, set: { status: "syncing", synced_at: null } }],
      rig.clock.iso(),
    );
    await rig.store.fieldStates.put([
      { object: "contacts", local_id: id, base: {}, synced_at: rig.clock.iso() },
    ]);

    const job = await rig.sync();

    expect(job.status).toBe("completed");
    expect(doubles()).toEqual({ contacts: 1, companies: 1, notes: 1 });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
  });

  test("whose note may have been written is read back before another is", async () => {
    const id = await rig.contact("ada@acme-robotics.com", people);
    await rig.sync();
    const [note] = (await rig.store.syncLog.forRecord("contacts", id, 20)).filter(
      (row) => row.action === "note",
    );
    await rig.store.syncLog.settle([{ id: note?.id ?? 0, outcome: "intent" }], rig.clock.iso());
    await rig.store.fieldStates.put([
      { object: "contacts", local_id: id, base: {}, synced_at: rig.clock.iso() },
    ]);
    rig.forget();

    await rig.sync({ ids: [id] });

    expect(doubles().notes).toBe(1);
    expect(rig.requests().some((request) => request.includes("notes/batch/create"))).toBe(false);
  });
});

describe("an announced write that a crash kept from being answered", () => {
  test("is ended in the log when the record is read again", async () => {
    const id = await rig.contact("ada@acme-robotics.com", people);
    const started_at = rig.clock.iso();
    await rig.store.jobs.create({ job_id: "sync_dead", kind: "sync", args: {}, now: started_at });
    const owner = "sync_dead/dead";
    const lease_until = new Date(rig.clock.now() + 60_000).toISOString();
    await rig.store.jobs.claim({ owner: "dead", now: started_at, lease_until });
    await rig.store.queue.add([
      { object: "contacts", local_id: id, reason: "t", due_at: started_at },
    ]);
    await rig.store.queue.claim({
      object: "contacts",
      owner,
      now: started_at,
      lease_until,
      limit: 1,
    });
    await rig.store.syncLog.add([
      {
        run_id: "sync_dead",
        object: "contacts",
        local_id: id,
        hubspot_id: null,
        action: "create",
        outcome: "intent",
        fields: [],
        marker: null,
        error: null,
        created_at: started_at,
        finished_at: null,
      },
    ]);
    rig.clock.advance(61_000);
    rig.jobs.watch();

    await rig.jobs.wait("sync_dead", 20_000);

    const log = await rig.store.syncLog.forRecord("contacts", id, 10);
    expect(log.filter((row) => row.outcome === "intent")).toEqual([]);
    expect(log.at(-1)).toMatchObject({
      outcome: "unknown",
      error: expect.stringContaining("read again"),
    });
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "synced" });
  });
});

describe("an account that cannot be used", () => {
  test("names the missing scopes and leaves the contacts as they were", async () => {
    await rig.contact("ada@acme-robotics.com");
    rig.simulator.hubspot.configure({ scopes: ["crm.objects.contacts.read"] });

    const job = await rig.sync();

    expect(job.status).toBe("failed");
    expect(job.errors[0]?.message).toMatch(/scope/i);
    expect(job.errors[0]?.message).toMatch(/crm\.(schemas|objects)\./);
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched" });
  });

  test("refuses to sync a database with another portal than before", async () => {
    await rig.contact("ada@acme-robotics.com");
    await rig.sync();
    await rig.store.cursors.set("hubspot-portal", "1", rig.clock.iso());
    const other = await syncRig({ beside: rig, accountKey: "another account" });
    await rig.contact("grace@acme-robotics.com");

    const job = await other.sync();
    await other.close();

    expect(job.errors[0]).toMatchObject({ code: "OTHER_PORTAL" });
    expect(await rig.one("grace@acme-robotics.com")).toMatchObject({ status: "enriched" });
  });

  test("says so and changes nothing without a token", async () => {
    const without = await syncRig({ beside: rig, crm: null });
    await rig.contact("ada@acme-robotics.com");

    const job = await without.sync();
    await without.close();

    expect(job.notes.join()).toContain("HUBSPOT_ACCESS_TOKEN");
    expect(await rig.one("ada@acme-robotics.com")).toMatchObject({ status: "enriched" });
  });
});
