/** Lemlist, Explorium and Claude that lie: nothing they say crashes, hangs, is taken for an answer that it is not, or is paid wrongly. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brief } from "../support/intelligence.ts";
import { fuzz, inTime, orOwnError, testTimeout } from "./fuzz-rounds.ts";
import { brokenAnswers, type Manner } from "./hostile-host.ts";
import { canaries, expectNoLeak, expectOwnError, watchForAccidents } from "./laws.ts";
import {
  claude,
  claudeHost,
  exploriumHost,
  importLeads,
  lemlistHost,
  lookUp,
  say,
  signal,
} from "./provider-rig.ts";

watchForAccidents();
const manners = fc.array(brokenAnswers, { minLength: 1, maxLength: 4 });

test(
  "a Lemlist that lies gives rows or a reason, and its objections to outreach are never lost",
  async () => {
    await fuzz(
      manners,
      async (lies) => {
        lemlistHost.answer(lies);
        const rows = await orOwnError(importLeads(), "Lemlist");
        for (const row of rows ?? []) {
          if (row.kind === "rejected") expectNoLeak(row.rejection.message);
          else expect(row.kind).toBe("record");
        }
      },
      { runs: 60 },
    );
  },
  testTimeout,
);

test(
  "an Explorium that lies answers for each company, and never has it that none is known by accident",
  async () => {
    await fuzz(
      manners,
      async (lies) => {
        exploriumHost.answer(lies);
        const { results, credits, stopped } = await inTime(
          lookUp("acme.com", "globex.com"),
          "Explorium",
        );
        expect(Number.isFinite(credits) && credits >= 0).toBe(true);
        if (stopped !== null) expectOwnError(stopped);
        else expect([...results.keys()].sort()).toEqual(["acme.com", "globex.com"]);
        for (const result of results.values())
          if (result.kind === "failed") expectOwnError(result.error);
      },
      { runs: 60 },
    );
  },
  testTimeout,
);

test(
  "a Claude that lies writes what passes the checks, or nothing, at a price that is a number",
  async () => {
    await fuzz(
      fc.record({ lies: manners, batchThreshold: fc.constantFrom(1, 200) }),
      async ({ lies, batchThreshold }) => {
        claudeHost.answer(lies);
        const briefs = [brief("Acme"), brief("Globex"), brief("Initech")];
        const { answers, stopped } = await inTime(
          claude({ batchThreshold }).write(briefs, { signal }),
          "Claude",
        );
        if (stopped !== null) expectOwnError(stopped);
        else expect(answers.size).toBe(3);
        for (const { contacts, usage } of answers.values()) {
          expect(contacts.size).toBe(2);
          expect(usage.cost_usd ?? 0).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(usage.cost_usd ?? 0)).toBe(true);
          expect(Number.isSafeInteger(usage.input_tokens + usage.output_tokens)).toBe(true);
          for (const text of contacts.values()) {
            if (text.kind === "failed") expectOwnError(text.error);
            if (text.kind === "written") expectNoLeak(JSON.stringify(text.intelligence));
          }
        }
      },
      { runs: 60 },
    );
  },
  testTimeout,
);

const message = (content: unknown, over: object = {}) =>
  say({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-5-5",
    content,
    stop_reason: "end_turn",
    usage: { input_tokens: 10, output_tokens: 10 },
    ...over,
  });

describe("a message of Claude", () => {
  test.each<[string, Manner]>([
    [
      "that calls a tool nobody offered",
      message([{ type: "tool_use", id: "t", name: "rm", input: { path: "/" } }]),
    ],
    ["that has no content", message([])],
    ["that is thinking alone", message([{ type: "thinking", thinking: canaries.foreign }])],
    ["that refuses", message([], { stop_reason: "refusal" })],
    [
      "that stops for a reason that is new",
      message([{ type: "text", text: "{}" }], { stop_reason: "new_reason" }),
    ],
    ["that pauses", message([{ type: "text", text: "" }], { stop_reason: "pause_turn" })],
    [
      "that never has room enough",
      message([{ type: "text", text: "{" }], { stop_reason: "max_tokens" }),
    ],
    ["without a word on its cost", message([{ type: "text", text: "{}" }], { usage: {} })],
    [
      "that cost less than nothing",
      message([{ type: "text", text: "{}" }], {
        usage: { input_tokens: -5, output_tokens: 1e308 },
      }),
    ],
    ["that speaks in HTML", message([{ type: "text", text: "<script>alert(1)</script>" }])],
    ["that is deep", message([{ type: "text", text: "[".repeat(100_000) }])],
  ])("%s writes nothing, and is not asked for without end", async (_, manner) => {
    claudeHost.answer(() => manner);

    const { answers } = await inTime(claude().write([brief("Acme", 8)], { signal }), "Claude");

    for (const { contacts, usage } of answers.values()) {
      for (const { kind } of contacts.values()) expect(kind).not.toBe("written");
      expect(usage.cost_usd ?? 0).toBeGreaterThanOrEqual(0);
    }
    expect(claudeHost.asked).toBeLessThan(40);
  });
});
