/** HubSpot is down or refuses while its notifications come: they are taken, nothing is hammered, and all is applied once it is back. */
import { afterEach, expect, test, vi } from "vitest";
import { createWebhookDoor } from "../../mcp-server/src/http/webhooks.ts";
import { ADA, type InboundScene, inboundScene } from "../workers/inbound-scene.ts";

// Requests that time out take real time.
vi.setConfig({ testTimeout: 60_000 });

const OUTAGE_MS = 10 * 60_000;
/** From a look that failed to the next one, and from a failed record to its next try. */
const REST_MS = 60_000;
/** From one try of a HubSpot that has been dead for long to the next. */
const DEAD_REST_MS = 5 * 60_000;
const RETRY_MS = 15 * 60_000;

let scene: InboundScene;
afterEach(() => scene.close());

const troubles = [
  "http-500",
  "http-503",
  "http-429",
  "unauthorized",
  "reset-before-commit",
  "timeout-before-commit",
  "drop-mid-body",
  "empty-2xx",
] as const;

for (const name of troubles)
  test(`${name}: every notification is acknowledged, few requests are made, and the last values arrive`, async () => {
    scene = await inboundScene();
    const [arriving] = scene.simulator.hubspot.seed(
      "contacts",
      [{ email: "bob@bob.com" }],
      Date.now(),
    );
    scene.simulator.faults.add({ service: "hubspot", name, times: 1_000_000 });

    const statuses = await goThroughOutage(arriving ?? "");
    const minutes = elapsed() / 60_000;
    const requests = scene.requests().length;
    scene.simulator.faults.clear();
    const recoveredAfterMs = await recovered();

    expect(new Set(statuses)).toEqual(new Set([200]));
    // Three tries of one read a minute, and as many of what refuses for a while.
    expect(requests).toBeGreaterThan(0);
    expect(requests / minutes).toBeLessThanOrEqual(6);
    expect(recoveredAfterMs).toBeLessThanOrEqual(RETRY_MS + 2 * REST_MS);
    expect((await scene.one("bob@bob.com")).email).toBe("bob@bob.com");
    expect(scene.writes()).toEqual([]);
  });

test("what comes after an outage is not kept waiting by what failed in it", async () => {
  scene = await inboundScene();
  scene.simulator.faults.add({ service: "hubspot", name: "http-503", times: 1_000_000 });
  await goThroughOutage("");
  scene.simulator.faults.clear();

  scene.edit({ city: "Back" });
  await knock(...scene.simulator.hubspot.webhooks.pending());
  const begun = scene.clock.now();
  await looking(async () => (await scene.one(ADA)).city === "Back");

  expect(scene.clock.now() - begun).toBeLessThanOrEqual(DEAD_REST_MS + 2_000);
});

let startedAt = 0;
let edits = 0;
const elapsed = (): number => scene.clock.now() - startedAt;

/** A look a second and an edit every ten, as long as the outage lasts; how the notifications were answered. */
async function goThroughOutage(arriving: string): Promise<readonly number[]> {
  const { clock, simulator } = scene;
  const statuses: number[] = [];
  scene.forget();
  startedAt = clock.now();
  let told = startedAt;
  while (elapsed() < OUTAGE_MS) {
    if (clock.now() >= told) {
      told += 10_000;
      edits += 1;
      scene.edit({ city: `City ${edits}` });
      const waiting = simulator.hubspot.webhooks.pending();
      simulator.hubspot.webhooks.clear();
      const news = arriving ? [scene.notification("contact.creation", arriving)] : [];
      statuses.push(await knock(...waiting, ...news));
    }
    await scene.look();
    clock.advance(1_000);
  }
  return statuses;
}

/** How long it took until HubSpot's last values were here and nothing waited. */
async function recovered(): Promise<number> {
  const begun = scene.clock.now();
  await looking(async () => {
    const isHere = (await scene.one(ADA)).city === `City ${edits}`;
    return isHere && (await scene.waiting()).every((count) => count === 0);
  });
  return scene.clock.now() - begun;
}

async function looking(until: () => Promise<boolean>): Promise<void> {
  const deadline = scene.clock.now() + 60 * 60_000;
  while (!(await until())) {
    if (scene.clock.now() > deadline) throw new Error("It did not come within the hour.");
    await scene.look();
    scene.clock.advance(1_000);
  }
}

/** Hands notifications to the door; the status of its answer. */
async function knock(...notifications: readonly unknown[]): Promise<number> {
  const { store, clock, log } = scene;
  const door = createWebhookDoor({
    ...{ inbox: store.inbox, clock, log, publicUrl: null, appId: null, maxWaiting: 10_000 },
    verify: () => ({ kind: "valid", version: "v3" }),
  });
  const body = JSON.stringify(notifications);
  const answer = await door(
    new Request("http://127.0.0.1/webhooks/hubspot", { method: "POST", body }),
  );
  return answer.status;
}
