/** Signatures as they arrive over a socket, checked by a second reading of HubSpot's rules that shares nothing with the first. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { SignedRequest } from "../../mcp-server/src/core/webhook-signature.ts";
import { verifySignature } from "../../mcp-server/src/hubspot/signature.ts";
import { changes, secret, type WebhookRig, webhookRig } from "./webhook-rig.ts";

const NOW = 1_795_255_200_000;

/** HMAC by its definition (RFC 2104), over SHA-256. */
function hmac(key: string, message: Buffer): Buffer {
  const block = Buffer.alloc(64);
  const given = Buffer.from(key);
  (given.length > 64 ? sha256(given) : given).copy(block);
  const padded = (pad: number): Buffer => Buffer.from(block.map((byte) => byte ^ pad));
  return sha256(Buffer.concat([padded(0x5c), sha256(Buffer.concat([padded(0x36), message]))]));
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

// HubSpot docs, validating requests, v3: `:/?@!$'()*,;` are decoded in the address and nothing else is (read 2026-11).
const DECODED = new Set(":/?@!$'()*,;");

/** Walks over the address letter by letter. */
function addressToSign(address: string): string {
  let out = "";
  for (let at = 0; at < address.length; at += 1) {
    const hex = address.slice(at + 1, at + 3);
    const letter = /^[0-9a-fA-F]{2}$/.test(hex)
      ? String.fromCharCode(Number.parseInt(hex, 16))
      : "";
    const isDecoded = address[at] === "%" && DECODED.has(letter);
    out += isDecoded ? letter : address[at];
    if (isDecoded) at += 2;
  }
  return out;
}

function sign(address: string, body: Buffer, time: string, key = secret): string {
  const signed = Buffer.concat([
    Buffer.from(`POST${addressToSign(address)}`),
    body,
    Buffer.from(time),
  ]);
  return hmac(key, signed).toString("base64");
}

function verdict(uri: string, body: Buffer, signature: string, key = secret): string {
  const headers = new Map([
    ["x-hubspot-signature-v3", signature],
    ["x-hubspot-request-timestamp", String(NOW)],
  ]);
  const request: SignedRequest = {
    method: "POST",
    uri,
    body,
    header: (name) => headers.get(name) ?? null,
  };
  return verifySignature(request, { secret: key, versions: new Set(["v3"]), now: NOW }).kind;
}

const piece = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "grapheme", maxLength: 3 }).map(encodeURIComponent),
  fc.constantFrom(
    "%",
    "%2",
    "%2f",
    "%2F",
    "%3a",
    "%3A",
    "%252F",
    "%25",
    "%2b",
    "%2B",
    "%20",
    "%3D",
    "%c3%a4",
  ),
  fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, "0")}`),
);
const anyAddress = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => `https://sync.example.com/${pieces.join("")}`);
const anyBody = fc.uint8Array({ maxLength: 60 }).map((given) => Buffer.from(given));
const anySecret = fc.oneof(fc.constant(secret), fc.string({ minLength: 1, maxLength: 100 }));

test("both readings agree on every address, body and secret", () => {
  fc.assert(
    fc.property(anyAddress, anyBody, anySecret, (uri, body, own) => {
      const signature = sign(uri, body, String(NOW), own);

      expect(verdict(uri, body, signature, own)).toBe("valid");
    }),
    { numRuns: 2_000 },
  );
});

test("what is signed for one address and body serves no other", () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, anyBody, anyBody, (uri, otherUri, body, otherBody) => {
      const isSame = addressToSign(uri) === addressToSign(otherUri) && body.equals(otherBody);
      const signature = sign(otherUri, otherBody, String(NOW));

      expect(verdict(uri, body, signature)).toBe(isSame ? "valid" : "refused");
    }),
    { numRuns: 1_000 },
  );
});

describe("over a socket", () => {
  let rig: WebhookRig;
  beforeEach(async () => {
    rig = await webhookRig();
  });

  interface Sent {
    readonly path?: string;
    readonly body?: Buffer;
    /** The address that HubSpot signed. */
    readonly called: string;
    readonly headers?: Readonly<Record<string, string | string[]>>;
  }

  async function send({
    path = "/webhooks/hubspot",
    body = Buffer.from(changes(1)),
    called,
    headers = {},
  }: Sent) {
    const time = String(rig.clock.now());
    const { port } = new URL(rig.url);
    const sent = httpRequest({
      port,
      host: "127.0.0.1",
      method: "POST",
      path,
      headers: {
        "content-length": String(body.length),
        "x-hubspot-signature-v3": sign(called, body, time),
        "x-hubspot-request-timestamp": time,
        ...headers,
      },
    });
    sent.end(body);
    const [response]: IncomingMessage[] = await once(sent, "response");
    response?.resume();
    return response?.statusCode;
  }

  const https = { "x-forwarded-proto": "https" };

  test.each([
    ["a plain query", "?team=7&x=a+b"],
    ["escapes that are decoded", "?to=a%40b.com%3A80%2fpath%3Fx%2c%3b%21%24%27%28%29%2A"],
    ["escapes that are not", "?x=%20%23%26%3D%2B%5B%5D%7B%7D%22%3C%3E%25"],
    ["escapes of escapes", "?x=%252F%253a"],
    ["letters beyond ASCII", "?x=%C3%A4%e2%82%ac%F0%9F%98%80"],
    ["half escapes", "?x=%&y=%2&z=%zz"],
    ["all letters that need no escape", "?x='()*!$&+,;=:@/?-._~"],
    ["dots and slashes", "?x=/../..//./"],
    ["a second question mark", "?a?b"],
    ["an empty query", "?"],
  ])("%s is signed as it was called", async (_what, query) => {
    const status = await send({
      path: `/webhooks/hubspot${query}`,
      called: `https://sync.example.com/webhooks/hubspot${query}`,
      headers: { host: "sync.example.com", ...https },
    });

    expect(status).toBe(200);
  });

  test.each([
    ["a port in the name", "sync.example.com:8443", "https"],
    ["several proxies", "sync.example.com", "https, http"],
    ["a scheme in capitals", "sync.example.com", "HTTPS"],
  ])("%s is taken", async (_what, host, proto) => {
    const status = await send({
      called: `https://${host}/webhooks/hubspot`,
      headers: { host, "x-forwarded-proto": proto },
    });

    expect(status).toBe(200);
  });

  test.each([
    [
      "umlauts, emoji and a byte order mark",
      Buffer.from(`\uFEFF${changes(1).replace("Title", "Täter 😀 \u2028")}`),
    ],
    [
      "spaces and line breaks",
      Buffer.from(JSON.stringify(JSON.parse(changes(1)), null, "\t").replaceAll("\n", "\r\n")),
    ],
    ["escaped letters", Buffer.from(changes(1).replace("Title", "\\u00e4\\u0000\\ud83d"))],
    ["bytes that are no UTF-8", Buffer.from(changes(1).replace("Title", "\xc3\x28"), "latin1")],
  ])("a body with %s is signed by its bytes", async (_what, body) => {
    const called = `${rig.url}/webhooks/hubspot`;

    expect(await send({ called, body })).toBe(200);
    expect(await rig.waiting()).toHaveLength(1);
  });

  test.each([
    ["signature", "x-hubspot-signature-v3"],
    ["timestamp", "x-hubspot-request-timestamp"],
  ])("a %s that comes twice is refused", async (_what, name) => {
    const called = `${rig.url}/webhooks/hubspot`;
    const body = Buffer.from(changes(1));
    const time = String(rig.clock.now());
    const one = name.endsWith("v3") ? sign(called, body, time) : time;

    expect(await send({ called, body, headers: { [name]: [one, one] } })).toBe(401);
    expect(await send({ called, body, headers: { [name]: one } })).toBe(200);
  });

  test("PUBLIC_URL is taken as it is written, whatever name the request came by", async () => {
    rig = await webhookRig({ publicUrl: "https://Sync.Example.COM:8443/crm/" });
    const called = "https://Sync.Example.COM:8443/crm/webhooks/hubspot";

    expect(await send({ called, headers: { host: "10.0.0.7" } })).toBe(200);
    expect(await send({ called: called.toLowerCase() })).toBe(401);
  });

  test("a signature in hexadecimal, in URL letters, or unpadded is none", async () => {
    const called = `${rig.url}/webhooks/hubspot`;
    const body = Buffer.from(changes(1));
    const right = sign(called, body, String(rig.clock.now()));
    const hex = Buffer.from(right, "base64").toString("hex");
    const others = [
      hex,
      hex.toUpperCase(),
      right.replace(/=+$/, ""),
      `${right} `.repeat(2),
      right.toLowerCase(),
      `sha256=${right}`,
    ];

    for (const signature of others) {
      expect(await send({ called, body, headers: { "x-hubspot-signature-v3": signature } })).toBe(
        401,
      );
    }
  });
});
