/** What was read a moment ago saves requests, and never decides what only HubSpot can know. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLiveSync, type LiveSync } from "../../mcp-server/src/workers/live-sync.ts";
import { type Remembering, rememberReads } from "../../mcp-server/src/workers/read-back.ts";
import type { FakeClock } from "../support/clock.ts";
import { machineClock, type SyncScene, syncScene } from "./sync-scene.ts";

let clock: FakeClock;
let scene: SyncScene;
let remembering: Remembering;
let live: LiveSync;
let customer: number;

const READ = "POST /crm/objects/2026-09/companies/batch/read";
const UPDATE = "POST /crm/objects/2026-09/companies/batch/update";

/** A process that sends changes as they happen; each has a memory of its own. */
function process(name: string): { readonly live: LiveSync; readonly memory: Remembering } {
  const memory = rememberReads(scene.crm, clock);
  let ids = 0;
  const made = createLiveSync({
    ...scene,
    accountKey: "account",
    owner: name,
    newId: (prefix) => `${prefix}_${name}_${++ids}`,
    caps: { creates: 1_000, updates: 1_000, clears: 1_000 },
    burstLimit: 1_000,
    crm: memory.crm,
    readBack: memory.readBack,
    heard: memory.heard,
  });
  return { live: made, memory };
}

beforeEach(async () => {
  clock = machineClock();
  scene = await syncScene({ clock });
  customer = await scene.customer({ ban: "B1", company_name: "Acme", current_balance: "10.00" });
  await scene.sync();
  ({ live, memory: remembering } = process("one"));
});
afterEach(() => scene.close());

async function look(): Promise<readonly string[]> {
  scene.forget();
  await live(new AbortController().signal);
  return scene.requests();
}

/** The billing system writes; the change is due a second later. */
function balance(amount: string): void {
  scene.sql("update customers set current_balance = ? where ban = 'B1'", amount);
  clock.advance(1_000);
}

describe("a balance that changes every second", () => {
  test("costs one request each time once the company was read", async () => {
    balance("11.00");
    expect(await look()).toEqual([READ, UPDATE]);

    for (const amount of ["12.00", "13.00", "14.00"]) {
      balance(amount);
      expect(await look()).toEqual([UPDATE]);
    }

    expect(scene.company("B1")["warp_current_balance"]).toBe("14");
    expect(scene.queued("customers")).toEqual([]);
  });

  test("is read again after five minutes", async () => {
    balance("11.00");
    await look();
    clock.advance(5 * 60_000);
    balance("12.00");

    expect(await look()).toEqual([READ, UPDATE]);
  });

  test("comes back to an earlier amount although HubSpot was not read in between", async () => {
    for (const amount of ["11.00", "10.00", "11.00"]) {
      balance(amount);
      await look();
    }

    expect(scene.company("B1")["warp_current_balance"]).toBe("11");
  });

  test("is read back when the answer to it was lost, although the company was read a moment ago", async () => {
    balance("11.00");
    await look();
    balance("12.00");
    const path = "/companies/batch/update";
    scene.simulator.faults.add({ service: "hubspot", name: "reset-before-commit", path });

    expect(await look()).toEqual([UPDATE]);
    expect(await look()).toEqual([]);
    clock.advance(1_200);
    expect(await look()).toEqual([READ, UPDATE]);

    expect(scene.company("B1")["warp_current_balance"]).toBe("12");
    expect(scene.queued("customers")).toEqual([]);
  });

  test("keeps its value in the log as the next one's, not as a lost one", async () => {
    for (const amount of ["11.00", "12.00"]) {
      balance(amount);
      await look();
    }

    const [newest] = await scene.history("customers", customer);
    expect(newest?.fields).toMatchObject([{ field: "current_balance", before: "11", after: "12" }]);
    expect(newest?.fields[0]).not.toHaveProperty("lost", "10");
  });
});

describe("a person's edit in HubSpot that nobody told of", () => {
  beforeEach(async () => {
    balance("11.00");
    await look();
  });

  test("of a shared field stays while the balance is sent past it, and is taken over later", async () => {
    scene.editCompany("B1", { name: "Acme Robotics" });
    balance("12.00");

    await look();
    const between = await scene.local("B1");
    await scene.look("customers", customer);
    await scene.sync();

    expect(between?.company_name).toBe("Acme");
    expect((await scene.local("B1"))?.company_name).toBe("Acme Robotics");
    expect(scene.company("B1")["name"]).toBe("Acme Robotics");
  });

  test("is read before a local edit of the same field is weighed against it", async () => {
    scene.editCompany("B1", { name: "Acme Robotics" });
    scene.sql("update customers set company_name = 'Acme Ltd' where ban = 'B1'");
    clock.advance(3_000);

    const requests = await look();

    expect(requests[0]).toBe(READ);
    const [newest] = await scene.history("customers", customer);
    // Both values are accounted for: one won, the other one is kept.
    const named = newest?.fields.find(({ field }) => field === "company_name");
    expect(named).toMatchObject({ lost: expect.stringMatching(/Acme (Robotics|Ltd)/) });
  });

  test("is not flipped back by a value that was remembered from before it", async () => {
    scene.editCompany("B1", { warp_tier: "PREMIUM" });
    await scene.look("customers", customer);
    await scene.sync();

    balance("12.00");
    await look();

    expect((await scene.local("B1"))?.tier).toBe("PREMIUM");
    expect(scene.company("B1")["warp_tier"]).toBe("PREMIUM");
  });
});

describe("what HubSpot told of", () => {
  beforeEach(async () => {
    balance("11.00");
    await look();
    scene.editCompany("B1", { warp_tier: "PREMIUM" });
  });

  test("is read afresh when this process heard it", async () => {
    remembering.heard([{ object: "companies", hubspotId: scene.companyId("B1"), kind: "changed" }]);
    balance("12.00");

    expect(await look()).toEqual([READ, UPDATE]);
    expect((await scene.local("B1"))?.tier).toBe("PREMIUM");
  });

  test("is read afresh when another process heard it", async () => {
    await scene.store.queue.add([
      {
        object: "customers",
        local_id: customer,
        reason: "changed in HubSpot",
        due_at: clock.iso(),
        inbound: true,
      },
    ]);

    expect(await look()).toEqual([READ]);
    expect((await scene.local("B1"))?.tier).toBe("PREMIUM");
  });
});

test("a record whose last try did not end well is read again", async () => {
  balance("11.00");
  await look();
  balance("12.00");
  scene.simulator.faults.add({
    service: "hubspot",
    name: "http-500",
    path: UPDATE.slice(5),
    times: 9,
  });
  await look();
  scene.simulator.faults.clear();
  clock.advance(20 * 60_000);

  expect((await look())[0]).toBe(READ);
  expect(scene.company("B1")["warp_current_balance"]).toBe("12");
});

test("asked-for syncs read although something is remembered", async () => {
  balance("11.00");
  await look();
  scene.forget();

  await scene.look("customers", customer);
  await scene.sync();

  expect(scene.requests()).toContain(READ);
});

test("a company that another process has changed since is not judged by what this one remembers", async () => {
  const other = process("two");
  balance("11.00");
  await look();
  balance("12.00");
  await other.live(new AbortController().signal);
  balance("11.00");

  await look();

  expect(scene.company("B1")["warp_current_balance"]).toBe("11");
});
