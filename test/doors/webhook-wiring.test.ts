/** The door for notifications as the configuration makes it. */
import { createHash } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../mcp-server/src/config.ts";
import { openHttpSide } from "../../mcp-server/src/http-side.ts";
import { openServices } from "./stack.ts";
import { changes, secret, v3 } from "./webhook-rig.ts";

async function listening(env: Readonly<Record<string, string>>) {
  const open = await openServices();
  onTestFinished(() => open.close());
  const side = await openHttpSide(readConfig({ HTTP_PORT: "0", ...env }), {
    ...open,
    introduction: { name: "hubspot-sync", version: "0.0.0-test", instructions: "" },
  });
  onTestFinished(() => side.close());
  const post = async (headersFor: (address: string) => Record<string, string>) => {
    const address = `${side.url}/webhooks/hubspot`;
    const headers = headersFor(address);
    return (await fetch(address, { method: "POST", body: changes(2), headers })).status;
  };
  return { post, store: open.store };
}

const signedFor = (address: string): Record<string, string> =>
  v3(Buffer.from(changes(2)), address, Date.now());

test("with nothing but a client secret, the address is the one that is called", async () => {
  const { post, store } = await listening({ HUBSPOT_CLIENT_SECRET: secret });

  expect(await post(signedFor)).toBe(200);
  expect(await store.inbox.depth(10)).toMatchObject({ waiting: 2 });
});

test("PUBLIC_URL is the address that HubSpot calls", async () => {
  const { post } = await listening({
    HUBSPOT_CLIENT_SECRET: secret,
    PUBLIC_URL: "https://sync.example.com",
  });

  expect(await post(() => signedFor("https://sync.example.com/webhooks/hubspot"))).toBe(200);
  expect(await post(signedFor)).toBe(401);
});

test("WEBHOOK_SIGNATURES switches older versions on, and v3 off", async () => {
  const { post } = await listening({ HUBSPOT_CLIENT_SECRET: secret, WEBHOOK_SIGNATURES: "v1" });
  const v1 = createHash("sha256").update(secret).update(changes(2)).digest("hex");

  expect(await post(() => ({ "x-hubspot-signature": v1 }))).toBe(200);
  expect(await post(signedFor)).toBe(401);
});

test("WEBHOOK_MAX_WAITING bounds what waits", async () => {
  const { post } = await listening({ HUBSPOT_CLIENT_SECRET: secret, WEBHOOK_MAX_WAITING: "100" });

  const statuses = [];
  for (let n = 0; n < 51; n += 1) statuses.push(await post(signedFor));

  expect(statuses.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(statuses[50]).toBe(503);
});

test("HUBSPOT_APP_ID puts the notifications of other apps aside", async () => {
  const { post, store } = await listening({ HUBSPOT_CLIENT_SECRET: secret, HUBSPOT_APP_ID: "1" });

  expect(await post(signedFor)).toBe(200);
  expect(await store.inbox.depth(10)).toMatchObject({ waiting: 0 });
});

test("without a client secret the door is shut", async () => {
  const { post } = await listening({});

  expect(await post(signedFor)).toBe(503);
});
