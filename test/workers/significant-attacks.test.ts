/** Changes in HubSpot that send contacts through enrichment again, in awkward circumstances. */
import { afterEach, describe, expect, test } from "vitest";
import { significantFields } from "../../mcp-server/src/core/significant.ts";
import type { RigOptions } from "../support/sync-rig.ts";
import { ADA, type InboundScene, inboundScene } from "./inbound-scene.ts";

let scene: InboundScene;
afterEach(() => scene.close());

async function begin(live: RigOptions["live"] = {}): Promise<void> {
  scene = await inboundScene({
    live: { significant: significantFields("email,company,domain,job_title"), ...live },
  });
}

async function enrich(args: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { job } = await scene.jobs.start("enrich", args);
  expect((await scene.jobs.wait(job.job_id, 20_000)).status).toBe("completed");
}

async function hear(): Promise<void> {
  scene.clock.advance(5_000);
  await scene.hear();
  await scene.look();
}

async function quiet(): Promise<void> {
  await hear();
  scene.forget();
  for (let n = 0; n < 3; n++) await hear();
  expect(scene.writes()).toEqual([]);
  expect(await scene.waiting()).toEqual([0, 0, 0]);
}

const lookups = () => scene.simulator.requests.list({ service: "explorium" }).length;
const there = () => scene.remote(ADA);

test("without enrichment by itself, an asked-for sync sends what is changed afterwards", async () => {
  await begin({ enrichesByItself: false });
  scene.edit({ jobtitle: "CEO" });
  await hear();
  expect((await scene.one(ADA)).status).toBe("imported");
  await scene.store
    .by("person")
    .contacts.update([{ id: scene.ada, set: { city: "Oslo" } }], scene.clock.iso());

  await scene.sync();

  expect(there()).toMatchObject({ city: "Oslo", jobtitle: "CEO" });
  expect((await scene.one(ADA)).status).toBe("synced");
  await quiet();
});

test("without enrichment by itself, what is changed here is sent by itself all the same", async () => {
  await begin({ enrichesByItself: false });
  scene.edit({ jobtitle: "CEO" });
  await hear();
  await scene.store
    .by("person")
    .contacts.update([{ id: scene.ada, set: { city: "Oslo" } }], scene.clock.iso());
  await scene.store.queue.add([
    { object: "contacts", local_id: scene.ada, reason: "change", due_at: scene.clock.iso() },
  ]);
  await hear();

  expect(there()).toMatchObject({ city: "Oslo" });
});

test("with enrichment by itself, an edit here while it waits reaches HubSpot in the end", async () => {
  await begin({ enrichesByItself: true });
  scene.edit({ jobtitle: "CEO" });
  await hear();
  await scene.store
    .by("person")
    .contacts.update([{ id: scene.ada, set: { city: "Oslo" } }], scene.clock.iso());
  await enrich();
  await scene.sync({ filter: { status: "enriched" } });

  expect(there()).toMatchObject({ city: "Oslo", jobtitle: "CEO" });
  expect((await scene.one(ADA)).status).toBe("synced");
  await quiet();
});

test("several changes in a second are one further round", async () => {
  await begin();
  const heard: number[] = [];
  scene.events.on("contacts-imported", ({ count }) => heard.push(count));
  for (const jobtitle of ["CEO", "COO", "CFO"]) scene.edit({ jobtitle });
  scene.edit({ company: "Globex" });
  await scene.hear();
  await scene.look();

  expect(heard).toEqual([1]);
  await enrich();
  await scene.sync({ filter: { status: "enriched" } });
  expect(await scene.one(ADA)).toMatchObject({
    job_title: "CFO",
    company: "Globex",
    status: "synced",
  });
  expect(there()).toMatchObject({ jobtitle: "CFO", company: "Globex" });
  await quiet();
});

test("a change during its enrichment is not lost, and comes to rest", async () => {
  await begin();
  scene.edit({ jobtitle: "CEO" });
  await hear();
  const { job } = await scene.jobs.start("enrich", {});
  scene.edit({ jobtitle: "Chair" });
  await scene.hear();
  await scene.look();
  await scene.jobs.wait(job.job_id, 20_000);
  for (let n = 0; n < 3; n++) {
    await hear();
    await enrich();
    await scene.sync({ filter: { status: "enriched" } });
  }

  expect(await scene.one(ADA)).toMatchObject({ job_title: "Chair", status: "synced" });
  await quiet();
});

test("people who objected are not enriched again, and stay in step", async () => {
  await begin();
  await scene.editHere({ unsubscribed: true });
  await enrich();
  await scene.sync();
  scene.edit({ jobtitle: "CEO" });
  await hear();
  await enrich();
  await scene.sync();
  await hear();

  const ada = await scene.one(ADA);
  expect(ada.job_title).toBe("CEO");
  expect(["synced", "enriched", "imported"]).toContain(ada.status);
  scene.edit({ city: "Oslo" });
  await hear();
  expect((await scene.one(ADA)).city).toBe("Oslo");
});

test("enrichment that fails leaves the contact in step, and it is tried again", async () => {
  await begin();
  await scene.editHere({ domain: "acme.com" });
  scene.simulator.faults.add({ service: "explorium", name: "http-500", times: 200 });
  scene.edit({ jobtitle: "CEO" });
  await hear();
  await enrich();
  scene.edit({ city: "Oslo" });
  await hear();
  expect(await scene.one(ADA)).toMatchObject({ city: "Oslo", job_title: "CEO" });
  scene.simulator.faults.clear();
  scene.clock.advance(61 * 60_000);
  await enrich();
  await scene.sync();

  expect((await scene.one(ADA)).status).toBe("synced");
  await quiet();
});

describe("a contact that was never enriched", () => {
  test("waits as before when HubSpot changes it, and is not announced again", async () => {
    await begin();
    const id = scene.simulator.hubspot.seed("contacts", [
      { email: "bob@acme-robotics.com", jobtitle: "CTO" },
    ])[0];
    await scene.notify(scene.notification("contact.creation", id ?? ""));
    await scene.look();
    const heard: number[] = [];
    scene.events.on("contacts-imported", ({ count }) => heard.push(count));
    scene.simulator.hubspot.editAsUser("contacts", id ?? "", { jobtitle: "CEO" });
    await hear();

    expect(await scene.one("bob@acme-robotics.com")).toMatchObject({
      status: "imported",
      job_title: "CEO",
    });
    expect(heard).toEqual([]);
    await enrich();
    await scene.sync();
    expect(await scene.one("bob@acme-robotics.com")).toMatchObject({
      status: "synced",
      job_title: "CEO",
    });
    await quiet();
  });
});

test("a changed domain costs one lookup, the same domain again none", async () => {
  await begin();
  await scene.editHere({ domain: "acme.com" });
  await enrich({ emails: [ADA] });
  await scene.sync();
  await hear();
  const asked = lookups();
  scene.edit({ company: "Acme Inc" });
  await hear();
  await enrich();
  await scene.sync();
  await hear();
  expect(lookups()).toBe(asked);
  scene.edit({ company: "Acme" });
  await hear();
  await enrich();
  await scene.sync();

  expect(lookups()).toBe(asked);
  await quiet();
});

test("a conflict about a significant field sends nobody back before it is decided", async () => {
  await begin();
  await scene.store
    .by("person")
    .contacts.update([{ id: scene.ada, set: { job_title: "CMO" } }], scene.clock.iso());
  scene.clock.advance(60_000);
  scene.edit({ jobtitle: "CEO" });
  await hear();
  const ada = await scene.one(ADA);
  const { total } = await scene.store.conflicts.list({}, { afterId: 0, limit: 5 });
  expect(total === 1 || ada.job_title === there()["jobtitle"]).toBe(true);
  await enrich();
  await scene.sync();
  await quiet();
});

test("an emptied significant field counts, where emptying travels at all", async () => {
  await begin();
  scene.edit({ jobtitle: "" });
  await hear();
  await enrich();
  await scene.sync();
  await quiet();
});
