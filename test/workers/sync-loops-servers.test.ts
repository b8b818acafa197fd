/** Two servers with databases of their own that keep one HubSpot portal, each by a map that contradicts the other's. */
import { afterEach, expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { tempStore } from "../support/store.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";
import { mapsWith } from "./sync-scene.ts";

const LIMIT = 5;
const ROUNDS = 40;
const ADA = "ada@acme-robotics.com";
const silence = new AbortController().signal;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Maps = ReturnType<typeof mapsWith>;

/** Two servers on one portal, each with the contact and a value of its own for it. */
async function twoServers(
  one: { readonly maps: Maps; readonly fields: Parameters<SyncRig["contact"]>[1] },
  other: { readonly maps: Maps; readonly fields: Parameters<SyncRig["contact"]>[1] },
  maxFlipsPerHour = LIMIT,
): Promise<readonly [SyncRig, SyncRig]> {
  const live = { maxFlipsPerHour };
  const first = await syncRig({ maps: one.maps, live });
  const store = await tempStore();
  const second = await syncRig({ beside: first, store, maps: other.maps, live });
  closing.push(
    () => second.close(),
    () => store.close(),
    () => first.close(),
  );
  await first.contact(ADA, one.fields ?? {});
  await second.contact(ADA, other.fields ?? {});
  first.listen();
  await first.sync();
  await second.sync();
  first.forget();
  return [first, second];
}

/** Each hears what HubSpot notifies and syncs, in turn, as servers do all day. Returns the writes of both. */
async function takeTurns(
  servers: readonly [SyncRig, SyncRig],
  insist: () => unknown = () => undefined,
): Promise<number> {
  const [first, second] = servers;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const server of servers) {
      await insist();
      const news = await first.hear();
      await second.notify(...news);
      first.clock.advance(5_000);
      await server.live(silence);
    }
  }
  return first.requests().filter((path) => /batch\/(update|upsert)$/.test(path)).length;
}

async function loops(store: Store) {
  const { conflicts } = await store.conflicts.list({ reason: "loop" }, { afterId: 0, limit: 10 });
  return conflicts.map(({ field, local, hubspot }) => ({ field, local, hubspot }));
}

const outward = mapsWith({
  contacts: { city: { sync_direction: "WARP_TO_HUBSPOT", conflict_resolution: "WARP_WINS" } },
});

test("that both insist on their own value stop after a bounded number of writes, and one of them says why", async () => {
  const servers = await twoServers(
    { maps: outward, fields: { city: "Berlin" } },
    { maps: outward, fields: { city: "Bonn" } },
  );
  const [first, second] = servers;

  const writes = await takeTurns(servers);

  expect(writes).toBeGreaterThan(LIMIT);
  expect(writes).toBeLessThanOrEqual(2 * (LIMIT + 1));
  const told = [...(await loops(first.store)), ...(await loops(second.store))];
  expect(told).toHaveLength(1);
  const [loser] = told;
  expect([loser?.local, loser?.hubspot].sort()).toEqual(["Berlin", "Bonn"]);
  expect(first.remote(ADA)["city"]).toBe(loser?.hubspot);
  first.forget();
  expect(await takeTurns(servers)).toBe(0);
});

test("of which one takes over what a program beside it undoes again, stop as well", async () => {
  const shipped = mapsWith({});
  const servers = await twoServers(
    { maps: shipped, fields: { city: "Berlin" } },
    { maps: outward, fields: { city: "Bonn" } },
  );
  const [first, second] = servers;
  const { id } = await first.one(ADA);
  const insist = async () => {
    if ((await first.one(ADA)).city === "Berlin") return;
    const at = first.clock.iso();
    await first.store.contacts.update([{ id, set: { city: "Berlin" } }], at);
    await first.store.queue.add([
      { object: "contacts", local_id: id, reason: "changed", due_at: at },
    ]);
  };

  const writes = await takeTurns(servers, insist);

  expect(writes).toBeGreaterThan(2);
  expect(writes).toBeLessThanOrEqual(2 * (LIMIT + 1));
  expect([...(await loops(first.store)), ...(await loops(second.store))]).toHaveLength(1);
  first.forget();
  expect(await takeTurns(servers, insist)).toBe(0);
});

test("go on for ever where nothing stops them", async () => {
  const servers = await twoServers(
    { maps: outward, fields: { city: "Berlin" } },
    { maps: outward, fields: { city: "Bonn" } },
    0,
  );

  expect(await takeTurns(servers)).toBeGreaterThanOrEqual(2 * ROUNDS - 1);
});
