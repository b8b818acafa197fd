/** People in the Explorium stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveExplorium } from "./serve-explorium.ts";

const ADA = { email: "ada.lindgren@acme-robotics.com" };

async function withPeople(...people: object[]) {
  const served = await serveExplorium();
  const { body } = await served.call("/prospects/match", { prospects_to_match: people });
  return { ...served, body, rows: body.matched_prospects };
}

// Explorium docs, match prospects: ids of 40 hexadecimal digits, every input field echoed, nulls included.
test("matches people and echoes all six input fields", async () => {
  const { body, rows } = await withPeople(ADA, { email: "x@nomatch.com" });

  expect(body).toMatchObject({ total_results: 2, total_matches: 1 });
  expect(rows[0]).toEqual({
    input: {
      business_id: null,
      full_name: null,
      company_name: null,
      email: ADA.email,
      phone_number: null,
      linkedin: null,
    },
    prospect_id: expect.stringMatching(/^[a-f0-9]{40}$/),
  });
  expect(rows[1].prospect_id).toBeNull();
});

// Explorium docs, match prospects: a full name must come with a company name.
test("does not match a name without a company", async () => {
  const { rows } = await withPeople(
    { full_name: "Ada Lindgren" },
    { full_name: "Ada Lindgren", company_name: "Acme Robotics" },
  );

  expect(rows[0]).toMatchObject({ prospect_id: null, error_type: expect.any(String) });
  expect(rows[1].prospect_id).not.toBeNull();
});

// Explorium docs, professional profile: names, levels and departments of a closed list, nulls among the levels.
test("gives profiles by id", async () => {
  const { call, rows } = await withPeople(ADA);

  const { body } = await call("/prospects/profiles/bulk_enrich", {
    prospect_ids: [rows[0].prospect_id],
  });

  expect(body.data[0].prospect_id).toBe(rows[0].prospect_id);
  expect(body.data[0].data).toMatchObject({ full_name: "Ada Lindgren", skills: null });
  expect(body.data[0].data.experience[0].title.levels).toContain(null);
});

describe("contact information", () => {
  // Explorium docs, contacts information: `professions_email` is spelled so; e-mail 2 credits, phone or both 5.
  test.each([
    ["e-mail", { contact_types: ["email"] }, 2],
    ["phone", { contact_types: ["phone"] }, 5],
    ["both", undefined, 5],
  ])("costs what the asked parts cost: %s", async (_what, parameters, credits) => {
    const { call, rows } = await withPeople(ADA);

    const { body } = await call(
      "/prospects/contacts_information/enrich",
      { prospect_id: rows[0].prospect_id, ...(parameters ? { parameters } : {}) },
      { "credit-usage": "true" },
    );

    expect(body.credit_usage).toEqual({ total_credits: credits, total_results: 1 });
    expect(body.data.professions_email).toBe(_what === "phone" ? null : ADA.email);
  });

  test("knows nothing of an id that no match gave", async () => {
    const { call } = await serveExplorium();

    const { body } = await call("/prospects/contacts_information/bulk_enrich", {
      prospect_ids: ["a".repeat(40)],
    });

    expect(body.data).toEqual([{ prospect_id: "a".repeat(40), data: null }]);
  });
});
