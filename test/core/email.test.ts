import { describe, expect, test } from "vitest";
import { emailDomain, isRoleAccount, normaliseEmail } from "../../mcp-server/src/core/email.ts";
import { isDisposableDomain, isFreeMailDomain } from "../../mcp-server/src/core/mail-domains.ts";

describe("normaliseEmail", () => {
  test.each([
    ["Ada@Example.COM", "ada@example.com"],
    ["  ada@example.com. ", "ada@example.com"],
    ["Ada Lovelace <ada@example.com>", "ada@example.com"],
    ["mailto:ada@example.com?subject=hi", "ada@example.com"],
    ["'ada@example.com'", "ada@example.com"],
    ["'ada@example.com", "ada@example.com"],
    ["ada＠example.com", "ada@example.com"],
    ["ada\u200B@example.com", "ada@example.com"],
    ["ada@müller.de", "ada@xn--mller-kva.de"],
    ["o'brien+news@example.ie", "o'brien+news@example.ie"],
  ])("reads %j as %s", (text, email) => {
    expect(normaliseEmail(text)).toBe(email);
  });

  test.each([
    "",
    "n/a",
    "ada",
    "ada@example",
    "ada@@example.com",
    "a..b@example.com",
    ".ada@example.com",
    "ada lovelace@example.com",
    "ada@example.com; bob@example.com",
    "jörg@example.com",
    "ada@-example.com",
    "ada@192.168.0.1",
    `${"a".repeat(65)}@example.com`,
    `ada@${"a.".repeat(130)}com`,
    `ada@example.com${" ".repeat(2_000)}`,
  ])("refuses %j", (text) => {
    expect(normaliseEmail(text)).toBeNull();
  });
});

test("takes the domain after the last @", () => {
  expect(emailDomain("ada@mail.example.com")).toBe("mail.example.com");
});

test("tells free-mail domains from companies' domains", () => {
  for (const domain of [
    "gmail.com",
    "gmx.de",
    "qq.com",
    "tutanota.com",
    "privaterelay.appleid.com",
  ])
    expect(isFreeMailDomain(domain), domain).toBe(true);
  for (const domain of ["acme.com", "google.com", "facebook.com", "apple.com", "appleid.com"])
    expect(isFreeMailDomain(domain), domain).toBe(false);
});

test("knows disposable domains and their subdomains", () => {
  expect(isDisposableDomain("mailinator.com")).toBe(true);
  expect(isDisposableDomain("inbox.mailinator.com")).toBe(true);
  expect(isDisposableDomain("acme.com")).toBe(false);
});

test("tells mailboxes of a function from people's", () => {
  for (const local of ["info", "sales-de", "no-reply", "customer.service", "info2", "support+1"])
    expect(isRoleAccount(`${local}@acme.com`), local).toBe(true);
  for (const local of ["ada", "hr.miller", "ada.lovelace", "salesh", "teamster"])
    expect(isRoleAccount(`${local}@acme.com`), local).toBe(false);
});
