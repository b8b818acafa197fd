/** The inbox keeps every notification until it was processed, and answers cheaply however many there are. */
import { expect, test } from "vitest";
import type { NewWebhookEvent } from "../../mcp-server/src/ports/inbox-store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

describeEachEngine("the inbox", (open, { engine, empty, openAt }) => {
  test("gives back what it was given, oldest first, until it was settled", async () => {
    const store = await open();
    await store.inbox.add([event("1", { payload: '{"a":"é\\u0000"}' }), event("2")], NOW);
    await store.inbox.add([event("3", { event_id: "", object: "", object_id: "" })], LATER);

    const first = await store.inbox.take(2);
    const again = await store.inbox.take(9);

    expect(first).toEqual([
      { ...event("1", { payload: '{"a":"é\\u0000"}' }), id: first[0]?.id, received_at: NOW },
      { ...event("2"), id: first[1]?.id, received_at: NOW },
    ]);
    expect(again.map((taken) => taken.object_id)).toEqual(["1", "2", ""]);
    expect(again[2]?.received_at).toBe(LATER);
  });

  test("keeps doubles, because HubSpot's event ids are not unique", async () => {
    const store = await open();

    await store.inbox.add([event("1"), event("1")], NOW);
    await store.inbox.add([event("1")], NOW);

    expect(await store.inbox.take(9)).toHaveLength(3);
  });

  test("settled events are neither taken nor waiting, and are counted by outcome", async () => {
    const store = await open();
    await store.inbox.add(
      ["1", "2", "3", "4"].map((id) => event(id)),
      NOW,
    );
    const [one, two, three] = await store.inbox.take(9);

    await store.inbox.settle(
      [
        { id: one?.id ?? 0, outcome: "signalled" },
        { id: two?.id ?? 0, outcome: "ignored" },
        { id: three?.id ?? 0, outcome: "signalled" },
      ],
      LATER,
    );

    expect((await store.inbox.take(9)).map((taken) => taken.object_id)).toEqual(["4"]);
    expect(await store.inbox.depth(10)).toEqual({ waiting: 1, oldest_at: NOW });
    expect(await store.inbox.outcomesSince(LATER)).toEqual({ signalled: 2, ignored: 1 });
    expect(await store.inbox.outcomesSince(MUCH_LATER)).toEqual({});
  });

  test("an event that cannot be read is kept and done with at once", async () => {
    const store = await open();

    await store.inbox.add([event("1", { error: "No object id." }), event("2")], NOW);

    expect((await store.inbox.take(9)).map((taken) => taken.object_id)).toEqual(["2"]);
    expect(await store.inbox.depth(10)).toEqual({ waiting: 1, oldest_at: NOW });
    expect(await store.inbox.outcomesSince(NOW)).toEqual({ quarantined: 1 });
  });

  test("tells whether anything waits, and counts no further than asked", async () => {
    const store = await open();
    expect([await store.inbox.any(), await store.inbox.depth(10)]).toEqual([
      false,
      { waiting: 0, oldest_at: null },
    ]);
    await store.inbox.add([event("1")], LATER);
    await store.inbox.add(
      ["2", "3", "4"].map((id) => event(id)),
      MUCH_LATER,
    );

    expect(await store.inbox.any()).toBe(true);
    expect(await store.inbox.depth(3)).toEqual({ waiting: 3, oldest_at: LATER });
    expect(await store.inbox.depth(9)).toEqual({ waiting: 4, oldest_at: LATER });
  });

  test("nothing in and nothing settled is no error", async () => {
    const store = await open();

    await store.inbox.add([], NOW);
    await store.inbox.settle([], NOW);

    expect(await store.inbox.take(9)).toEqual([]);
  });

  test("taking and settling hold together or not at all", async () => {
    const store = await open();
    await store.inbox.add([event("1")], NOW);

    const failed = store.transaction(async (within) => {
      const taken = await within.inbox.take(9);
      await within.inbox.settle(
        taken.map(({ id }) => ({ id, outcome: "signalled" as const })),
        NOW,
      );
      throw new Error("The process stumbled.");
    });

    await expect(failed).rejects.toThrow("stumbled");
    expect(await store.inbox.depth(9)).toMatchObject({ waiting: 1 });
  });

  test.runIf(engine === "sqlite")("asks only indexes of what waits", async () => {
    const url = await empty();
    await openAt(url);
    const other = await foreignProgram(url);
    const plan = async (query: string) =>
      (await other.rows(`explain query plan ${query}`)).map((row) => row["detail"]).join("; ");

    const any = await plan("select 1 from webhook_events where processed_at is null limit 1");
    const depth = await plan(
      "select count(*) from (select id from webhook_events where processed_at is null limit 9)",
    );
    const take = await plan(
      "select * from webhook_events where processed_at is null order by id limit 9",
    );
    const old = await plan(
      "select id from webhook_events where processed_at is not null and processed_at < 'x' order by processed_at limit 9",
    );

    for (const used of [any, depth, take]) expect(used).toContain("webhook_events_new");
    expect(take).not.toContain("TEMP B-TREE");
    expect(old).toContain("COVERING INDEX webhook_events_done");
  });
});

function event(objectId: string, said: Partial<NewWebhookEvent> = {}): NewWebhookEvent {
  return {
    event_id: `e${objectId}`,
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: objectId,
    occurred_at: NOW,
    payload: "{}",
    error: null,
    ...said,
  };
}
