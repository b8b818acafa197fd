import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  gradeOf,
  type QualityInput,
  qualityScore,
} from "../../mcp-server/src/core/quality-score.ts";

const NOW = Date.parse("2026-11-21T00:00:00Z");

function input(given: Partial<QualityInput> = {}): QualityInput {
  return {
    email: null,
    email_status: null,
    bounced: false,
    first_name: null,
    last_name: null,
    job_title: null,
    domain: null,
    company: null,
    linkedin_url: null,
    phone: null,
    country: null,
    verifiedAt: null,
    employerChanged: false,
    provider: { company: null, country: null },
    uniqueness: "unique",
    ...given,
  };
}

const good = input({
  email: "ada@acme.com",
  email_status: "deliverable",
  first_name: "Ada",
  last_name: "Lovelace",
  job_title: "VP Engineering",
  domain: "acme.com",
  company: "Acme",
  verifiedAt: Date.parse("2026-05-21T00:00:00Z"),
});

function codes(score: ReturnType<typeof qualityScore>): readonly string[] {
  return score.reasons.map((reason) => reason.code);
}

describe("worked examples", () => {
  test("gives 93 (A) to a verified contact without LinkedIn and phone, six months old", () => {
    const score = qualityScore(good, NOW);

    expect(score).toMatchObject({ score: 93, grade: "A" });
    expect(score.dimensions.completeness).toBeCloseTo(0.85, 10);
    expect(score.dimensions.validity).toBe(1);
    expect(score.dimensions.freshness).toBeCloseTo(0.88, 2);
    expect(score.dimensions.consistency).toBe(1);
    expect(score.dimensions.uniqueness).toBe(1);
  });

  test("gives 60 (C) to a private mailbox with a name and nothing else, undated", () => {
    const undated = input({ email: "ada@gmail.com", first_name: "Ada", last_name: "Lovelace" });

    const score = qualityScore(undated, NOW);

    expect(score).toMatchObject({ score: 60, grade: "C" });
    expect(score.dimensions.completeness).toBeCloseTo(0.45, 10);
    expect(score.dimensions.validity).toBeCloseTo(0.733, 3);
    expect(score.dimensions.freshness).toBe(0.5);
    expect(score.dimensions.consistency).toBe(0.5);
    expect(codes(score)).toContain("K_NOT_CHECKED");
    expect(codes(score)).toContain("F_UNDATED");
  });
});

describe("caps", () => {
  test.each([
    ["an undeliverable address", { email_status: "undeliverable" as const }],
    ["a bounced address", { bounced: true }],
    ["a throw-away address", { email: "ada@mailinator.com" }],
  ])("keeps a contact with %s at 40 or less and says so", (_, given) => {
    const linkedin_url = "https://www.linkedin.com/in/ada";
    const score = qualityScore({ ...good, linkedin_url, phone: "+14155552671", ...given }, NOW);

    expect(score.score).toBe(40);
    expect(codes(score)).toContain("CAP_UNDELIVERABLE");
  });

  test("keeps a contact without e-mail and LinkedIn at 30 or less", () => {
    const score = qualityScore({ ...good, email: null }, NOW);

    expect(score.score).toBe(30);
    expect(codes(score)).toContain("CAP_UNREACHABLE");
  });
});

describe("dimensions", () => {
  test("lowers freshness to a fifth when the person works elsewhere by now", () => {
    expect(qualityScore({ ...good, employerChanged: true }, NOW).dimensions.freshness).toBe(0.2);
  });

  test("counts a bounce as not fresh at all", () => {
    expect(qualityScore({ ...good, bounced: true }, NOW).dimensions.freshness).toBe(0);
  });

  test.each([
    ["ada@acme.com", "deliverable", 1],
    ["ada@acme.com", null, 0.7],
    ["ada@acme.com", "risky", 0.5],
    ["ada@gmail.com", "deliverable", 0.6],
    ["info@acme.com", "deliverable", 0.4],
    ["ada@acme.com", "undeliverable", 0],
    ["ada@mailinator.com", "deliverable", 0],
  ] as const)("values %s (%s) at %d", (email, email_status, validity) => {
    expect(qualityScore(input({ email, email_status }), NOW).dimensions.validity).toBe(validity);
  });

  test("calls out a placeholder name, a junk title and a link that is no profile", () => {
    const doubtful = {
      first_name: "test",
      job_title: "n/a",
      linkedin_url: "https://linkedin.com/company/acme",
    };
    const lost = qualityScore({ ...good, ...doubtful }, NOW).reasons.filter(
      (r) => r.code === "V_DOUBTFUL",
    );

    expect(lost.map((reason) => reason.field).toSorted()).toEqual([
      "first_name",
      "job_title",
      "linkedin_url",
    ]);
  });

  test("averages the checks that apply", () => {
    const mixed = {
      ...good,
      country: "US",
      provider: { company: "Globex Corporation", country: "US" },
    };

    const score = qualityScore(mixed, NOW);

    expect(score.dimensions.consistency).toBeCloseTo(2 / 3, 10);
    expect(codes(score)).toContain("K_COMPANY");
  });

  test("takes five points for a probable and ten for an exact duplicate", () => {
    const [unique, probable, exact] = (
      ["unique", "probable-duplicate", "exact-duplicate"] as const
    ).map((uniqueness) => qualityScore({ ...good, uniqueness }, NOW).score);

    expect([unique, probable, exact]).toEqual([93, 88, 83]);
  });

  test.each([
    [85, "A"],
    [84, "B"],
    [70, "B"],
    [69, "C"],
    [55, "C"],
    [54, "D"],
    [40, "D"],
    [39, "F"],
    [0, "F"],
  ] as const)("grades %d as %s", (score, grade) => {
    expect(gradeOf(score)).toBe(grade);
  });
});

const text = fc.option(fc.string({ maxLength: 30 }), { nil: null });
const anyInput: fc.Arbitrary<QualityInput> = fc.record({
  email: fc.option(
    fc.constantFrom(
      "ada@acme.com",
      "ada@gmail.com",
      "info@acme.com",
      "x@mailinator.com",
      "junk",
      "a.b@mail.acme.co.uk",
    ),
    { nil: null },
  ),
  email_status: fc.constantFrom("deliverable", "risky", "undeliverable", null),
  bounced: fc.boolean(),
  first_name: text,
  last_name: text,
  job_title: text,
  domain: fc.constantFrom("acme.com", "gmail.com", "nonsense", null),
  company: text,
  linkedin_url: fc.constantFrom("https://linkedin.com/in/ada", "https://x.test", null),
  phone: fc.constantFrom("+14155552671", "+4930123456", "+4912", "call me", null),
  country: fc.constantFrom("US", "DE", null),
  verifiedAt: fc.option(fc.integer({ min: NOW - 10 * 365 * 86_400_000, max: NOW + 86_400_000 }), {
    nil: null,
  }),
  employerChanged: fc.boolean(),
  provider: fc.record({ company: text, country: fc.constantFrom("US", "DE", null) }),
  uniqueness: fc.constantFrom("unique", "probable-duplicate", "exact-duplicate"),
});

describe("properties", () => {
  test("points lost sum to 100 − score exactly, each a positive whole number", () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const { score, reasons } = qualityScore(any, NOW);
        expect(reasons.reduce((sum, reason) => sum + reason.points_lost, 0)).toBe(100 - score);
        for (const reason of reasons) {
          expect(Number.isInteger(reason.points_lost) && reason.points_lost > 0).toBe(true);
          expect(reason.message).not.toBe("");
          expect(reason.fix).not.toBe("");
        }
      }),
    );
  });

  test("the score is the weighted sum of its dimensions, capped, and depends on nothing else", () => {
    fc.assert(
      fc.property(anyInput, (any) => {
        const once = qualityScore(any, NOW);
        const {
          completeness: c,
          validity: v,
          freshness: f,
          consistency: k,
          uniqueness: u,
        } = once.dimensions;
        const formula = 35 * c + 30 * v + 15 * f + 10 * k + 10 * u;
        const capped = once.reasons.some((reason) => reason.code.startsWith("CAP_"));

        if (!capped) expect(Math.abs(once.score - formula)).toBeLessThanOrEqual(0.5 + 1e-9);
        expect(once.score).toBeLessThanOrEqual(formula + 0.5 + 1e-9);
        expect(once.score).toBeGreaterThanOrEqual(0);
        expect(once.grade).toBe(gradeOf(once.score));
        expect(qualityScore(any, NOW)).toEqual(once);
      }),
    );
  });

  test("never grows by waiting", () => {
    fc.assert(
      fc.property(anyInput, fc.nat(10 * 365), (any, days) => {
        const later = qualityScore(any, NOW + days * 86_400_000);
        expect(later.score).toBeLessThanOrEqual(qualityScore(any, NOW).score);
      }),
    );
  });
});
