import { describe, expect, test } from "vitest";
import type { Contact, ContactFields } from "../../mcp-server/src/core/contact.ts";
import { planImport, type Statement } from "../../mcp-server/src/core/import-merge.ts";
import { contactFields, contactRecord } from "../support/build.ts";

const email = "ada@acme.com";

function contact(over: Partial<Contact>): Contact {
  return contactRecord({ email, status: "enriched", ...over });
}

function says(fields: Partial<ContactFields>, over: Partial<Statement> = {}): Statement {
  return {
    fields: contactFields({ email, ...fields }),
    companyDomain: null,
    fillOnly: false,
    ...over,
  };
}

const FILE = { source: "csv", at: "2026-11-10T00:00:00.000Z" } as const;

test("replaces a stored value by a stated one and records who said so", () => {
  const outcome = planImport(contact({ company: "Acme" }), says({ company: "Acme Ltd" }), FILE);

  expect(outcome).toMatchObject({
    kind: "updated",
    set: { company: "Acme Ltd", provenance: { company: FILE } },
  });
});

test("never empties a stored value", () => {
  expect(planImport(contact({ company: "Acme" }), says({ company: null }), FILE).kind).toBe(
    "unchanged",
  );
});

test("only fills what is empty when told so", () => {
  const outcome = planImport(
    contact({ company: "Acme" }),
    says({ company: "Other", city: "Berlin" }, { fillOnly: true }),
    FILE,
  );

  expect(outcome).toMatchObject({ set: { city: "Berlin" } });
  expect(outcome).not.toMatchObject({ set: { company: expect.anything() } });
});

describe("a stored value that was stated later than the input", () => {
  const later = { source: "hubspot", at: "2026-11-12T00:00:00.000Z" };

  test("stays, and is counted", () => {
    const stored = contact({ company: "Acme", provenance: { company: later } });

    expect(planImport(stored, says({ company: "Old" }), FILE)).toEqual({
      kind: "unchanged",
      kept: ["company"],
    });
  });

  test("stays when it came with a first import from a live source", () => {
    const stored = contact({ company: "Acme", source: "lemlist", imported_at: later.at });

    expect(planImport(stored, says({ company: "Old" }), FILE).kind).toBe("unchanged");
  });

  test("gives way when a provider had only filled it in", () => {
    const stored = contact({
      company: "Guess",
      provenance: { company: { ...later, source: "explorium" } },
    });

    expect(planImport(stored, says({ company: "Acme" }), FILE)).toMatchObject({
      set: { company: "Acme", provenance: { company: FILE } },
    });
  });

  test("does not guard values of a first import from a file: of two files the last one imported is meant", () => {
    const stored = contact({ company: "Acme", imported_at: later.at });

    expect(planImport(stored, says({ company: "New" }), FILE)).toMatchObject({
      set: { company: "New" },
    });
  });
});

test("an objection to outreach is taken over and never taken back", () => {
  expect(planImport(contact({}), says({ unsubscribed: true }), FILE)).toMatchObject({
    set: { unsubscribed: true },
  });
  expect(planImport(contact({ unsubscribed: true }), says({}), FILE).kind).toBe("unchanged");
});

test("merges custom fields by key", () => {
  const outcome = planImport(
    contact({ custom: { a: "1", b: "2" } }),
    says({ custom: { b: "3", c: "4" } }),
    FILE,
  );

  expect(outcome).toMatchObject({ set: { custom: { a: "1", b: "3", c: "4" } } });
});

test("a suggested domain fills an empty one and replaces none", () => {
  const guess = { companyDomain: "guess.com" };

  expect(planImport(contact({}), says({}, guess), FILE)).toMatchObject({
    set: { domain: "guess.com" },
  });
  expect(planImport(contact({ domain: "acme.com" }), says({}, guess), FILE).kind).toBe("unchanged");
  expect(planImport(contact({}), says({ domain: "acme.com" }, guess), FILE)).toMatchObject({
    set: { domain: "acme.com" },
  });
});

test("a domain that somebody emptied is not suggested again, but may be stated", () => {
  const emptied = contact({
    domain: null,
    provenance: { domain: { source: "hubspot", at: FILE.at } },
  });
  const guess = { companyDomain: "guess.com" };

  expect(planImport(emptied, says({}, guess), FILE).kind).toBe("unchanged");
  expect(planImport(emptied, says({ domain: "acme.com" }, guess), FILE)).toMatchObject({
    set: { domain: "acme.com" },
  });
});

describe("status", () => {
  test.each(["enriching", "enriched", "syncing", "synced", "failed"] as const)(
    "a %s contact whose company changed starts again, without its old failure",
    (status) => {
      const stored = contact({
        status,
        error: "boom",
        failed_stage: "enrich",
        retry_at: FILE.at,
        attempts: 3,
      });

      expect(planImport(stored, says({ company: "Acme" }), FILE)).toMatchObject({
        set: { status: "imported", error: null, failed_stage: null, retry_at: null, attempts: 0 },
      });
    },
  );

  test("a change that enrichment does not read starts only contacts again that HubSpot has", () => {
    const change = says({ custom: { Score: "1" } });

    expect(planImport(contact({ status: "synced" }), change, FILE)).toMatchObject({
      set: { status: "imported" },
    });
    expect(planImport(contact({ status: "enriched" }), change, FILE)).not.toMatchObject({
      set: { status: expect.anything() },
    });
  });
});
