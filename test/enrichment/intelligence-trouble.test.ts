import { describe, expect, test } from "vitest";
import { brief, kinds, posted, startIntelligence as start } from "../support/intelligence.ts";
import { answering, hangUp } from "../support/providers.ts";

describe("trouble", () => {
  test("waits as long as a rate limit asks", async () => {
    const { write, anthropic, clock } = await start({ retryAfterSeconds: 9 });
    anthropic.behave({ name: "rate-limit" });

    const { answers } = await write([brief("Acme")]);

    expect(kinds(answers.get("b_Acme"))).toEqual(["written", "written"]);
    expect(clock.waits[0]).toBe(9_000);
  });

  test("retries overload by the policy and gives up after three tries", async () => {
    const { write, anthropic, clock, seen } = await start();
    anthropic.behave({ name: "overloaded", times: null, match: "Acme" });

    const { answers, stopped } = await write([brief("Acme"), brief("Globex")]);

    expect(answers.get("b_Acme")?.contacts.get("c1")).toMatchObject({
      kind: "failed",
      error: { kind: "unavailable" },
    });
    expect(kinds(answers.get("b_Globex"))).toEqual(["written", "written"]);
    expect(stopped).toBeNull();
    expect(clock.waits).toEqual([1_000, 2_000]);
    expect(posted(seen)).toBe(4);
  });

  test.each([
    ["a cut connection", hangUp],
    ["a page instead of JSON", answering(200, "<html>", { "content-type": "application/json" })],
    ["an empty success", answering(200, "{}")],
  ])("survives %s", async (_, fault) => {
    const { write, faults } = await start();
    faults.push(fault);

    expect(kinds((await write([brief("Acme")])).answers.get("b_Acme"))).toEqual([
      "written",
      "written",
    ]);
  });

  test.each([
    ["spend-cap", "no-credits"],
    ["spend-limit", "no-credits"],
  ] as const)("stops at a %s without a second try", async (name, kind) => {
    const { write, anthropic, seen } = await start();
    anthropic.behave({ name, times: null });

    const { stopped, answers } = await write([brief("Acme"), brief("Globex"), brief("Initech")]);

    expect(stopped?.kind).toBe(kind);
    expect(answers.size).toBe(0);
    expect(posted(seen)).toBe(1);
  });

  test.each([
    [401, "auth"],
    [403, "auth"],
    [402, "no-credits"],
    [404, "not-found"],
  ] as const)("stops at %d as %s, in words of our own", async (status, kind) => {
    const { write, faults, anthropic } = await start();
    faults.push(answering(status, anthropic.errorBody(status).body));

    const { stopped } = await write([brief("Acme"), brief("Globex")]);

    expect(stopped?.kind).toBe(kind);
    expect(stopped?.message).toMatch(/Anthropic/);
    expect(stopped?.message).not.toMatch(/x-api-key|credit balance/);
  });

  test("keeps what was written before the money ran out", async () => {
    const { write, anthropic } = await start({}, { concurrency: 1 });
    anthropic.behave({ name: "spend-cap", times: null, match: "Initech" });

    const { stopped, answers } = await write([
      brief("Acme"),
      brief("Globex"),
      brief("Initech"),
      brief("Umbrella"),
    ]);

    expect(stopped?.kind).toBe("no-credits");
    expect([...answers.keys()]).toEqual(["b_Acme", "b_Globex"]);
  });

  test("ends with the signal's reason", async () => {
    const { intelligence } = await start();
    const signal = AbortSignal.abort(new Error("enough"));

    await expect(intelligence.write([brief("Acme")], { signal })).rejects.toThrow("enough");
  });
});
