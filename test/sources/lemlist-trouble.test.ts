import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { createLemlistSource } from "../../mcp-server/src/sources/lemlist.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { lead, lemlistRig as rig, START } from "./lemlist-rig.ts";

describe("trouble", () => {
  async function withLead() {
    const made = await rig();
    const { _id } = made.lemlist.addCampaign({ name: "Autumn" });
    made.lemlist.generateLeads(_id, 600);
    return made;
  }

  test.each(["http-429", "http-500", "http-503", "reset-before-commit", "drop-mid-body"] as const)(
    "%s is met by asking again",
    async (name) => {
      const { simulator, read } = await withLead();
      simulator.faults.add({ service: "lemlist", name, times: 2, path: "/export/leads" });

      expect((await read()).rows).toHaveLength(600);
    },
  );

  test("a refusal is waited out as long as Lemlist asks", async () => {
    const { simulator, read, clock } = await withLead();
    simulator.faults.add({
      service: "lemlist",
      name: "http-429",
      path: "/campaigns",
      retryAfter: 7,
    });

    await read();

    expect(clock.waits).toContain(7_000);
  });

  test("a fault is waited out as long as Lemlist asks, too, and tried three times in all", async () => {
    const { simulator, read, clock, paths } = await withLead();
    const name = "http-503";
    simulator.faults.add({ service: "lemlist", name, path: "/campaigns", retryAfter: 9, times: 9 });

    await expect(read()).rejects.toMatchObject({ kind: "unavailable" });

    expect(clock.waits.filter((ms) => ms === 9_000)).toHaveLength(2);
    expect(paths().filter((path) => path.includes("/campaigns"))).toHaveLength(3);
  });

  test("that lasts ends in our own words, without Lemlist's", async () => {
    const { simulator, read } = await withLead();
    simulator.faults.add({ service: "lemlist", name: "http-500", times: 50 });

    const thrown = await read().catch((error: unknown) => error);

    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({
      kind: "unavailable",
      message: expect.not.stringContaining("Internal server error"),
    });
  });

  test("a wrong key is named, once, without repeating it", async () => {
    const { read, paths, log } = await rig({ apiKey: "wrong-secret-key" });

    const thrown = await read().catch((error: unknown) => error);

    expect(thrown).toMatchObject({
      kind: "auth",
      message: expect.stringContaining("LEMLIST_API_KEY"),
    });
    expect(paths()).toHaveLength(1);
    expect(JSON.stringify(log.lines) + String(thrown)).not.toContain("wrong-secret-key");
  });
});

// Lemlist docs, rate limit: 20 requests per 2 s and key (read 2026-11).
test("keeps to 20 requests in 2 seconds, so that nothing is refused", async () => {
  const { lemlist, read, simulator } = await rig();
  for (let n = 0; n < 60; n += 1) {
    const { _id } = lemlist.addCampaign({ name: `C${n}` });
    lemlist.addLead(_id, lead({ email: `p${n}@acme.com` }));
  }

  await read();

  const requests = simulator.requests.list({ service: "lemlist" });
  expect(requests.length).toBeGreaterThan(60);
  expect(requests.filter(({ status }) => status === 429)).toEqual([]);
});

test("reads an export of 20,000 leads", async () => {
  const { lemlist, read } = await rig();
  const { _id } = lemlist.addCampaign({ name: "Big" });
  lemlist.generateLeads(_id, 20_000);

  const { rows } = await read();

  expect(rows).toHaveLength(20_000);
  expect(rows.every((row) => row.kind === "record" && !row.duplicate)).toBe(true);
});

test("ends when the signal says so", async () => {
  const { simulator } = await rig();
  const open = createLemlistSource({
    apiKey: simulator.lemlistKey,
    baseUrl: simulator.lemlistUrl,
    clock: fakeClock(START),
    log: keptLog(),
    random: () => 0,
  });
  const signal = AbortSignal.abort(new AppError("cancelled", "Cancelled on request."));

  await expect(open({ source: "lemlist" }, { checkpoint: null, signal })).rejects.toThrow(
    "Cancelled on request.",
  );
});
