/** The watch that looks several times a second, with HubSpot's own delivery to the real door. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { serveHttp } from "../../mcp-server/src/http/listen.ts";
import { createWebhookDoor } from "../../mcp-server/src/http/webhooks.ts";
import { verifySignature } from "../../mcp-server/src/hubspot/signature.ts";
import { createLiveWatch, type LiveWatch } from "../../mcp-server/src/live-watch.ts";
import { realClock } from "../support/clock.ts";
import type { RigOptions } from "../support/sync-rig.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

let scene: InboundScene;
let watch: LiveWatch | null = null;
const closing: (() => Promise<void>)[] = [];

beforeEach(() => {
  watch = null;
});
afterEach(async () => {
  await watch?.stop();
  for (const close of closing.splice(0)) await close();
  await scene.close();
});

interface Counter {
  /** How often what looks was called. */
  looks: number;
  /** How often the watch asked whether there is anything to look at. */
  asked: number;
}

async function begin(
  options: RigOptions = {},
  sendsByItself = true,
  isCutOff = async () => false,
): Promise<Counter> {
  scene = await inboundScene({ clock: realClock(), ...options });
  const counter = { looks: 0, asked: 0 };
  const { clock, log } = scene;
  const any = (): Promise<boolean> => {
    counter.asked += 1;
    return scene.store.inbox.any();
  };
  const store = { ...scene.store, inbox: { ...scene.store.inbox, any } };
  const send = async () => async (signal: AbortSignal) => {
    counter.looks += 1;
    await scene.live(signal);
  };
  watch = createLiveWatch({ store, clock, log, sendsByItself, isCutOff, send, everyMs: 50 });
  watch.start();
  await expect.poll(() => counter.asked).toBeGreaterThan(0);
  return counter;
}

/** Has HubSpot deliver its notifications to a door of ours. */
async function openDoor(): Promise<void> {
  const { store, clock, log } = scene;
  const secret = scene.simulator.hubspotClientSecret;
  const door = createWebhookDoor({
    inbox: store.inbox,
    clock,
    log,
    verify: (request, now) =>
      verifySignature(request, { secret, versions: new Set(["v3"] as const), now }),
    publicUrl: null,
    appId: null,
    maxWaiting: 1_000,
  });
  const server = await serveHttp({ fetch: door, host: "127.0.0.1", port: 0 });
  closing.push(() => server.close());
  const targetUrl = `${server.url}/webhooks/hubspot`;
  scene.simulator.hubspot.webhooks.subscribe({ targetUrl, auto: true });
}

test("a change that HubSpot delivers is here within a second", async () => {
  await begin();
  await openDoor();
  watch?.start();
  await expect
    .poll(async () => (await scene.store.cursors.get("inbound-since")) !== null)
    .toBe(true);
  scene.forget();

  const begun = performance.now();
  scene.edit({ city: "Berlin" });
  await expect.poll(async () => (await scene.one(ADA)).city, { interval: 20 }).toBe("Berlin");

  expect(performance.now() - begun).toBeLessThan(2_000);
  expect(scene.writes()).toEqual([]);
});

test("what HubSpot notified is reason to look where nothing is sent by itself, a local change is not", async () => {
  const counter = await begin({ live: { sendsByItself: false } }, false);
  const at = scene.clock.iso();
  const entry = { object: "contacts", local_id: scene.ada, reason: "test", due_at: at } as const;

  scene.edit({ city: "Berlin" });
  await scene.hear();
  await expect.poll(async () => (await scene.one(ADA)).city).toBe("Berlin");

  await expect.poll(() => scene.waiting()).toEqual([0, 0, 0]);
  const { looks, asked } = counter;
  await scene.store.queue.add([entry]);
  await expect.poll(() => counter.asked).toBeGreaterThan(asked + 3);
  expect(counter.looks).toBe(looks);
});

test("while HubSpot is cut off, or people are told of trouble, somebody finds out whether it is over, though nothing is due", async () => {
  let isCut = false;
  const counter = await begin({}, true, async () => isCut);
  const { cursors } = scene.store;
  await expect.poll(() => scene.waiting()).toEqual([0, 0, 0]);
  await expect.poll(() => counter.looks).toBeGreaterThan(0);
  const { looks } = counter;

  await cursors.set("live-trouble", "{}", scene.clock.iso());
  await expect.poll(() => counter.looks).toBeGreaterThan(looks);
  await expect.poll(() => cursors.get("live-trouble")).toBe("");

  const before = counter.looks;
  isCut = true;
  await expect.poll(() => counter.looks).toBeGreaterThan(before + 2);
});

test("what was due stays due when the clock is set back", async () => {
  let backMs = 0;
  const clock = realClock();
  const settable = { ...clock, now: () => clock.now() - backMs };
  const counter = await begin({
    clock: { ...settable, iso: () => new Date(settable.now()).toISOString() },
  });
  await expect.poll(() => scene.waiting()).toEqual([0, 0, 0]);
  const { looks } = counter;
  const at = new Date(clock.now() + 1_000).toISOString();

  await scene.store.queue.add([
    { object: "contacts", local_id: scene.ada, reason: "t", due_at: at },
  ]);
  backMs = 5 * 60_000;

  await expect.poll(() => counter.looks).toBeGreaterThan(looks);
  await expect.poll(() => scene.waiting()).toEqual([0, 0, 0]);
  expect(scene.log.lines.map(({ message }) => message).join()).toContain("the clock was set back");
});
