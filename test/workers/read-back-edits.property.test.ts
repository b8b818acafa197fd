/** However edits of both sides, notifications, looks of two processes and time fall together, what is remembered of HubSpot loses and flips no edit. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLiveSync, type LiveSync } from "../../mcp-server/src/workers/live-sync.ts";
import { rememberReads } from "../../mcp-server/src/workers/read-back.ts";
import type { FakeClock } from "../support/clock.ts";
import { machineClock, type SyncScene, syncScene } from "./sync-scene.ts";

type Step =
  /** The billing system sets a balance, which is sent within the second. */
  | { readonly kind: "balance" }
  | { readonly kind: "local-name" }
  | { readonly kind: "remote-name" }
  | { readonly kind: "remote-tier" }
  /** Somebody in HubSpot writes over a balance that only we may set. */
  | { readonly kind: "remote-balance" }
  | { readonly kind: "look"; readonly process: 0 | 1 }
  | { readonly kind: "told" }
  | { readonly kind: "wait"; readonly ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "balance" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "local-name" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "remote-name" } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: "remote-tier" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "remote-balance" } as const) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("look" as const), process: fc.constantFrom(0, 1) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "told" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(500, 2_500, 6 * 60_000),
    }),
  },
);

const TIERS = ["STANDARD", "PREMIUM", "ENTERPRISE"];

let clock: FakeClock;
let scene: SyncScene;
let processes: readonly LiveSync[];
let worlds = 0;

function process(name: string): LiveSync {
  const memory = rememberReads(scene.crm, clock);
  let ids = 0;
  return createLiveSync({
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
}

beforeAll(async () => {
  clock = machineClock();
  scene = await syncScene({ clock });
  await scene.customer({ ban: "B0", company_name: "First" });
  await scene.sync();
  scene.listen();
  processes = [process("one"), process("two")];
});
afterAll(() => scene.close());

/** One customer, what was written to it on either side in order, and what each side was seen to hold. */
class World {
  readonly ban = `B${++worlds}`;
  id = 0;
  #count = 0;
  readonly local: string[] = ["Acme 0"];
  readonly remote: string[] = ["Acme 0"];
  readonly seenHere: string[] = [];
  readonly seenThere: string[] = [];
  tier: string | null = null;

  async begin(): Promise<void> {
    this.id = await scene.customer({
      ban: this.ban,
      company_name: "Acme 0",
      current_balance: "0.00",
    });
    await scene.sync();
    await scene.hear();
  }

  async take(step: Step): Promise<void> {
    this.#count += 1;
    switch (step.kind) {
      case "balance":
        scene.sql(
          "update customers set current_balance = ? where ban = ?",
          `${this.#count}.00`,
          this.ban,
        );
        clock.advance(1_000);
        return;
      case "local-name":
        this.local.push(`Here ${this.#count}`);
        scene.sql(
          "update customers set company_name = ? where ban = ?",
          `Here ${this.#count}`,
          this.ban,
        );
        return;
      case "remote-name":
        this.remote.push(`There ${this.#count}`);
        scene.editCompany(this.ban, { name: `There ${this.#count}` });
        return;
      case "remote-tier":
        this.tier = TIERS[this.#count % TIERS.length] ?? "";
        scene.editCompany(this.ban, { warp_tier: this.tier });
        return;
      case "remote-balance":
        scene.editCompany(this.ban, { warp_current_balance: "99999" });
        return;
      case "told":
        await scene.hear();
        return;
      case "wait":
        clock.advance(step.ms);
        return;
      case "look":
        await this.look(step.process);
    }
  }

  async look(number: number): Promise<void> {
    await processes[number]?.(new AbortController().signal);
    await this.see();
  }

  async see(): Promise<void> {
    noted(this.seenHere, (await scene.local(this.ban))?.company_name ?? "");
    noted(this.seenThere, scene.company(this.ban)["name"] ?? "");
  }

  /** No notification comes any more; the night compares both sides. */
  async end(): Promise<void> {
    scene.simulator.hubspot.webhooks.clear();
    for (let cycle = 0; cycle < 2; cycle += 1) {
      clock.advance(20 * 60_000);
      await this.look(cycle);
      await scene.look("customers", this.id);
      await scene.sync();
      await this.see();
    }
  }
}

function noted(seen: string[], value: string): void {
  if (seen.at(-1) !== value) seen.push(value);
}

/** Of the values that one side wrote, those that the other was seen to hold, by their place among them. */
function order(seen: readonly string[], written: readonly string[]): readonly number[] {
  return seen.map((value) => written.indexOf(value)).filter((place) => place > 0);
}

function ascending(places: readonly number[]): readonly number[] {
  return [...places].sort((a, b) => a - b);
}

test("both sides end equal, older values never come back, and whatever lost is kept", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 16 }), async (steps) => {
      const world = new World();
      await world.begin();
      for (const one of steps) await world.take(one);
      await world.end();

      const here = await scene.local(world.ban);
      const there = scene.company(world.ban);
      // Equal, and of each one-way field the side that owns it was right.
      expect(there["name"]).toBe(here?.company_name);
      expect(here?.tier ?? null).toBe(world.tier);
      expect(there["warp_current_balance"]).toBe(String(Number(here?.current_balance)));
      expect(scene.queued("customers")).not.toContain(world.id);
      // What came from the other side came in the order in which it was written there.
      const fromThere = order(world.seenHere, world.remote);
      const fromHere = order(world.seenThere, world.local);
      expect(fromThere).toEqual(ascending(fromThere));
      expect(fromHere).toEqual(ascending(fromHere));
      // The last edit of a side stands, or crossed over before it was edited again, or is kept as the one that lost.
      const kept = JSON.stringify(await scene.history("customers", world.id));
      for (const [written, seen] of [
        [world.local, world.seenThere],
        [world.remote, world.seenHere],
      ] as const) {
        const last = written.at(-1) ?? "";
        const isThere =
          here?.company_name === last || seen.includes(last) || kept.includes(`"${last}"`);
        expect(isThere, `${last} is lost; ${kept}`).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);
