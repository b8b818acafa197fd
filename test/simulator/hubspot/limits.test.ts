/** Rate limits: budgets, headers and bodies. */
import { describe, expect, test } from "vitest";
import { CONTACTS, openPortal } from "./portal.ts";

const portal = await openPortal({ settings: { burstLimit: 20, searchPerSecond: 5 } });

async function times(count: number, run: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await run()).status);
  return statuses;
}

function rateHeaders(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => name.startsWith("x-hubspot-ratelimit")).sort();
}

const search = () => portal.post(`${CONTACTS}/search`, {});
const list = () => portal.get(CONTACTS);

describe("the burst", () => {
  test("is a rolling window of ten seconds", async () => {
    expect(await times(10, list)).not.toContain(429);
    portal.advance(5_000);
    expect(await times(10, list)).not.toContain(429);
    expect((await list()).status).toBe(429);

    portal.advance(5_000);
    expect(await times(10, list)).not.toContain(429);
    expect((await list()).status).toBe(429);
  });

  test("answers 429 with HubSpot's body, without Retry-After", async () => {
    await times(20, list);

    const { status, body, headers } = await list();

    // Bodies quoted in issue threads of HubSpot's own clients.
    expect(status).toBe(429);
    expect(body).toEqual({
      status: "error",
      message: "You have reached your ten_secondly_rolling limit.",
      errorType: "RATE_LIMIT",
      correlationId: headers.get("x-hubspot-correlation-id"),
      policyName: "TEN_SECONDLY_ROLLING",
      groupName: expect.stringMatching(/^publicapi:/),
    });
    expect(headers.get("retry-after")).toBeNull();
    expect(headers.get("x-hubspot-ratelimit-remaining")).toBe("0");
  });

  test("sends Retry-After when switched on", async () => {
    portal.hubspot.configure({ retryAfterHeader: true });
    await times(20, list);

    expect((await list()).headers.get("retry-after")).toBe("10");
  });

  test("is not used up by refused requests", async () => {
    await times(40, list);
    portal.advance(10_000);

    expect((await list()).headers.get("x-hubspot-ratelimit-remaining")).toBe("19");
  });

  test("refused requests stand in the request log", async () => {
    await times(22, list);

    const log = portal.simulator.requests.list({ service: "hubspot" });
    expect(log).toHaveLength(22);
    expect(log.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});

describe("headers", () => {
  test("of object calls say what is left", async () => {
    const { headers } = await list();

    // Recorded responses, 2022, confirmed for service keys in 2026-09.
    const value = (name: string) => headers.get(`x-hubspot-ratelimit-${name}`);
    expect(value("max")).toBe("20");
    expect(value("remaining")).toBe("19");
    expect(value("interval-milliseconds")).toBe("10000");
    expect(value("daily")).toBe("250000");
    expect(value("daily-remaining")).toBe("249999");
    expect(value("secondly")).toBe("2");
    expect(value("secondly-remaining")).toBe("1");
  });

  test("of searches are the daily pair only", async () => {
    const { headers } = await search();

    // 230 recorded searches, 2022.
    expect(rateHeaders(headers)).toEqual([
      "x-hubspot-ratelimit-daily",
      "x-hubspot-ratelimit-daily-remaining",
    ]);
  });

  test("of OAuth apps lack the daily pair", async () => {
    portal.hubspot.configure({ oauth: true });

    expect(rateHeaders((await list()).headers)).not.toContain("x-hubspot-ratelimit-daily");
    expect(rateHeaders((await search()).headers)).toEqual([]);
  });

  test("stand on errors too", async () => {
    const { status, headers } = await portal.get(`${CONTACTS}/1`);

    expect(status).toBe(404);
    expect(headers.get("x-hubspot-ratelimit-remaining")).toBe("19");
  });
});

describe("search", () => {
  test("takes five requests a second, whatever the object", async () => {
    expect(await times(4, search)).toEqual([200, 200, 200, 200]);
    const companies = () => portal.post("/crm/v3/objects/companies/search", {});
    expect((await companies()).status).toBe(200);

    const { status, body } = await companies();

    // HubSpot docs, search limits; the body carries a request id as well.
    expect(status).toBe(429);
    expect(body).toMatchObject({
      message: "You have reached your secondly limit.",
      errorType: "RATE_LIMIT",
      policyName: "SECONDLY",
      requestId: expect.any(String),
    });
    portal.advance(1_000);
    expect((await search()).status).toBe(200);
  });

  test("does not draw on the burst", async () => {
    await times(5, search);

    expect((await list()).headers.get("x-hubspot-ratelimit-remaining")).toBe("19");
  });
});

describe("the day", () => {
  test("ends at midnight of the account's time zone", async () => {
    portal.hubspot.configure({ dailyLimit: 2 });
    await times(2, list);

    const { status, body } = await list();

    expect(status).toBe(429);
    expect(body).toMatchObject({
      message: "You have reached your daily limit.",
      policyName: "DAILY",
    });
    // It is 07:00 in New York.
    portal.advance(16 * 3_600_000);
    expect((await list()).status).toBe(429);
    portal.advance(3_600_000);
    expect((await list()).status).toBe(200);
  });
});

describe("associations", () => {
  test("have limits of their own", async () => {
    portal.hubspot.configure({ associationsBurstLimit: 2 });
    const read = () =>
      portal.post("/crm/v4/associations/contacts/companies/batch/read", { inputs: [{ id: "1" }] });

    // HubSpot docs, associate records guide: separate limits.
    expect(await times(3, read)).toEqual([207, 207, 429]);
    const { headers } = await list();
    expect(headers.get("x-hubspot-ratelimit-remaining")).toBe("19");
    portal.advance(10_000);
    const answer = await read();
    expect(answer.headers.get("x-hubspot-ratelimit-max")).toBe("2");
    expect(answer.headers.get("x-hubspot-ratelimit-daily")).toBe("500000");
  });
});
