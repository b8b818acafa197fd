/** What waits and since when, as scrapes ask for it. */
import { expect, test } from "vitest";
import { FIGURE_LIMIT } from "../../mcp-server/src/ports/figure-store.ts";
import type { NewWebhookEvent } from "../../mcp-server/src/ports/inbox-store.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { describeEachEngine, tempFile } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

const EARLY = "2026-11-21T08:00:00.000Z";

describeEachEngine("the figures", (open) => {
  test("of an empty database are nothing", async () => {
    const { figures } = await open();

    expect(await figures.read(NOW)).toEqual({
      queues: [],
      notifications: 0,
      oldestRecord: null,
      oldest: { records: null, arrivals: null, notifications: null },
      openConflicts: [],
      jobs: [],
    });
  });

  test("tell apart what is due, what waits and what somebody is at, and who has waited longest", async () => {
    const { figures, queue, remoteQueue } = await open();
    const entry = { object: "contacts", reason: "test" } as const;
    await queue.add([
      { ...entry, local_id: 1, due_at: EARLY, since: EARLY },
      { ...entry, local_id: 2, due_at: NOW },
      { ...entry, local_id: 3, due_at: LATER },
      { ...entry, object: "customers", local_id: 4, due_at: MUCH_LATER },
    ]);
    const take = { object: "contacts", owner: "me", now: EARLY, lease_until: LATER } as const;
    await queue.claim({ ...take, limit: 1 });
    await remoteQueue.add([
      { object: "companies", hubspot_id: "5", kind: "look", due_at: LATER, since: EARLY },
    ]);

    const read = await figures.read(NOW);

    expect(read.queues).toEqual([
      { queue: "records", object: "contacts", state: "due", count: 1 },
      { queue: "records", object: "contacts", state: "leased", count: 1 },
      { queue: "records", object: "contacts", state: "waiting", count: 1 },
      { queue: "records", object: "customers", state: "waiting", count: 1 },
      { queue: "arrivals", object: "companies", state: "waiting", count: 1 },
    ]);
    expect(read.oldestRecord).toEqual({
      object: "contacts",
      local_id: 1,
      since: EARLY,
      attempts: 0,
      due_at: EARLY,
    });
    expect(read.oldest).toEqual({ records: EARLY, arrivals: EARLY, notifications: null });
  });

  test("take a lease that ran out for none", async () => {
    const { figures, queue } = await open();
    await queue.add([{ object: "contacts", local_id: 1, reason: "test", due_at: NOW }]);
    const take = { object: "contacts", owner: "dead", now: NOW, lease_until: LATER } as const;
    await queue.claim({ ...take, limit: 1 });

    expect((await figures.read(LATER)).queues).toMatchObject([{ state: "due", count: 1 }]);
  });

  test.each([
    ["since HubSpot says that it happened", EARLY, EARLY],
    ["not after it was received, whatever HubSpot's clock says", MUCH_LATER, NOW],
    [
      "two days at most, because HubSpot goes on for one",
      "1970-01-01T00:00:00.000Z",
      "2026-11-19T10:00:00.000Z",
    ],
  ])("say of a notification that it waits %s", async (_what, occurred_at, since) => {
    const { figures, inbox } = await open();

    await inbox.add([event(occurred_at)], NOW);

    const read = await figures.read(LATER);
    expect(read).toMatchObject({ notifications: 1, oldest: { notifications: since } });
  });

  test("count open conflicts by reason, and jobs that have not ended", async () => {
    const { conflicts, figures, jobs } = await open();
    const conflict = { object: "contacts", field: "city", base: null, local: "a", hubspot: "b" };
    const unknown = { local_at: null, local_by: null, hubspot_at: null, hubspot_by: null };
    const opened = { ...conflict, ...unknown, object: "contacts" } as const;
    await conflicts.open(
      [
        { ...opened, local_id: 1 },
        { ...opened, local_id: 2 },
      ],
      NOW,
    );
    await conflicts.closeAgreed("contacts", [{ local_id: 2, field: "city" }], NOW);
    for (const job_id of ["a", "b"])
      await jobs.create({ job_id, kind: "import", args: {}, now: NOW });

    const read = await figures.read(NOW);

    expect(read.openConflicts).toEqual([{ reason: "both_changed", count: 1 }]);
    expect(read.jobs).toEqual([{ kind: "import", status: "queued", count: 2 }]);
  });
});

function event(occurred_at: string): NewWebhookEvent {
  return {
    event_id: "1",
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: "9",
    occurred_at,
    payload: "{}",
    error: null,
  };
}

test("are read from indexes, but for counts that are bounded", async () => {
  const { url, drop } = await tempFile();
  const store = await openStore(url, { log: keptLog() });
  const other = await foreignProgram(url);
  const plans = await Promise.all(
    [
      "select since from sync_queue where since is not null order by since limit 1",
      "select since from hubspot_queue where since is not null order by since limit 1",
      "select occurred_at from webhook_events where processed_at is null order by id limit 1",
      "select reason, count(*) from conflicts where status = 'open' group by reason",
      "select kind, count(*) from jobs where status in ('queued', 'running') group by kind, status",
    ].map((query) => other.rows(`explain query plan ${query}`)),
  );

  const used = plans.map((rows) => String(rows[0]?.["detail"]));
  expect(used.map((detail) => /INDEX (\w+)/.exec(detail)?.[1])).toEqual([
    "sync_queue_by_since",
    "hubspot_queue_by_since",
    "webhook_events_new",
    "conflicts_open",
    "jobs_unfinished",
  ]);
  expect(FIGURE_LIMIT).toBeLessThanOrEqual(100_000);
  await store.close();
  await drop();
});
