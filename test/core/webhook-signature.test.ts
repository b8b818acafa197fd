/** Which address HubSpot called, as seen from behind whatever stands in between. */
import { describe, expect, test } from "vitest";
import { calledAddress, signatureVersions } from "../../mcp-server/src/core/webhook-signature.ts";

const url = "http://10.0.0.7:8787/webhooks/hubspot?tenant=a%20b";

describe("with PUBLIC_URL", () => {
  test.each([
    ["https://sync.example.com", "https://sync.example.com/webhooks/hubspot?tenant=a%20b"],
    ["https://sync.example.com/", "https://sync.example.com/webhooks/hubspot?tenant=a%20b"],
    ["https://sync.example.com//", "https://sync.example.com/webhooks/hubspot?tenant=a%20b"],
    ["https://example.com:8443", "https://example.com:8443/webhooks/hubspot?tenant=a%20b"],
    ["https://example.com/crm", "https://example.com/crm/webhooks/hubspot?tenant=a%20b"],
    ["https://example.com/crm/", "https://example.com/crm/webhooks/hubspot?tenant=a%20b"],
    ["https://example.com/?x=1#y", "https://example.com/webhooks/hubspot?tenant=a%20b"],
  ])("%s", (publicUrl, expected) => {
    expect(calledAddress({ url, publicUrl, forwardedProto: "http" })).toBe(expected);
  });
});

describe("without PUBLIC_URL", () => {
  test.each([
    [null, url],
    ["http", url],
    ["https", url.replace("http:", "https:")],
    ["HTTPS, http", url.replace("http:", "https:")],
    ["https.example.com", url],
  ])(
    "the Host header tells the name, and X-Forwarded-Proto %s the scheme",
    (forwardedProto, expected) => {
      expect(calledAddress({ url, publicUrl: null, forwardedProto })).toBe(expected);
    },
  );
});

test("a list of versions is what it names", () => {
  expect([...signatureVersions("v3")]).toEqual(["v3"]);
  expect([...signatureVersions("v3,v1")].sort()).toEqual(["v1", "v3"]);
});
