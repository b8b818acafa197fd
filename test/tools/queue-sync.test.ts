/** Saying that a record changed (document B's QueueSync): what may leave is queued, urgent when it is real-time. */
import { describe, expect, test } from "vitest";
import { storedContact } from "../doors/contacts.ts";
import { fakeClock } from "../support/clock.ts";
import { open, refused, run } from "./calls.ts";
import { queued } from "./conflict-rig.ts";

const NOW = "2026-11-20T10:00:00.000Z";
const AFTER_DEBOUNCE = "2026-11-20T10:00:02.000Z";

async function withCustomer() {
  const services = await open({ services: { clock: fakeClock(NOW) } });
  await services.store.customers.upsert([{ ban: "B-1", company_name: "Acme" }], NOW);
  const [customer] = await services.store.customers.findByBans(["B-1"]);
  const id = customer?.id ?? 0;
  await services.store.queue.claim({
    object: "customers",
    owner: "earlier",
    now: AFTER_DEBOUNCE,
    lease_until: AFTER_DEBOUNCE,
    limit: 10,
  });
  await services.store.queue.settle("customers", [id], "earlier");
  return { services, id };
}

// Document B, outbound flow: fields of WARP_TO_HUBSPOT and BIDIRECTIONAL go to the queue, those of HUBSPOT_TO_WARP are skipped.
describe("queue-sync", () => {
  test("queues a real-time field at once and before others", async () => {
    const { services, id } = await withCustomer();

    const answer = await run(services, "queue-sync", {
      object: "customer",
      id: String(id),
      changed_fields: ["current_balance", "status"],
      trigger_source: "api",
    });

    expect(answer).toMatchObject({
      queued: true,
      due_at: NOW,
      fields: ["current_balance", "status"],
      ignored_fields: [],
    });
    expect(await queued(services.store, "customers")).toMatchObject([
      { local_id: id, reason: "queued by api", due_at: NOW, urgent: true },
    ]);
  });

  test("lets other fields wait for changes of the same record", async () => {
    const { services } = await withCustomer();

    const answer = await run(services, "queue-sync", {
      object: "customers",
      ban: " B-1 ",
      changed_fields: "status,tier",
    });

    expect(answer).toMatchObject({
      queued: true,
      due_at: AFTER_DEBOUNCE,
      fields: ["status"],
      ignored_fields: ["tier"],
    });
    expect(await queued(services.store, "customers")).toMatchObject([{ urgent: false }]);
  });

  test("queues nothing for fields that HubSpot owns", async () => {
    const { services } = await withCustomer();
    const about = { object: "customers", ban: "B-1" };

    const answer = await run(services, "queue-sync", { ...about, changed_fields: ["tier"] });

    expect(answer).toMatchObject({ queued: false, due_at: null, ignored_fields: ["tier"] });
    expect(await queued(services.store, "customers")).toEqual([]);
  });

  test("takes columns and paths for the fields that they hold", async () => {
    const { services } = await withCustomer();
    const about = { object: "customers", ban: "B-1" };

    for (const changed_fields of [["contact"], ["contact.phone"], ["contact_phone"]]) {
      expect(await run(services, "queue-sync", { ...about, changed_fields })).toMatchObject({
        fields: ["contact_phone"],
      });
    }
  });

  test.each([
    [{}, /synced by itself when it is due/],
    [{ services: { sendsByItself: false } }, /call sync, because AUTO_SYNC_AFTER_ENRICH is off/],
    [
      { services: { sendsByItself: false }, capabilities: { hubspot: false } },
      /set HUBSPOT_ACCESS_TOKEN/,
    ],
  ])("says whether it is sent by itself: %j", async (options, next) => {
    const services = await open(options);
    await storedContact(services.store, "ada@example.com");

    const answer = await run(services, "queue-sync", {
      object: "contact",
      email: "ada@example.com",
    });

    expect(answer["next"]).toMatch(next);
  });

  test("looks at the whole record when no field is named", async () => {
    const services = await open({ services: { clock: fakeClock(NOW) } });
    const id = await storedContact(services.store, "ada@example.com");

    const answer = await run(services, "queue-sync", {
      object: "contact",
      email: "Ada@Example.com",
    });

    expect(answer).toMatchObject({ queued: true, due_at: AFTER_DEBOUNCE });
    expect(await queued(services.store, "contacts")).toMatchObject([{ local_id: id }]);
  });

  test("names the fields there are when it is given another", async () => {
    const { services, id } = await withCustomer();
    const input = { object: "customers", id, changed_fields: ["status", "shoe\u202Esize"] };

    const error = await refused(run(services, "queue-sync", input));

    expect(error.message).toContain("ban, current_balance, status, tier");
    expect(error.message).not.toContain("shoe");
    expect(await queued(services.store, "customers")).toEqual([]);
  });

  test.each([
    [{ object: "customers" }, "input"],
    [{ object: "customers", ban: "B-1", id: 1 }, "input"],
    [{ object: "customers", email: "ada@example.com" }, "input"],
    [{ object: "contacts", ban: "B-1" }, "input"],
    [{ object: "companies", id: 1 }, "input"],
    [{ object: "customers", ban: "B-2" }, "not-found"],
    [{ object: "contacts", id: 999 }, "not-found"],
    [{ object: "contacts", id: 1.5 }, "not-found"],
  ])("refuses %j as %s", async (input, kind) => {
    const { services } = await withCustomer();

    expect((await refused(run(services, "queue-sync", input))).kind).toBe(kind);
  });
});
