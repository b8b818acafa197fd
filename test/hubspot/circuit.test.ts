/** A dead HubSpot and a refused token, met by several processes on one database. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { circuitState } from "../../mcp-server/src/core/circuit.ts";
import type { HubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { type FakeClock, fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempStore } from "../support/store.ts";
import { openPortal, outcomeOf, upsertRows } from "./portal.ts";

const portal = await openPortal();
const MINUTE = 60_000;
const OPEN = { kind: "unavailable", code: "HUBSPOT_CIRCUIT_OPEN" };
const dead = (path?: string) =>
  portal.fault({
    name: "reset-before-commit",
    times: 100_000,
    ...(path === undefined ? {} : { path }),
  });

let store: Store;
let clock: FakeClock;
let log: ReturnType<typeof keptLog>;
beforeEach(async () => {
  store = await tempStore();
  clock = fakeClock("2026-11-22T10:00:00.000Z");
  log = keptLog();
});
afterEach(() => store.close());

/** A process on the database; only its limits are its own, so that nobody waits for another's slots. */
function process(accountKey = "account"): HubspotCrm {
  const limits = new Map<string, string | null>();
  const shared: Pick<Store["shared"], "get" | "change"> = {
    get: (name) => store.shared.get(name),
    change: async (name, decide, now) => {
      if (name.startsWith("circuit")) return store.shared.change(name, decide, now);
      const { value, result } = decide(limits.get(name) ?? null);
      limits.set(name, value);
      return result;
    },
  };
  return portal.crm({ clock, log, shared, accountKey });
}
const read = (crm: HubspotCrm) => crm.read("contacts", { ids: ["1"], properties: [] });
const requests = () => portal.requests("").length;

/** As often as it takes for nobody to believe any more that HubSpot answers. */
async function findDead(crm: HubspotCrm): Promise<void> {
  dead();
  for (const _try of Array(2))
    await expect(read(crm)).rejects.toMatchObject({ kind: "unavailable" });
}

describe("a HubSpot that is dead", () => {
  test("is asked no more after five failures in a row, and every process knows", async () => {
    await findDead(process());
    expect(requests()).toBe(5);

    const other = process();
    await expect(read(other)).rejects.toMatchObject(OPEN);
    const outcomes = await other.upsert("contacts", "email", upsertRows(500));

    expect(outcomeOf(outcomes, "r499")).toMatchObject({ kind: "failed", error: OPEN });
    await expect(other.reachable()).rejects.toMatchObject(OPEN);
    expect(requests()).toBe(5);
  });

  test("costs some probes an hour, whatever wants to be sent, and no flood of log lines", async () => {
    const [first, second] = [process(), process()];
    await findDead(first);

    for (let seconds = 0; seconds < 3_600; seconds += 5) {
      clock.advance(5_000);
      for (const crm of [first, second]) await read(crm).catch(() => undefined);
    }

    expect(requests()).toBeLessThan(30);
    expect(requests()).toBeGreaterThan(12);
    expect(log.lines.filter(({ level }) => level !== "debug").length).toBeLessThan(30);
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("is found alive by one probe, and everybody goes on", async () => {
    const [first, second] = [process(), process()];
    await findDead(first);
    await expect(read(second)).rejects.toMatchObject(OPEN);
    portal.simulator.faults.clear();
    portal.simulator.requests.clear();

    clock.advance(MINUTE);
    await read(second);
    await read(first);

    expect(requests()).toBe(2);
    const kept = await store.shared.get("circuit:account");
    expect(circuitState(kept, clock.now()).state).toBe("closed");
    expect(log.lines.at(-1)).toMatchObject({ level: "debug" });
    expect(log.lines.some(({ message }) => message === "HubSpot answers again")).toBe(true);
  });

  test("is probed by one of many that are waiting", async () => {
    const crm = process();
    await findDead(crm);
    clock.advance(MINUTE);
    portal.simulator.requests.clear();

    const all = Array.from({ length: 20 }, () => read(crm).catch((error: unknown) => error));
    for (const one of await Promise.all(all)) expect(one).toMatchObject({ kind: "unavailable" });

    expect(requests()).toBe(1);
  });

  test("is found alive by one cheap request before any work is begun", async () => {
    const crm = process();
    await findDead(crm);
    portal.simulator.requests.clear();
    clock.advance(MINUTE);
    const asking = () => [crm.reachable(), crm.reachable()];

    for (const one of await Promise.allSettled(asking()))
      expect(one).toMatchObject({ status: "rejected", reason: OPEN });
    expect(portal.requests("/account-info/")).toHaveLength(1);

    portal.simulator.faults.clear();
    clock.advance(2 * MINUTE);
    await Promise.all(asking());
    await Promise.all(asking());
    expect(portal.requests("/account-info/")).toHaveLength(2);
    expect(requests()).toBe(2);
  });

  test("is not the same as one that refuses: 4xx and rate limits close nothing", async () => {
    const crm = process();
    portal.fault({ name: "http-429", times: 4 });
    await read(crm);
    portal.simulator.hubspot.configure({ requiredProperties: { contacts: ["city"] } });
    for (const _time of Array(8)) await crm.upsert("contacts", "email", upsertRows(1));

    await crm.reachable();

    expect(await store.shared.get("circuit:account")).toBeNull();
  });

  test("is another one than HubSpot behind another token", async () => {
    await findDead(process());
    portal.simulator.faults.clear();

    await read(process("another"));
  });

  test("is not what one short fault of many requests in flight means", async () => {
    const crm = process();
    portal.fault({ name: "reset-before-commit", times: 10 });

    await Promise.all(Array.from({ length: 10 }, () => read(crm)));

    expect(await store.shared.get("circuit:account")).toBeNull();
  });

  // HubSpot docs, error handling: 477 says how long an account's migration lasts, up to 24 hours (read 2026-04).
  test("while its account is moved is left alone for as long as it says", async () => {
    portal.fault({ name: "http-477", retryAfter: 6 * 3_600 });
    const crm = process();

    await expect(read(crm)).rejects.toMatchObject({ retryAfterMs: 6 * 60 * MINUTE });
    clock.advance(5 * 60 * MINUTE);
    await expect(read(process())).rejects.toMatchObject({ ...OPEN, retryAfterMs: 60 * MINUTE });

    expect(requests()).toBe(1);
    clock.advance(60 * MINUTE);
    await read(crm);
  });
});

describe("a token that HubSpot refuses", () => {
  const refusal = { kind: "auth", code: "HUBSPOT_TOKEN_REFUSED" };

  test("is used by no process any more, and the log alerts once", async () => {
    const [first, second] = [process(), process()];
    await read(second);
    clock.advance(2_000);
    portal.simulator.requests.clear();
    portal.fault({ name: "unauthorized", times: 100 });

    await expect(read(first)).rejects.toMatchObject(refusal);
    await expect(read(second)).rejects.toMatchObject(refusal);
    await expect(second.upsert("contacts", "email", upsertRows(1))).rejects.toMatchObject(refusal);

    expect(requests()).toBe(1);
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("is tried again every 15 minutes, and by a process that has just begun", async () => {
    const crm = process();
    portal.fault({ name: "unauthorized", times: 3 });
    await expect(read(crm)).rejects.toMatchObject(refusal);

    for (let minutes = 0; minutes < 15; minutes += 1) {
      await expect(read(crm)).rejects.toMatchObject(refusal);
      clock.advance(MINUTE);
    }
    expect(requests()).toBe(1);
    await expect(read(crm)).rejects.toMatchObject(refusal);
    expect(requests()).toBe(2);

    await expect(read(process())).rejects.toMatchObject(refusal);
    expect(requests()).toBe(3);
    await read(process());
    clock.advance(2_000);
    await read(crm);
    expect(requests()).toBe(5);
  });
});

test("a token that may not even ask for the account is one that HubSpot knows", async () => {
  const crm = process();
  portal.fault({ name: "unauthorized", times: 1 });
  await expect(read(crm)).rejects.toMatchObject({ code: "HUBSPOT_TOKEN_REFUSED" });
  portal.fault({ name: "forbidden", times: 1, path: "/account-info/" });
  clock.advance(15 * MINUTE);

  await crm.reachable();

  await read(crm);
});

test("a healthy request costs no look at the database", async () => {
  let looks = 0;
  const shared: Pick<Store["shared"], "get" | "change"> = {
    get: (name) => {
      looks += name.startsWith("circuit") ? 1 : 0;
      return store.shared.get(name);
    },
    change: (...given) => store.shared.change(...given),
  };
  const crm = portal.crm({ clock, log, shared, accountKey: "account" });

  for (const _time of Array(50)) await read(crm);

  expect(looks).toBe(1);
});
