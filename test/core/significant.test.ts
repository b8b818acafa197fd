/** Which changes send a contact through enrichment again. */
import { describe, expect, test } from "vitest";
import type { Contact } from "../../mcp-server/src/core/contact.ts";
import {
  reEnrichment,
  significantFields,
  unknownSignificant,
  waitsAgain,
  waitsForEnrichment,
} from "../../mcp-server/src/core/significant.ts";
import { contactRecord } from "../support/build.ts";

const at = "2026-06-01T08:00:00.000Z";
const fields = significantFields("email,company,domain,job_title");
const done = (facts: Partial<Contact> = {}): Contact =>
  contactRecord({
    email: "ada@acme.com",
    status: "synced",
    enriched_at: at,
    synced_at: at,
    job_title: "CTO",
    ...facts,
  });

describe("the setting", () => {
  test("names fields of a contact", () => {
    expect([...significantFields(" job_title , email")]).toEqual(["email", "job_title"]);
    expect(unknownSignificant("email,job_title")).toEqual([]);
  });

  test("may name none", () => {
    expect(significantFields("off").size).toBe(0);
    expect(unknownSignificant("off")).toEqual([]);
  });

  test("tells names that no contact has", () => {
    expect(unknownSignificant("email,titel,off")).toEqual(["titel", "off"]);
  });
});

test("a changed, filled or emptied significant field sends the contact back", () => {
  expect(reEnrichment(done(), { job_title: "CEO" }, fields)).toMatchObject({ status: "imported" });
  expect(reEnrichment(done({ job_title: null }), { job_title: "CEO" }, fields)).toMatchObject({
    status: "imported",
  });
  expect(reEnrichment(done(), { job_title: null }, fields)).toMatchObject({ status: "imported" });
});

test("when it was enriched is kept", () => {
  expect(reEnrichment(done(), { job_title: "CEO" }, fields)).not.toHaveProperty("enriched_at");
});

test("other fields, and values that it has already, do not", () => {
  expect(reEnrichment(done(), { city: "Bonn" }, fields)).toEqual({});
  expect(reEnrichment(done(), { job_title: "CTO", city: "Bonn" }, fields)).toEqual({});
});

test("what fills an empty field when both sides first meet is no change", () => {
  const fresh = done({ synced_at: null, job_title: null, status: "enriched" });

  expect(reEnrichment(fresh, { job_title: "CEO" }, fields)).toEqual({});
  expect(reEnrichment({ ...fresh, job_title: "CTO" }, { job_title: "CEO" }, fields)).toMatchObject({
    status: "imported",
  });
});

test("one that was never enriched waits for that anyway", () => {
  expect(reEnrichment(done({ enriched_at: null }), { job_title: "CEO" }, fields)).toEqual({});
});

test("a contact that was sent back waits again, a new one for the first time, a done one not", () => {
  const [back, fresh] = [
    done({ status: "imported" }),
    done({ status: "imported", enriched_at: null }),
  ];

  expect([back, fresh, done()].map(waitsForEnrichment)).toEqual([true, true, false]);
  expect([back, fresh, done()].map(waitsAgain)).toEqual([true, false, false]);
});
