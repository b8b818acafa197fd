/** Notifications that are rightly signed and strange all the same: each is put aside alone, and none keeps others from being taken. */
import { describe, expect, test } from "vitest";
import { createLiveSync } from "../../mcp-server/src/workers/live-sync.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { type WebhookRig, webhookRig } from "./webhook-rig.ts";

const good = '{"eventId":1,"subscriptionType":"contact.propertyChange","objectId":101}';

async function sendWith(rig: WebhookRig, strange: string): Promise<unknown> {
  const response = await rig.send(`[${good},${strange},${good}]`);
  expect(response.status).toBe(200);
  return response.json();
}

describe("a strange notification between two good ones", () => {
  test.each([
    [
      "nested deeper than can be written",
      `{"subscriptionType":"contact.creation","objectId":2,"x":${nested(100_000)}}`,
    ],
    ["a negative id", '{"subscriptionType":"contact.creation","objectId":-5}'],
    ["zero as its id", '{"subscriptionType":"contact.creation","objectId":0}'],
    ["minus zero as its id", '{"subscriptionType":"contact.creation","objectId":-0}'],
    ["half an id", '{"subscriptionType":"contact.creation","objectId":1.5}'],
    ["an id in powers of ten", '{"subscriptionType":"contact.creation","objectId":1e30}'],
    [
      "an id of forty digits",
      `{"subscriptionType":"contact.creation","objectId":${"7".repeat(40)}}`,
    ],
    ["an id with leading zeros", '{"subscriptionType":"contact.creation","objectId":"007"}'],
    ["an id that is no number", '{"subscriptionType":"contact.creation","objectId":"__proto__"}'],
    ["a list as its id", '{"subscriptionType":"contact.creation","objectId":[101]}'],
    ["no kind", '{"objectId":101}'],
    ["a kind with a line break", '{"subscriptionType":"contact.\\ncreation","objectId":101}'],
    [
      "nothing but a prototype",
      '{"__proto__":{"subscriptionType":"contact.creation","objectId":101}}',
    ],
    ["a list", "[]"],
    ["a text", '"contact.creation"'],
  ])("%s is put aside alone", async (_what, strange) => {
    const rig = await webhookRig();

    expect(await sendWith(rig, strange)).toEqual({ accepted: 2, quarantined: 1 });
    expect((await rig.waiting()).map(({ object_id }) => object_id)).toEqual(["101", "101"]);
  });

  test.each([
    [
      "a prototype beside its members",
      '{"__proto__":{"x":1},"constructor":7,"subscriptionType":"contact.creation","objectId":9}',
      "9",
    ],
    [
      "an id beyond 2^53",
      '{"subscriptionType":"contact.creation","objectId":9007199254740993}',
      "9007199254740993",
    ],
    [
      "NUL and half a pair in a value",
      '{"subscriptionType":"contact.propertyChange","objectId":9,"propertyValue":"a\\u0000b\\ud800"}',
      "9",
    ],
    [
      "a time before or after all times",
      '{"subscriptionType":"contact.creation","objectId":9,"occurredAt":9007199254740991}',
      "9",
    ],
    [
      "a kind named like a member of all objects",
      '{"subscriptionType":"constructor.toString","objectId":9}',
      "9",
    ],
  ])("%s is taken as it is", async (_what, strange, id) => {
    const rig = await webhookRig();

    expect(await sendWith(rig, strange)).toEqual({ accepted: 3, quarantined: 0 });
    const [, taken] = await rig.waiting();
    expect(taken).toMatchObject({ object_id: id, error: null });
    expect(taken?.occurred_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test("one of nearly a megabyte is kept whole", async () => {
    const rig = await webhookRig();
    const value = 'ä\\"'.repeat(150_000);
    const long = JSON.stringify({
      subscriptionType: "company.propertyChange",
      objectId: 9,
      propertyValue: value,
    });

    await sendWith(rig, long);

    const [, taken] = await rig.waiting();
    expect(JSON.parse(taken?.payload ?? "")).toMatchObject({ propertyValue: value });
  });
});

describe("what somebody else wrote into the inbox", () => {
  let rig: SyncRig;

  test.each([
    ["no JSON", "{"],
    ["an empty text", ""],
    ["a number", "7"],
    ["a nest", nested(50_000)],
    ["a prototype", '{"__proto__":{"subscriptionType":"contact.creation","objectId":1}}'],
  ])("%s is passed over, and what came with it is taken", async (_what, payload) => {
    rig = await syncRig();
    const ada = await rig.contact("ada@acme.com");
    await rig.sync();
    const [link] = await rig.store.links.byLocalIds("contacts", [ada]);
    const at = rig.clock.iso();
    const strange = {
      event_id: "",
      subscription_type: "contact.creation",
      object: "contacts",
      object_id: "x'; drop table contacts; --",
      occurred_at: "whenever",
      payload,
      error: null,
    };
    await rig.store.inbox.add([strange], at);
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    await rig.notify({
      subscriptionType: "contact.propertyChange",
      objectId: Number(link?.hubspot_id),
    });
    const live = createLiveSync({
      ...rig,
      accountKey: "account",
      owner: "strange",
      newId: (prefix) => `${prefix}_strange`,
      caps: { creates: 10, updates: 10, clears: 10 },
      burstLimit: 100,
    });

    await live(new AbortController().signal);

    expect((await rig.one("ada@acme.com")).job_title).toBe("CTO");
    expect(await rig.store.inbox.outcomesSince("2026")).toEqual({ ignored: 1, signalled: 1 });
    await rig.close();
  });
});

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}
