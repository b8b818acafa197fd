/** How things stand: counted, said in sentences with what to do, troubles first. */
import { describe, expect, test } from "vitest";
import type { SyncLogEntry } from "../../mcp-server/src/ports/sync-store.ts";
import { IMPORTED_AT, storedContact, storedContacts } from "../doors/contacts.ts";
import { open, run } from "./calls.ts";

/** A row of the log that ended a moment ago. */
function ended(
  action: "update" | "blocked",
  error: string,
  local_id: number,
): Omit<SyncLogEntry, "id"> {
  const now = new Date().toISOString();
  const about = { run_id: "sync_1", object: "contacts", local_id, hubspot_id: "9" } as const;
  const times = { created_at: now, finished_at: now };
  return { ...about, ...times, action, outcome: "rejected", fields: [], marker: null, error };
}

describe("sync-health", () => {
  test("counts what is there and says what to do", async () => {
    const services = await open({ capabilities: { lemlist: false } });
    await storedContacts(services.store, 2);
    await storedContact(services.store, "bad@example.com", {
      set: {
        status: "failed",
        failed_stage: "sync",
        error: "HubSpot said no",
        retry_at: IMPORTED_AT,
      },
    });

    const health = await run(services, "sync-health", {});

    expect(health).toMatchObject({
      status: "attention",
      contacts: { total: 3, by_status: { imported: 2, failed: 1 } },
      retries: { sync_at: IMPORTED_AT, enrich_at: null },
      missing_keys: [{ variable: "LEMLIST_API_KEY" }],
      jobs: { active: 0, recent: [] },
    });
    expect(health["sentences"]).toEqual([
      expect.stringContaining("1 contact(s) failed"),
      expect.stringContaining("call enrich"),
      expect.stringContaining("LEMLIST_API_KEY"),
    ]);
  });

  test("tells what was held back from what failed, whichever is more frequent", async () => {
    const services = await open();
    const id = await storedContact(services.store, "ada@example.com", {
      set: { status: "synced" },
    });
    const blocked = Array.from({ length: 9 }, (_, index) =>
      ended("blocked", `Blocked: field_${index % 7}: clearing does not travel`, id),
    );
    await services.store.syncLog.add([...blocked, ended("update", "HubSpot said no", id + 1)]);

    const health = await run(services, "sync-health", {});

    expect(health).toMatchObject({
      status: "attention",
      failures_24h: [{ error: "HubSpot said no", count: 1, examples: [] }],
    });
    expect(health["blocked_24h"]).toHaveLength(5);
    expect(health["blocked_24h"]).toContainEqual({
      reason: "field_0: clearing does not travel",
      count: 2,
      examples: ["ada@example.com"],
    });
    expect(health["sentences"]).toEqual([
      expect.stringContaining("1 write(s) to HubSpot failed"),
      expect.stringContaining("9 record(s)"),
    ]);
  });

  test("tells why changes are not being sent, until they are, and not where none are meant to be", async () => {
    const note = { at: IMPORTED_AT, code: "AUTH", message: "HubSpot refused\u202E the token." };
    const services = await open();
    const { store } = services;
    const quiet = await open({ store, services: { sendsByItself: false } });
    const statusOf = async (from: typeof services) => await run(from, "sync-health", {});

    await store.cursors.set("live-trouble", JSON.stringify(note), IMPORTED_AT);
    const troubled = await statusOf(services);
    const switchedOff = await statusOf(quiet);
    await store.cursors.set("live-trouble", "", IMPORTED_AT);
    const mended = await statusOf(services);

    expect(troubled).toMatchObject({
      status: "attention",
      sentences: [
        expect.stringContaining(
          "Changes are not being sent by themselves: HubSpot refused the token. ",
        ),
      ],
    });
    expect([switchedOff["status"], mended["status"]]).toEqual(["ok", "ok"]);
  });

  test("tells once that the token is refused, whoever found out, with what waits longest", async () => {
    const circuit = { state: "auth", since: IMPORTED_AT, nextTryAt: IMPORTED_AT, code: "AUTH" };
    const standing = async () => ({
      circuit: { ...circuit, state: "auth" as const },
      burst: { limit: 100, used: 0 },
      daily: null,
    });
    const services = await open({ services: { standing } });
    const { store } = services;
    const id = await storedContact(store, "ada@example.com", { set: { status: "synced" } });
    const note = { at: IMPORTED_AT, code: "AUTH", message: "HubSpot refused the token." };
    await store.cursors.set("live-trouble", JSON.stringify(note), IMPORTED_AT);
    const due_at = "2999-01-01T00:00:00.000Z";
    const entry = { object: "contacts", local_id: id, reason: "test" } as const;
    await store.queue.add([{ ...entry, due_at: IMPORTED_AT, since: IMPORTED_AT }]);
    const take = { object: "contacts", owner: "me", now: due_at, lease_until: due_at } as const;
    await store.queue.claim({ ...take, limit: 1 });
    await store.queue.retry([{ object: "contacts", local_id: id, due_at }], "me");

    const health = await run(services, "sync-health", {});

    expect(health).toMatchObject({
      status: "attention",
      queue: { oldest_change: { record: "ada@example.com", attempts: 1, due_at } },
      hubspot: { api: { circuit: { state: "auth" } } },
    });
    expect(health["sentences"]).toEqual([
      expect.stringContaining("HubSpot has refused the access token"),
      expect.stringContaining("The change of ada@example.com has not been synced for"),
    ]);
  });

  test("groups failures by cause with up to three of their records", async () => {
    const services = await open();
    const ids = [];
    for (const name of ["ada", "bob", "cyd", "dee"])
      ids.push(await storedContact(services.store, `${name}@example.com`));
    await services.store.syncLog.add(ids.map((id) => ended("update", "HubSpot said no", id)));

    const health = await run(services, "sync-health", {});

    expect(health["failures_24h"]).toEqual([
      {
        error: "HubSpot said no",
        count: 4,
        examples: ["dee@example.com", "cyd@example.com", "bob@example.com"],
      },
    ]);
  });
});
