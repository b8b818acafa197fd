/** A significant change in HubSpot sends a contact through enrichment again, and back. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

let scene: InboundScene;
afterEach(() => scene.close());

beforeEach(async () => {
  scene = await inboundScene({
    live: { significant: significantFields("email,company,job_title") },
  });
});

async function enrich(args: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { job } = await scene.jobs.start("enrich", args);
  expect((await scene.jobs.wait(job.job_id, 20_000)).status).toBe("completed");
}

test("it waits to be enriched, and enrichment is told when that is durable", async () => {
  const { enriched_at } = await scene.one(ADA);
  const heard: Promise<string>[] = [];
  scene.events.on("contacts-imported", () => heard.push(scene.one(ADA).then((one) => one.status)));
  scene.edit({ jobtitle: "CEO" });
  await scene.hear();

  await scene.look();

  expect(await Promise.all(heard)).toEqual(["imported"]);
  expect(await scene.one(ADA)).toMatchObject({ status: "imported", job_title: "CEO", enriched_at });
  expect(await scene.waiting()).toEqual([0, 0, 0]);
});

test("another change does not", async () => {
  scene.edit({ city: "Berlin" });
  await scene.hear();

  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ status: "synced", city: "Berlin" });
});

test("it counts when a sync that was asked for finds it", async () => {
  const heard: string[] = [];
  scene.events.on("contacts-imported", ({ jobId }) => heard.push(jobId));
  scene.edit({ jobtitle: "CEO" });

  const { job_id } = await scene.sync({ emails: [ADA] });

  expect(await scene.one(ADA)).toMatchObject({ status: "imported", job_title: "CEO" });
  expect(heard).toEqual([job_id]);
});

test("what this side changed is no such change, nor its echo", async () => {
  await scene.editHere({ job_title: "CEO" });
  await scene.sync({ emails: [ADA] });
  await scene.hear();

  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ status: "synced", job_title: "CEO" });
});

test("further notifications leave the contact waiting for its enrichment", async () => {
  scene.edit({ jobtitle: "CEO" });
  await scene.hear();
  await scene.look();

  scene.edit({ city: "Berlin" });
  await scene.hear();
  await scene.look();

  expect(await scene.one(ADA)).toMatchObject({ status: "imported", city: "Berlin" });
});

test("it is enriched from the cache and goes back to HubSpot, once", async () => {
  const lookups = () => scene.simulator.requests.list({ service: "explorium" }).length;
  await scene.editHere({ domain: "acme.com" });
  await enrich({ emails: [ADA] });
  await scene.sync();
  await scene.hear();
  await scene.look();
  const asked = lookups();
  expect(asked).toBeGreaterThan(0);

  scene.edit({ jobtitle: "CEO" });
  await scene.hear();
  await scene.look();
  await enrich();
  expect((await scene.one(ADA)).status).toBe("enriched");
  await scene.sync({ filter: { status: "enriched" } });

  expect(await scene.one(ADA)).toMatchObject({ status: "synced", job_title: "CEO" });
  expect(lookups()).toBe(asked);
  await scene.hear();
  scene.forget();
  for (let n = 0; n < 3; n++) await scene.look();
  expect(scene.writes()).toEqual([]);
  expect(await scene.hear()).toEqual([]);
  expect((await scene.one(ADA)).status).toBe("synced");
});
