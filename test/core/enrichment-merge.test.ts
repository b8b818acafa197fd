import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import {
  enrichedPatch,
  type Findings,
  failedPatch,
  lastVerifiedAt,
  probableDuplicates,
} from "../../mcp-server/src/core/enrichment-merge.ts";
import { contactRecord, firmographics } from "../support/build.ts";

const NOW = { iso: "2026-11-21T09:00:00.000Z", ms: Date.parse("2026-11-21T09:00:00.000Z") };
const FETCHED = "2026-11-01T00:00:00.000Z";

function contact(given: Partial<Contact> = {}): Contact {
  return contactRecord({
    email: "ada@acme.com",
    first_name: "Ada",
    last_name: "Lovelace",
    domain: "acme.com",
    job_title: "CTO",
    status: "enriching",
    failed_stage: "enrich",
    error: "something",
    retry_at: NOW.iso,
    attempts: 3,
    imported_at: FETCHED,
    ...given,
  });
}

const acme = firmographics({
  website: "https://acme.com",
  country: "US",
  region: "California",
  city: "San Jose",
  linkedin_url: "https://linkedin.com/company/acme",
});

function findings(given: Partial<Findings> = {}): Findings {
  return {
    company: { firmographics: acme, at: FETCHED },
    text: { kind: "kept" },
    uniqueness: "unique",
    notes: [],
    ...given,
  };
}

function patch(of: Contact, found = findings()) {
  return enrichedPatch(of, found, { now: NOW, verifiedAt: null });
}

describe("an enriched contact", () => {
  test("gets empty company fields, with the day they were fetched", () => {
    const set = patch(contact());

    expect(set).toMatchObject({
      company: "Acme",
      website: "https://acme.com",
      status: "enriched",
      attempts: 0,
      error: null,
    });
    expect(set.provenance?.["company"]).toEqual({ source: "explorium", at: FETCHED });
  });

  test("never gets the company's place or profile as the person's", () => {
    const set = patch(contact());

    expect(Object.keys(set)).not.toEqual(expect.arrayContaining(["country"]));
    expect(set).not.toHaveProperty("city");
    expect(set).not.toHaveProperty("linkedin_url");
  });

  test("says why steps were passed over, or nothing", () => {
    expect(patch(contact(), findings({ notes: ["One.", "Two."] })).enrichment_note).toBe(
      "One. Two.",
    );
    expect(patch(contact()).enrichment_note).toBeNull();
  });

  test("does not call its company name consistent with the provider that filled it in", () => {
    const filled = patch(contact()).quality_reasons ?? [];
    const differing = patch(contact({ company: "Globex" })).quality_reasons ?? [];

    expect(filled.map((reason) => reason.code)).not.toContain("K_COMPANY");
    expect(differing.map((reason) => reason.code)).toContain("K_COMPANY");
  });

  test("stays imported when it was imported anew meanwhile", () => {
    expect(patch(contact({ status: "imported" }))).not.toHaveProperty("status");
    expect(failedPatch(contact({ status: "imported" }), "x", NOW.iso)).toBeNull();
  });

  test("loses its text when there must be none", () => {
    const provenance = {
      intelligence: { source: "claude", at: FETCHED },
      phone: { source: "lemlist", at: FETCHED },
    };

    const set = patch(contact({ provenance }), findings({ text: { kind: "cleared" } }));

    expect(set.intelligence).toBeNull();
    expect(set.provenance).not.toHaveProperty("intelligence");
    expect(set.provenance).toHaveProperty("phone");
  });

  // A value of higher provenance stays, whatever the provider says.
  test("keeps every value that somebody else said, and all of their provenance", () => {
    const text = fc.option(fc.string({ minLength: 1, maxLength: 10 }), { nil: null });
    const said = fc.option(fc.constantFrom("csv", "lemlist", "hubspot", "records", "explorium"), {
      nil: null,
    });
    fc.assert(
      fc.property(
        fc.tuple(text, text),
        said,
        fc.tuple(text, text),
        ([company, website], source, [name, site]) => {
          const provenance =
            source === null
              ? {}
              : { company: { source, at: FETCHED }, website: { source, at: FETCHED } };
          const before = contact({ company, website, provenance });
          const set = patch(
            before,
            findings({ company: { firmographics: { ...acme, name, website: site }, at: FETCHED } }),
          );

          for (const field of ["company", "website"] as const) {
            if (before[field] !== null && source !== "explorium") {
              expect(set).not.toHaveProperty(field);
              expect(set.provenance?.[field]).toEqual(before.provenance[field]);
            }
            // Nothing known never empties a field.
            expect(set[field]).not.toBeNull();
          }
        },
      ),
    );
  });
});

describe("a failed contact", () => {
  test("keeps its fields, counts the try and is due at the given time", () => {
    expect(failedPatch(contact(), "No answer.", "2026-11-21T10:00:00.000Z")).toEqual({
      status: "failed",
      failed_stage: "enrich",
      error: "No answer.",
      retry_at: "2026-11-21T10:00:00.000Z",
      attempts: 4,
    });
  });
});

describe("what the score is told", () => {
  test("an address is verified when its verdict came, not when the row came", () => {
    const email_status = "deliverable";
    const provenance = { email_status: { source: "lemlist", at: NOW.iso } };

    expect(lastVerifiedAt(contact())).toBeNull();
    expect(lastVerifiedAt(contact({ email_status }))).toBe(FETCHED);
    expect(lastVerifiedAt(contact({ email_status, provenance }))).toBe(NOW.iso);
  });

  test("people of one name at one company are probable duplicates, others are not", () => {
    const same = [contact({ id: 1 }), contact({ id: 2, first_name: "ADA" })];
    const other = [
      contact({ id: 3, domain: "globex.com" }),
      contact({ id: 4, last_name: null }),
      contact({ id: 5, last_name: null }),
    ];

    expect([...probableDuplicates([...same, ...other])]).toEqual([1, 2]);
  });

  test("a bounced address bounces the score", () => {
    expect(patch(contact({ engagement_state: "emailsBounced" })).quality_score).toBeLessThanOrEqual(
      40,
    );
  });
});
