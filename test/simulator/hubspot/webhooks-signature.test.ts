/** Signatures of webhooks. */
import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import {
  signedUri,
  signV1,
  signV3,
} from "../../../mcp-server/simulator/hubspot/webhook-signature.ts";
import { openPortal } from "./portal.ts";
import { openReceiver } from "./receiver.ts";

const portal = await openPortal();
const receiver = await openReceiver();
const { webhooks } = portal.hubspot;

// Published test values of HubSpot's own client for version 3, read 2026-11.
const vector = {
  secret: "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
  method: "POST",
  url: "https://www.example.com/webhook_uri",
  body: "{'example_field':'example_value'}",
};

test.each([
  [1_693_657_560_000, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="],
  [1_700_000_300_000, "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="],
])("version 3 at %i gives the published value", (timestamp, signature) => {
  expect(signV3({ ...vector, timestamp })).toBe(signature);
});

test("version 1 is the hash of secret and body", () => {
  const expected = createHash("sha256").update(`${vector.secret}${vector.body}`).digest("hex");

  expect(signV1(vector)).toBe(expected);
});

test("only the listed characters of the URI are decoded", () => {
  // HubSpot docs, validating requests, read 2026-10.
  expect(signedUri("https://x.com/%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B")).toBe(
    "https://x.com/:/?@!$'()*,;",
  );
  expect(signedUri("https://x.com/%2f%3a%20%26%3D%25")).toBe("https://x.com//:%20%26%3D%25");
});

function headersOfOne() {
  const [request] = receiver.requests;
  if (request === undefined) throw new Error("Nothing came.");
  return request;
}

test("both signatures stand on a request and fit its very bytes", async () => {
  webhooks.subscribe({ targetUrl: receiver.url, clientSecret: "s3cret" });
  portal.hubspot.seedContacts([{ email: "ada@example.com" }]);
  portal.hubspot.editAsUser("contacts", "ada@example.com", { city: "Ålesund 🐟" });
  await webhooks.deliver();

  const { headers, body } = headersOfOne();
  const timestamp = String(portal.now());
  expect(headers).toMatchObject({
    "x-hubspot-request-timestamp": timestamp,
    "x-hubspot-signature-v3": createHmac("sha256", "s3cret")
      .update(`POST${receiver.url}${body}${timestamp}`)
      .digest("base64"),
    "x-hubspot-signature-version": "v1",
    "x-hubspot-signature": createHash("sha256").update(`s3cret${body}`).digest("hex"),
    "content-type": "application/json",
  });
});

test("behind a proxy the public URL is signed", async () => {
  webhooks.subscribe({
    targetUrl: receiver.url,
    publicUrl: "https://sync.example.com/hs%3Fa/webhooks/hubspot",
  });
  await portal.contact({ email: "ada@example.com" });
  await webhooks.deliver({ timestamp: 1_700_000_300_000 });

  const { headers, body } = headersOfOne();
  expect(headers["x-hubspot-signature-v3"]).toBe(
    createHmac("sha256", portal.simulator.hubspotClientSecret)
      .update(`POSThttps://sync.example.com/hs?a/webhooks/hubspot${body}1700000300000`)
      .digest("base64"),
  );
});

test("an app may get only one of the two", async () => {
  portal.hubspot.configure({ webhookSignatures: ["v1"] });
  webhooks.subscribe({ targetUrl: receiver.url });
  await portal.contact({ email: "ada@example.com" });
  await webhooks.deliver();

  const { headers } = headersOfOne();
  expect(headers).toHaveProperty("x-hubspot-signature");
  expect(headers).not.toHaveProperty("x-hubspot-signature-v3");
  expect(headers).not.toHaveProperty("x-hubspot-request-timestamp");
});
