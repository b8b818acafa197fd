import { describe, expect, test } from "vitest";
import {
  counted,
  enrichmentArgs,
  failed,
  readCheckpoint,
  remarked,
  spent,
  tallyOf,
} from "../../mcp-server/src/core/enrichment-run.ts";
import { AppError } from "../../mcp-server/src/core/errors.ts";

const fresh = tallyOf({ counts: {}, errors: [], notes: [], result: null });

describe("arguments", () => {
  test.each([
    [{}, { kind: "due" }],
    [{ emails: ["a@b.co"] }, { kind: "emails", emails: ["a@b.co"] }],
    [{ ids: [3] }, { kind: "ids", ids: [3] }],
    [{ filter: { domain: "b.co" } }, { kind: "filter", filter: { domain: "b.co" } }],
  ])("%j means %j", (args, selection) => {
    expect(enrichmentArgs(args)).toEqual({ selection, force: false, dryRun: false });
  });

  test("force and dry_run are off unless said", () => {
    expect(enrichmentArgs({ force: true, dry_run: true })).toMatchObject({
      force: true,
      dryRun: true,
    });
  });
});

describe("checkpoints", () => {
  test("no text is the beginning, and a text comes back as it was", () => {
    const later = { after_id: 7, ids: [8, 9], rest: [10], batch: "msgbatch_1", discard: null };
    const beginning = { after_id: 0, ids: null, rest: [], batch: null, discard: null };

    expect(readCheckpoint(null)).toEqual(beginning);
    expect(readCheckpoint(JSON.stringify(later))).toEqual(later);
  });
});

describe("sums", () => {
  test("go on from what a job had before it was interrupted", () => {
    const resumed = tallyOf({
      counts: { enriched: 5 },
      errors: [],
      notes: ["x"],
      result: { cost_usd: 0.5 },
    });

    expect(counted(resumed, { enriched: 2, lookups: 0 }).counts).toMatchObject({
      enriched: 7,
      lookups: 0,
    });
    expect(spent(resumed, 0.25).costUsd).toBe(0.75);
  });

  test("an unknown price makes the whole unknown, also after an interruption", () => {
    const unknown = spent(spent(fresh, null), 1);

    expect(unknown.costUsd).toBeNull();
    expect(
      tallyOf({ counts: {}, errors: [], notes: [], result: { cost_usd: null } }).costUsd,
    ).toBeNull();
  });

  test("failures are counted and grouped without naming a person, remarks said once", () => {
    const error = new AppError("unavailable", "No answer.", { code: "X" });
    const tally = failed(failed(fresh, error, 1), error, 2);

    expect(tally.counts["failed"]).toBe(2);
    expect(tally.errors).toEqual([
      { code: "X", message: "No answer.", count: 2, examples: ["contact 1", "contact 2"] },
    ]);
    expect(remarked(remarked(fresh, "a"), "a").notes).toEqual(["a"]);
  });
});
