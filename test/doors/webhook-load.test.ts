/** The door under pressure: floods, broken bodies and a database that fails cost latency, never events. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { changes, openRequest, until, v3, webhookRig } from "./webhook-rig.ts";

describe("floods", () => {
  test("200 requests at once are all taken", async () => {
    const rig = await webhookRig();

    const responses = await Promise.all(
      Array.from({ length: 200 }, (_, n) => rig.send(changes(10, n + 1))),
    );

    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
    expect(await rig.waiting()).toHaveLength(2_000);
  });

  test("beyond the bound they are 503 with Retry-After, and taken again when there is room", async () => {
    const rig = await webhookRig({ maxWaiting: 25 });

    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await rig.send(changes(10))).status);
    const refused = await rig.send(changes(10));
    const waiting = await rig.waiting();
    await rig.store.inbox.settle(
      waiting.map(({ id }) => ({ id, outcome: "signalled" as const })),
      rig.clock.iso(),
    );
    rig.clock.advance(1_000);
    await until(async () => (await rig.send(changes(10))).status === 200);

    expect(statuses).toEqual([200, 200, 503, 503, 503]);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(waiting).toHaveLength(20);
    expect(rig.lines.filter(({ fields }) => fields["code"] === "WEBHOOK_INBOX_FULL")).toHaveLength(
      1,
    );
  });

  test("what other processes left waiting counts from the first request on", async () => {
    const rig = await webhookRig({ maxWaiting: 15 });
    const event = {
      event_id: "",
      subscription_type: "contact.creation",
      object: "contacts",
      object_id: "1",
      occurred_at: rig.clock.iso(),
      payload: "{}",
      error: null,
    };
    await rig.store.inbox.add(
      Array.from({ length: 10 }, () => event),
      rig.clock.iso(),
    );

    expect((await rig.send(changes(10))).status).toBe(503);
    expect((await rig.send(changes(5))).status).toBe(200);
  });

  test("quarantined ones take no room", async () => {
    const rig = await webhookRig({ maxWaiting: 10 });

    for (let n = 0; n < 5; n += 1) await rig.send("[1,2,3,4,5]");

    expect((await rig.send(changes(10))).status).toBe(200);
  });
});

test("a connection is kept for longer than senders keep theirs", async () => {
  const rig = await webhookRig();

  const response = await rig.send(changes(1));

  expect(response.headers.get("keep-alive")).toBe("timeout=65");
});

describe("a database that fails", () => {
  test("is answered 503, with the error in the log", async () => {
    const rig = await webhookRig();
    await rig.send(changes(1));
    await rig.store.close();

    const responses = [await rig.send(changes(1)), await rig.send(changes(1))];

    expect(responses.map(({ status }) => status)).toEqual([503, 503]);
    expect(responses[0]?.headers.get("retry-after")).toBe("5");
    expect(
      rig.lines.filter(({ fields }) => fields["code"] === "WEBHOOKS_NOT_STORED"),
    ).toMatchObject([{ fields: { err: expect.any(Error) } }]);
  });

  test("from the very beginning is too", async () => {
    const rig = await webhookRig();
    await rig.store.close();

    expect((await rig.send(changes(1))).status).toBe(503);
  });
});

describe("bodies", () => {
  test("in chunks are taken as they are", async () => {
    const rig = await webhookRig();
    const body = changes(3);
    const headers = v3(Buffer.from(body), `${rig.url}/webhooks/hubspot`, rig.clock.now());
    const { sent, answer } = openRequest(rig, headers);

    sent.write(body.slice(0, 100));
    await new Promise((resolve) => setImmediate(resolve));
    sent.end(body.slice(100));

    expect(await answer).toBe(200);
    expect(await rig.waiting()).toHaveLength(3);
  });

  test("announced as too long are refused unread", async () => {
    const rig = await webhookRig();
    const { sent, answer } = openRequest(rig, { "content-length": "1000001" });

    sent.write("[");

    expect(await answer).toBe(413);
  });

  test("that grow too long without announcing it are refused", async () => {
    const rig = await webhookRig();
    const { sent, answer } = openRequest(rig);
    const more = (): void => {
      if (!sent.destroyed) sent.write(" ".repeat(64_000), more);
    };
    more();

    expect(await answer).toBe(413);
    sent.destroy();
  });

  test("as long as they may be are read to the end", async () => {
    const rig = await webhookRig();
    const body = changes(1).padEnd(1_000_000, " ");

    expect((await rig.send(body)).status).toBe(200);
  });

  test("that do not arrive in time are refused", async () => {
    const rig = await webhookRig({ bodyWithinMs: 50 });
    const { sent, answer } = openRequest(rig, { "content-length": "10" });

    sent.write("[");

    expect(await answer).toBe(408);
    sent.destroy();
  });

  test("that break off harm nobody", async () => {
    const rig = await webhookRig();
    const { sent, answer } = openRequest(rig, { "content-length": "10" });
    answer.catch(() => undefined);
    sent.write("[");
    sent.destroy();

    expect((await rig.send(changes(1))).status).toBe(200);
  });

  test("that are compressed are refused, however well they are signed", async () => {
    const rig = await webhookRig();
    const zipped = gzipSync(changes(1));
    const signed = v3(zipped, `${rig.url}/webhooks/hubspot`, rig.clock.now());

    const response = await rig.send(zipped, { headers: { ...signed, "content-encoding": "gzip" } });

    expect(response.status).toBe(415);
  });

  test("of many senders at once are bounded: beyond the bound 503, and room again afterwards", async () => {
    const rig = await webhookRig({ bodyWithinMs: 60_000 });
    // Each of unknown length counts as long as it may be: 64 MB hold 64 of them.
    const held = Array.from({ length: 64 }, () => openRequest(rig));
    for (const { sent } of held) sent.write("[");
    const refused = async (): Promise<boolean> => (await rig.send(changes(1))).status === 503;
    await until(refused);

    for (const { sent } of held) sent.end("]");
    const statuses = await Promise.all(held.map(({ answer }) => answer));

    expect(new Set(statuses)).toEqual(new Set([401]));
    expect((await rig.send(changes(1))).status).toBe(200);
  });
});
