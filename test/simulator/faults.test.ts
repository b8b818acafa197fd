/** Faults strike the requests that they are ordered for, and do or do not let the work happen. */
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";

const simulator = await startSimulator();
const { faults, hubspot, requests } = simulator;
const PATH = "/crm/objects/2026-09/contacts";

beforeEach(() => {
  hubspot.reset();
  faults.clear();
  requests.clear();
});
afterAll(() => simulator.close());

async function create(email: string, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${simulator.hubspotUrl}${PATH}`, {
    method: "POST",
    headers: { authorization: `Bearer ${simulator.hubspotToken}` },
    body: JSON.stringify({ properties: { email } }),
    ...(signal === undefined ? {} : { signal }),
  });
}

const count = () => hubspot.counts()["contacts"];

describe("a status fault", () => {
  test.each([
    ["http-414", 414],
    ["http-423", 423],
    ["http-429", 429],
    ["http-477", 477],
    ["http-500", 500],
    ["http-502", 502],
    ["http-503", 503],
    ["http-504", 504],
    ["http-521", 521],
    ["http-523", 523],
    ["http-524", 524],
    ["unauthorized", 401],
    ["forbidden", 403],
  ] as const)("%s answers %i and does nothing, as often as ordered", async (name, status) => {
    faults.add({ service: "hubspot", name, times: 2 });

    expect((await create("ada@example.com")).status).toBe(status);
    expect((await create("ada@example.com")).status).toBe(status);
    expect(count()).toBe(0);
    expect((await create("ada@example.com")).status).toBe(201);
    expect(requests.list().map((entry) => [entry.fault, entry.status])).toEqual([
      [name, status],
      [name, status],
      [null, 201],
    ]);
  });

  test("has the service's own body", async () => {
    faults.add({ service: "hubspot", name: "http-429" });
    faults.add({ service: "lemlist", name: "http-429" });

    const crm = await create("ada@example.com");
    const lemlist = await fetch(`${simulator.lemlistUrl}/team`);

    expect(await crm.json()).toMatchObject({ policyName: "TEN_SECONDLY_ROLLING" });
    expect(lemlist.headers.get("content-type")).toContain("text/plain");
  });
});

describe("how long to wait", () => {
  const waitOf = async () => (await create("ada@example.com")).headers.get("retry-after");

  test("stands on a 477 in seconds, and on no 423", async () => {
    faults.add({ service: "hubspot", name: "http-477" });
    faults.add({ service: "hubspot", name: "http-423" });

    // HubSpot docs, error handling: 477 carries Retry-After, a lock lasts 2 s without saying so.
    expect(Number(await waitOf())).toBeGreaterThan(0);
    expect(await waitOf()).toBeNull();
  });

  test("can be ordered with the fault", async () => {
    faults.add({ service: "hubspot", name: "http-477", retryAfter: 1 });
    faults.add({ service: "hubspot", name: "http-429", retryAfter: 3 });

    expect(await waitOf()).toBe("1");
    expect(await waitOf()).toBe("3");
  });
});

test("forbidden names the scopes that are missing, as a real 403 does", async () => {
  faults.add({ service: "hubspot", name: "forbidden" });

  const body = await (await create("ada@example.com")).json();

  expect(body).toMatchObject({
    category: "MISSING_SCOPES",
    errors: [{ context: { requiredGranularScopes: [expect.any(String)] } }],
    links: { scopes: "https://developers.hubspot.com/scopes" },
  });
});

describe("an unknown outcome", () => {
  test.each([
    ["reset-before-commit", 0],
    ["reset-after-commit", 1],
  ] as const)("%s breaks the connection with %i contacts written", async (name, written) => {
    faults.add({ service: "hubspot", name });

    await expect(create("ada@example.com")).rejects.toThrow();

    await expect.poll(count).toBe(written);
  });

  test.each([
    ["timeout-before-commit", 0],
    ["timeout-after-commit", 1],
  ] as const)("%s never answers, with %i contacts written", async (name, written) => {
    faults.add({ service: "hubspot", name });

    await expect(create("ada@example.com", AbortSignal.timeout(300))).rejects.toThrow();

    expect(count()).toBe(written);
    expect(requests.list()).toMatchObject([{ fault: name, status: null, durationMs: null }]);
  });

  test("drop-mid-body does the work and breaks off in the body", async () => {
    faults.add({ service: "hubspot", name: "drop-mid-body" });

    const response = await create("ada@example.com");

    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow();
    expect(count()).toBe(1);
  });
});

describe("other faults", () => {
  test("empty-2xx answers success and does nothing", async () => {
    faults.add({ service: "hubspot", name: "empty-2xx" });

    const response = await create("ada@example.com");

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "COMPLETE", results: [] });
    expect(count()).toBe(0);
  });

  test("slow answers late but normally", async () => {
    faults.add({ service: "hubspot", name: "slow", delayMs: 120 });
    const started = performance.now();

    const response = await create("ada@example.com");

    expect(response.status).toBe(201);
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  test("strike only the service, method and path named", async () => {
    faults.add({ service: "explorium", name: "http-500" });
    faults.add({ service: "hubspot", name: "http-500", method: "GET" });
    faults.add({ service: "hubspot", name: "http-500", path: "/batch/upsert" });

    expect((await create("ada@example.com")).status).toBe(201);
    expect(faults.list()).toHaveLength(3);
  });

  test("an order that makes no sense is refused", () => {
    // @ts-expect-error: not a fault
    expect(() => faults.add({ service: "hubspot", name: "gremlins" })).toThrow();
  });
});

test("close breaks requests that were never answered", async () => {
  const other = await startSimulator();
  other.faults.add({ service: "hubspot", name: "timeout-before-commit" });
  const hanging = fetch(`${other.hubspotUrl}${PATH}`).catch((failure: unknown) => failure);
  await expect.poll(() => other.requests.count()).toBe(1);

  await other.close();

  expect(await hanging).toBeInstanceOf(Error);
});
