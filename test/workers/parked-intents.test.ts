/** A chunk that fails between what it announced and what became of that: the log says so, and no further try is needed for it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { closedCircuit, notSent, opened } from "../../mcp-server/src/core/circuit.ts";
import { intelligence, QUARTER_HOUR } from "../support/sync-rig.ts";
import { type SyncScene, syncScene } from "./sync-scene.ts";

const ADA = "ada@acme-robotics.com";
const dead = opened(closedCircuit, 0, { code: "HUBSPOT_503", isProbe: false, waitMs: 1_000 });

let scene: SyncScene;
let isDead = false;
beforeEach(async () => {
  isDead = false;
  scene = await syncScene({
    between: ({ crm }) =>
      new Proxy(crm, {
        get: (whole, name, self) => {
          if (isDead && name === "associated") return () => Promise.reject(notSent(dead, 1_000));
          return Reflect.get(whole, name, self);
        },
      }),
  });
});
afterEach(() => scene.close());

const announced = () => scene.rows("select * from sync_log where outcome = 'intent'");
const notes = () => scene.rows("select outcome, error from sync_log where action = 'note'");

test("HubSpot dies before a lost note can be looked for: the log tells that nobody knows, and the note is written once", async () => {
  await scene.contact(ADA, { intelligence });
  const lost = {
    service: "hubspot",
    name: "reset-after-commit",
    path: "notes/batch/create",
  } as const;
  scene.simulator.faults.add(lost);
  isDead = true;

  const job = await scene.sync();

  expect(job.status).toBe("failed");
  expect(announced()).toEqual([]);
  expect(notes()).toMatchObject([{ outcome: "unknown" }]);
  isDead = false;
  scene.clock.advance(2_000);
  await scene.sync();
  expect(scene.simulator.hubspot.all("notes")).toHaveLength(1);
  expect(notes()).toEqual([{ outcome: "done", error: null }]);
});

test("a customer that waits because HubSpot could not be read says so in the log, once for each parking", async () => {
  await scene.customer({ ban: "B-1", company_name: "Acme" });
  await scene.sync({ object: "customers" });
  scene.sql("update customers set company_name = 'Acme Ltd'");
  const path = "/companies/batch/read";
  scene.simulator.faults.add({ service: "hubspot", name: "http-503", path, times: 3 });

  await scene.sync({ object: "customers" });

  const told = () =>
    scene.rows("select action, outcome, error from sync_log where outcome = 'failed'");
  expect(told()).toEqual([
    { action: "none", outcome: "failed", error: expect.stringContaining("HTTP 503") },
  ]);
  scene.clock.advance(QUARTER_HOUR);
  await scene.live(new AbortController().signal);
  expect(told()).toHaveLength(1);
  expect(scene.simulator.hubspot.all("companies")[0]?.properties["name"]).toBe("Acme Ltd");
});
