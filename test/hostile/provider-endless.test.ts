/** Providers whose answers never end, lead elsewhere, or ask for patience without end. */
import { describe, expect, test } from "vitest";
import { brief } from "../support/intelligence.ts";
import { inTime, isLong, orOwnError } from "./fuzz-rounds.ts";
import type { HostileHost } from "./hostile-host.ts";
import { watchForAccidents } from "./laws.ts";
import {
  claude,
  claudeHost,
  clock,
  explorium,
  exploriumHost,
  importLeads,
  lemlistHost,
  lookUp,
  say,
  signal,
} from "./provider-rig.ts";

watchForAccidents();

describe("a provider without an end", () => {
  const calls: readonly (readonly [string, HostileHost, () => Promise<unknown>])[] = [
    ["Lemlist", lemlistHost, importLeads],
    ["Explorium", exploriumHost, async () => (await lookUp("acme.com")).results.get("acme.com")],
    [
      "Claude",
      claudeHost,
      async () => (await claude().write([brief("Acme")], { signal })).answers.get("b_Acme"),
    ],
  ];

  test.each(calls)(
    "%s is given up after a bounded number of bytes",
    async (_, host, call) => {
      host.answer(() => ({ kind: "flood" }));

      await orOwnError(inTime(call(), "a flood", 120_000), "a flood");

      expect(host.flooded).toBeLessThan(1_500_000_000);
    },
    130_000,
  );

  test.each(calls)("%s sends nothing to another place by redirects", async (_, host, call) => {
    host.answer(() => ({ kind: "redirect", to: "elsewhere", status: 307 }));

    await orOwnError(call(), "redirected");

    expect(host.elsewhere).toEqual([]);
  });

  // Ten thousand requests.
  test.runIf(isLong)(
    "Lemlist's ever new pages are not taken for all objections to outreach",
    async () => {
      lemlistHost.answer((path, asked) =>
        say(
          path.includes("unsubscribes")
            ? Array.from({ length: 100 }, (_, n) => ({
                _id: `${asked}-${n}`,
                value: `u${asked}-${n}@example.com`,
              }))
            : [],
        ),
      );

      await expect(inTime(importLeads(200_000), "objections", 200_000)).rejects.toMatchObject({
        kind: "unavailable",
      });
    },
    210_000,
  );

  test("a batch that never ends is given up", async () => {
    const batch = {
      id: "msgbatch_1",
      type: "message_batch",
      processing_status: "in_progress",
      results_url: null,
    };
    claudeHost.answer((path) => (path.includes("batches") ? say(batch) : { kind: "true" }));
    const briefs = [brief("Acme"), brief("Globex"), brief("Initech")];

    const { answers } = await inTime(
      claude({ batchThreshold: 1 }).write(briefs, { signal }),
      "a batch",
    );

    const text = answers.get("b_Globex")?.contacts.get("c1");
    expect(text).toMatchObject({ kind: "failed", error: { kind: "unavailable" } });
  });

  test("a refusal that asks Explorium's callers to wait for years holds up only the call that met it", async () => {
    const data = explorium();
    exploriumHost.answer([
      {
        kind: "bytes",
        status: 429,
        body: Buffer.from("{}"),
        headers: { "retry-after": "999999999" },
      },
    ]);
    const ask = () => data.lookup([{ domain: "acme.com", name: null }], signal);
    await ask();
    const started = clock.now();

    const { results } = await ask();

    expect(results.get("acme.com")?.kind).toBe("found");
    expect(clock.now() - started).toBeLessThan(3_600_000);
  });
});
