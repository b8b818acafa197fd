import { describe, expect, test } from "vitest";
import { createIntelligence } from "../../mcp-server/src/enrichment/intelligence.ts";
import { brief, kinds, posted, startIntelligence as start } from "../support/intelligence.ts";
import { answering } from "../support/providers.ts";

describe("many briefs", () => {
  const briefs = ["Acme", "Globex", "Initech", "Umbrella", "Hooli"].map((name) => brief(name));

  test("one goes ahead and the rest goes in one batch at half the price", async () => {
    const { write, seen, anthropic } = await start({ batchDelayMs: 90_000 }, { batchThreshold: 3 });
    const ids: string[] = [];

    const { answers } = await write(briefs, { onBatch: async (id) => void ids.push(id) });

    expect([...answers.values()].flatMap(kinds)).toEqual(
      Array.from({ length: 10 }, () => "written"),
    );
    expect(ids).toHaveLength(1);
    expect(posted(seen)).toBe(1);
    expect(anthropic.state().usage.filter((entry) => entry.tier === "batch")).toHaveLength(4);
    const [direct, batch] = [answers.get("b_Acme"), answers.get("b_Hooli")].map(
      (answer) => (answer?.usage.cost_usd ?? 0) / (answer?.usage.input_tokens ?? 1),
    );
    expect(batch).toBeLessThan((direct ?? 0) * 0.65);
  });

  test("names the requests by the brief, without anything of a contact", async () => {
    const { write, seen } = await start({}, { batchThreshold: 3 });

    await write(briefs);

    const created = seen.find(
      (request) => request.method === "POST" && request.path === "/v1/messages/batches",
    );
    const requests: { custom_id: string }[] = JSON.parse(created?.body ?? "").requests;
    expect(requests.map((request) => request.custom_id)).toEqual(
      briefs.slice(1).map(({ id }) => id),
    );
  });

  test("a batch is picked up again by its id without paying twice", async () => {
    const { write, options, anthropic } = await start(
      { batchDelayMs: 90_000 },
      { batchThreshold: 3 },
    );
    const ids: string[] = [];
    const crash = async (id: string): Promise<void> => {
      ids.push(id);
      throw new Error("crash");
    };
    await expect(write(briefs, { onBatch: crash })).rejects.toThrow("crash");

    const again = await createIntelligence(options).write(briefs.slice(1), {
      signal: new AbortController().signal,
      resumeBatch: ids[0] ?? "",
    });

    expect([...again.answers.keys()].toSorted()).toEqual(
      briefs
        .slice(1)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect([...again.answers.values()].flatMap(kinds)).not.toContain("failed");
    expect(anthropic.state().batches).toBe(1);
    expect(anthropic.state().usage).toHaveLength(5);
  });

  test("a batch that is gone is asked anew", async () => {
    const { write } = await start({}, { batchThreshold: 3 });

    const { answers } = await write([brief("Acme")], { resumeBatch: "msgbatch_gone" });

    expect(kinds(answers.get("b_Acme"))).toEqual(["written", "written"]);
  });

  test("a request of the batch that was cut or refused is treated like a direct one", async () => {
    const { write, anthropic } = await start({}, { batchThreshold: 3 });
    anthropic.behave({ name: "truncate", match: "Hooli" });
    anthropic.behave({ name: "refuse", match: "Umbrella" });

    const { answers } = await write(briefs);

    expect(kinds(answers.get("b_Hooli"))).toEqual(["written", "written"]);
    expect(kinds(answers.get("b_Umbrella"))).toEqual(["refused", "refused"]);
  });

  test("expired requests fail, to be tried later", async () => {
    const { write } = await start({ batchDelayMs: 25 * 3_600_000 }, { batchThreshold: 3 });

    const { answers } = await write(briefs);

    expect(answers.get("b_Acme")?.contacts.get("c1")?.kind).toBe("written");
    expect(answers.get("b_Hooli")?.contacts.get("c1")).toMatchObject({
      kind: "failed",
      error: { kind: "unavailable" },
    });
  });

  test("an unreachable API while waiting does not lose the batch", async () => {
    const { write, faults } = await start({ batchDelayMs: 60_000 }, { batchThreshold: 3 });
    faults.push(null, null, ...Array.from({ length: 7 }, () => answering(500, "{}")));

    const { answers } = await write(briefs);

    expect([...answers.values()].flatMap(kinds)).not.toContain("failed");
  });

  test("results at a foreign address are not fetched", async () => {
    const { write, faults, seen } = await start({ batchDelayMs: 0 }, { batchThreshold: 3 });
    const foreign = {
      id: "msgbatch_1",
      processing_status: "ended",
      results_url: "http://127.0.0.2:1/steal",
    };
    faults.push(null, null, answering(200, JSON.stringify(foreign)));

    const { answers } = await write(briefs);

    expect(answers.get("b_Hooli")?.contacts.get("c1")).toMatchObject({
      kind: "failed",
      error: { code: "ANTHROPIC_RESULTS_HOST" },
    });
    expect(seen).toHaveLength(3);
  });

  test("an ended batch is deleted, a running one cancelled, a missing one ignored", async () => {
    const { write, intelligence, anthropic, clock, seen } = await start(
      { batchDelayMs: 60_000 },
      { batchThreshold: 3 },
    );
    const ids: string[] = [];
    await write(briefs, { onBatch: async (id) => void ids.push(id) });

    await intelligence.discardBatch(ids[0] ?? "");
    await intelligence.discardBatch("msgbatch_gone");

    expect(anthropic.state().batches).toBe(0);
    expect(seen.some((request) => request.method === "DELETE")).toBe(true);
    expect(clock.waits.length).toBeGreaterThan(2);
  });
});
