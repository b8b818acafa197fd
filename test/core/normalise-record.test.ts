import { describe, expect, test } from "vitest";
import { planColumns } from "../../mcp-server/src/core/column-names.ts";
import { createRowNormaliser } from "../../mcp-server/src/core/normalise-record.ts";

/** The normalised form of one row given as header → cell. */
function normalise(row: Readonly<Record<string, string>>) {
  return createRowNormaliser(planColumns(Object.keys(row)))(Object.values(row));
}

function record(row: Readonly<Record<string, string>>) {
  const normalised = normalise({ Email: "ada@acme.com", ...row });
  if (normalised.kind !== "record") throw new Error("the row was rejected");
  return normalised;
}

test("normalises every field", () => {
  const { fields, companyDomain, warnings } = record({
    Email: "Ada <ADA@Acme.com>",
    "First name": "ADA",
    "Last name": "LOVELACE",
    Company: " Acme  GmbH ",
    "Company domain": "https://www.acme.de/about",
    Title: "CTO",
    Phone: "030 1234567",
    Country: "Deutschland",
    City: "Berlin",
    Website: "www.acme.de",
    LinkedIn: "linkedin.com/in/ada/?trk=x",
    "Email status": "valid",
    "Last state": "emailsReplied",
    Unsubscribed: "no",
    "Lead Score": "42",
  });

  expect(fields).toEqual({
    email: "ada@acme.com",
    first_name: "Ada",
    last_name: "Lovelace",
    company: "Acme GmbH",
    domain: "acme.de",
    job_title: "CTO",
    phone: "+49301234567",
    country: "DE",
    city: "Berlin",
    website: "www.acme.de",
    linkedin_url: "https://www.linkedin.com/in/ada",
    email_status: "deliverable",
    engagement_state: "emailsReplied",
    unsubscribed: false,
    custom: { "Lead Score": "42" },
  });
  expect(companyDomain).toBe("acme.de");
  expect(warnings).toBeUndefined();
});

describe("rejects", () => {
  test.each(["", "  ", "N/A", "-"])("a row whose e-mail is %j for having none", (email) => {
    expect(normalise({ Email: email, Name: "Ada" })).toMatchObject({
      rejection: { code: "NO_EMAIL", field: "email" },
    });
  });

  test("a row whose e-mail is no address, without repeating it", () => {
    const row = normalise({ Email: "ada at acme" });

    expect(row).toMatchObject({ rejection: { code: "INVALID_EMAIL" } });
    expect(JSON.stringify(row)).not.toContain("ada at acme");
  });
});

test("takes the second e-mail column when the first is empty, and keeps a further address", () => {
  expect(record({ Email: "", "Work email": "ada@acme.com" }).fields.email).toBe("ada@acme.com");
  expect(record({ "Work email": "ada@other.com" }).fields.custom).toEqual({
    "Work email": "ada@other.com",
  });
});

test("keeps what it cannot read in custom and says which field it was", () => {
  const { fields, warnings } = record({
    Phone: "ask Bob",
    Country: "Atlantis",
    Website: "javascript:alert(1)",
  });

  expect(fields).toMatchObject({ phone: null, country: null, website: null });
  expect(fields.custom).toEqual({
    Phone: "ask Bob",
    Country: "Atlantis",
    Website: "javascript:alert(1)",
  });
  expect(warnings?.toSorted()).toEqual(["country", "phone", "website"]);
});

test("takes a number in the second phone column when the first cannot be read", () => {
  const { fields } = record({ Phone: "ask Bob", Mobile: "+1 415 555 2671" });

  expect(fields.phone).toBe("+14155552671");
});

test("keeps a second, different number", () => {
  const { fields } = record({
    Phone: "+1 415 555 2671",
    Mobile: "+1 415 555 2672",
    Tel: "+1 (415) 555-2671",
  });

  expect(fields.custom).toEqual({ Mobile: "+1 415 555 2672" });
});

test("treats placeholders as empty cells", () => {
  const { fields, warnings } = record({
    Company: "N/A",
    Title: "-",
    Phone: "null",
    City: "unknown",
  });

  expect(fields).toMatchObject({
    company: null,
    job_title: null,
    phone: null,
    city: null,
    custom: null,
  });
  expect(warnings).toBeUndefined();
});

describe("full names", () => {
  test.each([
    ["Ada Lovelace", "Ada", "Lovelace"],
    ["LOVELACE, ADA", "Ada", "Lovelace"],
    ["Dr. Ada Lovelace", "Ada", "Lovelace"],
    ["Ludwig van Beethoven", "Ludwig", "van Beethoven"],
  ])("splits %j", (name, first, last) => {
    expect(record({ Name: name }).fields).toMatchObject({
      first_name: first,
      last_name: last,
      custom: null,
    });
  });

  test.each(["Mary Ann Smith", "Juan García López", "李小龍", "Madonna"])(
    "leaves %j whole",
    (name) => {
      expect(record({ Name: name }).fields).toMatchObject({
        first_name: null,
        last_name: null,
        custom: { Name: name },
      });
    },
  );

  test("are dropped where first and last name say the same", () => {
    expect(
      record({ "First name": "Ada", "Last name": "Lovelace", Name: "ada lovelace" }).fields.custom,
    ).toBeNull();
  });
});

describe("the company's domain", () => {
  test("is suggested by the mailbox, never by a free-mail or disposable one", () => {
    expect(record({ Email: "ada@mail.acme.co.uk" }).companyDomain).toBe("acme.co.uk");
    expect(record({ Email: "ada@gmail.com" }).companyDomain).toBeNull();
    expect(record({ Email: "ada@mailinator.com" }).companyDomain).toBeNull();
  });

  test("is suggested by the website before the mailbox, but not by a page on a shared site", () => {
    expect(record({ Website: "https://acme.de" }).companyDomain).toBe("acme.de");
    expect(record({ Website: "https://www.linkedin.com/company/acme" }).companyDomain).toBe(
      "acme.com",
    );
  });

  test("changes places with a company name that stands in its column", () => {
    expect(record({ "Company domain": "Acme Ltd", Company: "acme.io" }).fields).toMatchObject({
      company: "Acme Ltd",
      domain: "acme.io",
      custom: null,
    });
  });

  test("is taken out of the company column", () => {
    expect(record({ Company: "acme.io" }).fields).toMatchObject({
      company: null,
      domain: "acme.io",
    });
    expect(record({ Company: "Booking.com" }).fields).toMatchObject({
      company: "Booking.com",
      domain: null,
    });
  });

  test("is never a mail provider's", () => {
    expect(record({ Domain: "gmail.com" }).fields.domain).toBeNull();
  });
});

test.each([
  ["yes", true],
  ["TRUE", true],
  ["2024-05-01", true],
  ["0", false],
  ["No", false],
  ["", false],
])("reads %j in an opt-out column as %s, erring on the side of the objection", (text, expected) => {
  expect(record({ Unsubscribed: text }).fields.unsubscribed).toBe(expected);
});
