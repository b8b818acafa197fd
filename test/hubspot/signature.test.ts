/** Signatures of notifications: HubSpot's own examples, and everything that is almost right. */
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  SignatureVersion,
  SignedRequest,
} from "../../mcp-server/src/core/webhook-signature.ts";
import { signedUri, verifySignature } from "../../mcp-server/src/hubspot/signature.ts";

const secret = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const uri = "https://www.example.com/webhook_uri";
const body = Buffer.from("{'example_field':'example_value'}");
const sentAt = 1693657560000;

type Changes = Partial<Omit<SignedRequest, "header">> & {
  readonly headers?: Readonly<Record<string, string>>;
};

function request({ headers = {}, ...changes }: Changes = {}): SignedRequest {
  return { method: "POST", uri, body, header: (name) => headers[name] ?? null, ...changes };
}

function v3Headers(signature: string, timestamp: string | number = sentAt) {
  return {
    "x-hubspot-signature-v3": signature,
    "x-hubspot-request-timestamp": String(timestamp),
  };
}

function signV3(signed: Pick<SignedRequest, "uri" | "body">, timestamp: string | number): string {
  return createHmac("sha256", secret)
    .update(Buffer.concat([Buffer.from(`POST${signed.uri}`), signed.body]))
    .update(String(timestamp))
    .digest("base64");
}

function verdict(
  signed: SignedRequest,
  now = sentAt,
  versions: readonly SignatureVersion[] = ["v3"],
) {
  const { kind } = verifySignature(signed, { secret, versions: new Set(versions), now });
  return kind;
}

describe("v3", () => {
  // HubSpot docs, validating requests: secret, address and body of the v3 example (read 2026-11).
  test.each([
    [1693657560000, "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="],
    [1700000300000, "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="],
  ])("accepts the example sent at %s", (timestamp, signature) => {
    const signed = request({ headers: v3Headers(signature, timestamp) });

    expect(verdict(signed, timestamp)).toBe("valid");
  });

  test.each([
    [-300_001, "refused"],
    [-300_000, "valid"],
    [300_000, "valid"],
    [300_001, "refused"],
  ])("%s ms after it was sent it is %s", (age, expected) => {
    const signed = request({ headers: v3Headers(signV3({ uri, body }, sentAt)) });

    expect(verdict(signed, sentAt + age)).toBe(expected);
  });

  test.each([
    "",
    " ",
    "NaN",
    "Infinity",
    "1693657560000.0",
    "1.69365756e12",
    "0x18A558D4940",
    "-1693657560000",
    "+1693657560000",
    " 1693657560000",
    "1693657560000, 1693657560000",
    "1".repeat(400),
    "١٦٩٣٦٥٧٥٦٠٠٠٠",
  ])("a timestamp of %j is refused however well it is signed", (timestamp) => {
    const signed = request({ headers: v3Headers(signV3({ uri, body }, timestamp), timestamp) });

    expect(verdict(signed)).toBe("refused");
  });

  test("a signature without a timestamp is refused", () => {
    const signature = signV3({ uri, body }, "");

    expect(verdict(request({ headers: { "x-hubspot-signature-v3": signature } }))).toBe("refused");
  });

  test("nothing signed is refused", () => {
    expect(verdict(request())).toBe("refused");
  });

  test("bytes that are no text are signed as they are", () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x7d]);
    const signed = request({
      body: bytes,
      headers: v3Headers(signV3({ uri, body: bytes }, sentAt)),
    });

    expect(verdict(signed)).toBe("valid");
    expect(verdict({ ...signed, body: Buffer.from(bytes.toString("utf8")) })).toBe("refused");
  });

  test("the address is signed with the listed escapes decoded", () => {
    const called = "https://www.example.com/a%3ab%2Fc?x=%40%21%24%27%28%29%2A%2C%3B&y=%20%26%3D%2B";
    const plain = "https://www.example.com/a:b/c?x=@!$'()*,;&y=%20%26%3D%2B";
    const headers = v3Headers(signV3({ uri: plain, body }, sentAt));

    expect(verdict(request({ uri: called, headers }))).toBe("valid");
  });

  test("any flipped bit of body, signature or time is refused", () => {
    const part = fc.constantFrom("body", "signature", "timestamp");
    fc.assert(
      fc.property(part, fc.uint8Array({ minLength: 1 }), fc.nat(), (flipped, bytes, at) => {
        const timestamp = String(sentAt);
        const signature = signV3({ uri, body: bytes }, timestamp);
        const flip = (text: string): string =>
          flipBit(Buffer.from(text, "latin1"), at).toString("latin1");

        const signed = request({
          body: flipped === "body" ? flipBit(bytes, at) : bytes,
          headers: v3Headers(
            flipped === "signature" ? flip(signature) : signature,
            flipped === "timestamp" ? flip(timestamp) : timestamp,
          ),
        });

        expect(verdict(signed)).toBe("refused");
      }),
    );
  });

  test.each([
    ["another method", { method: "GET" }],
    ["another address", { uri: `${uri}?x=1` }],
    ["http instead of https", { uri: uri.replace("https", "http") }],
  ])("%s than the signed one is refused", (_what, change) => {
    const headers = v3Headers(signV3({ uri, body }, sentAt));

    expect(verdict(request({ headers }))).toBe("valid");
    expect(verdict(request({ headers, ...change }))).toBe("refused");
  });
});

test("only the listed escapes are decoded, once, in either case", () => {
  expect(signedUri("%3a%3A%2f%2F%3f%3F")).toBe(":://??");
  expect(signedUri("%253A %25 %20 %26 %3D %23 %5B %5D %2B")).toBe(
    "%253A %25 %20 %26 %3D %23 %5B %5D %2B",
  );
});

describe("older versions", () => {
  const v1 = createHash("sha256").update(secret).update(body).digest("hex");
  const v2 = createHash("sha256").update(`${secret}POST${uri}`).update(body).digest("hex");
  const older = (signature: string, version?: string) => ({
    "x-hubspot-signature": signature,
    ...(version === undefined ? {} : { "x-hubspot-signature-version": version }),
  });

  test.each([
    ["v1", older(v1, "v1")],
    ["v1", older(v1)],
    ["v1", older(`sha256=${v1}`)],
    ["v1", older(v1.toUpperCase(), "V1")],
    ["v2", older(v2, "v2")],
  ] as const)("%s is accepted only where it is switched on: %j", (version, headers) => {
    expect(verdict(request({ headers }), sentAt, ["v3", version])).toBe("valid");
    expect(verdict(request({ headers }), sentAt, ["v3"])).toBe("refused");
    expect(verdict(request({ headers, body: Buffer.from("{}") }), sentAt, [version])).toBe(
      "refused",
    );
  });

  test("one version's digest does not pass as the other's", () => {
    const all: readonly SignatureVersion[] = ["v1", "v2", "v3"];

    expect(verdict(request({ headers: older(v1, "v2") }), sentAt, all)).toBe("refused");
    expect(verdict(request({ headers: older(v2, "v1") }), sentAt, all)).toBe("refused");
    expect(verdict(request({ headers: older(v1, "v9") }), sentAt, all)).toBe("refused");
    expect(verdict(request({ headers: older("", "v1") }), sentAt, all)).toBe("refused");
  });

  test("a right v1 does not rescue a v3 that is wrong or old", () => {
    const wrong = { ...older(v1, "v1"), ...v3Headers("AAAA") };
    const old = { ...older(v1, "v1"), ...v3Headers(signV3({ uri, body }, 1), 1) };

    expect(verdict(request({ headers: wrong }), sentAt, ["v3", "v1"])).toBe("refused");
    expect(verdict(request({ headers: old }), sentAt, ["v3", "v1"])).toBe("refused");
  });

  test("where v3 is not switched on, its header is passed over", () => {
    const both = { ...older(v1, "v1"), ...v3Headers("AAAA") };

    expect(verdict(request({ headers: both }), sentAt, ["v1"])).toBe("valid");
  });
});

function flipBit(bytes: Uint8Array, at: number): Buffer {
  const flipped = Buffer.from(bytes);
  const index = Math.floor(at / 8) % flipped.length;
  flipped[index] = (flipped[index] ?? 0) ^ (1 << (at % 8));
  return flipped;
}
