import { expect, test } from "vitest";
import { registrableDomain } from "../../mcp-server/src/core/domain.ts";

test.each([
  ["https://www.blog.acme.co.uk/x?y#z", "acme.co.uk"],
  ["ACME.IO", "acme.io"],
  ["ada@mail.acme.de", "acme.de"],
  ["www.acme.com.", "acme.com"],
  ["http://acme.com:8080", "acme.com"],
  ["acme.github.io", "acme.github.io"],
  ["github.io", "github.io"],
  ["müller.de", "xn--mller-kva.de"],
  ["www.xn--mller-kva.de", "xn--mller-kva.de"],
])("finds the registrable domain of %s", (text, domain) => {
  expect(registrableDomain(text)).toBe(domain);
});

test.each([
  "",
  "Acme GmbH",
  "acme",
  "St.Gallen",
  "localhost",
  "192.168.0.1",
  "[::1]",
  "acme.local",
  "N/A",
  "co.uk",
])("finds none in %j", (text) => {
  expect(registrableDomain(text)).toBeNull();
});
