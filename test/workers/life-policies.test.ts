/** Deletions in HubSpot, by policy and by the way in which they are heard of: the end is the same. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeletionPolicy } from "../../mcp-server/src/core/life.ts";
import { type InboundScene, inboundScene, ADA as KEY } from "./inbound-scene.ts";

let scene: InboundScene;
afterEach(() => scene.close());

const policies = ["keep", "unlink", "delete"] as const;
const ways = ["notification", "sync by name", "reconciliation"] as const;
type Way = (typeof ways)[number];

async function begin(policy: DeletionPolicy): Promise<void> {
  scene = await inboundScene({ live: { deletions: { contacts: policy, customers: policy } } });
}

async function discover(way: Way): Promise<void> {
  scene.clock.advance(5_000);
  if (way === "sync by name") await scene.sync({ ids: [scene.ada], object: "contacts" });
  if (way === "reconciliation") await scene.sync({ mode: "reconcile", object: "contacts" });
  if (way !== "notification") return;
  await scene.hear();
  await scene.look();
}

const stone = async () =>
  (await scene.store.tombstones.byHubspotIds("contacts", [scene.adaThere]))[0];

async function here() {
  const [contact] = await scene.store.contacts.findByIds([scene.ada]);
  return contact;
}

async function open() {
  const { conflicts } = await scene.store.conflicts.list({}, { afterId: 0, limit: 10 });
  return conflicts.map(({ field }) => field);
}

const there = () => scene.simulator.hubspot.all("contacts").map(({ id }) => id);

describe.each(policies)("a deletion under the policy %s", (policy) => {
  test.each(ways)("is carried out once when it comes by %s", async (way) => {
    await begin(policy);
    scene.simulator.hubspot.archiveAsUser("contacts", KEY);

    await discover(way);
    scene.forget();
    await discover("notification");
    scene.clock.advance(24 * 60 * 60_000);
    await scene.sync();

    const words = { keep: "kept", unlink: "unlinked", delete: "deleted" } as const;
    expect(await stone()).toMatchObject({ policy: words[policy], reason: "deleted" });
    expect((await here()) === undefined).toBe(policy === "delete");
    const links = await scene.store.links.byHubspotIds("contacts", [scene.adaThere]);
    expect(links).toHaveLength(policy === "keep" ? 1 : 0);
    expect(await scene.waiting()).toEqual([0, 0, 0]);
    expect(scene.writes()).toEqual([]);
    expect(there()).toEqual([]);
    expect(await open()).toEqual([]);
  });

  test.each(ways)("waits for a person when it meets an edit, by %s", async (way) => {
    await begin(policy);
    scene.simulator.hubspot.archiveAsUser("contacts", KEY);
    await scene.store
      .by("person")
      .contacts.update([{ id: scene.ada, set: { job_title: "CEO" } }], scene.clock.iso());

    await discover(way);
    await discover(way);

    expect(await stone()).toMatchObject({ policy: "waiting" });
    expect(await open()).toEqual(["@record"]);
    expect(await here()).toMatchObject({ job_title: "CEO" });
    expect(there()).toEqual([]);
  });

  test("is undone by a restore at once, and its contact goes on", async () => {
    await begin(policy);
    scene.simulator.hubspot.archiveAsUser("contacts", KEY);
    await discover("notification");

    scene.simulator.hubspot.restoreAsUser("contacts", scene.adaThere);
    scene.edit({ city: "Berlin" });
    await discover("notification");
    await discover("notification");
    scene.clock.advance(60_000);
    await scene.sync();

    expect(await scene.one(KEY)).toMatchObject({ city: "Berlin", first_name: "Ada" });
    expect(await stone()).toBeUndefined();
    const [link] = await scene.store.links.byHubspotIds("contacts", [scene.adaThere]);
    expect(link?.local_id).toBe((await scene.one(KEY)).id);
    expect(there()).toEqual([scene.adaThere]);
    expect(await open()).toEqual([]);
  });

  test("never took place when both came before anybody looked", async () => {
    await begin(policy);
    scene.simulator.hubspot.archiveAsUser("contacts", KEY);
    scene.simulator.hubspot.restoreAsUser("contacts", scene.adaThere);

    await discover("notification");

    expect(await here()).toMatchObject({ status: "synced" });
    expect(await stone()).toBeUndefined();
  });

  test("is followed by a new record with the same e-mail, which is joined", async () => {
    await begin(policy);
    scene.simulator.hubspot.archiveAsUser("contacts", KEY);
    await discover("notification");

    scene.clock.advance(60 * 60_000);
    const values = { email: KEY, firstname: "Ada", jobtitle: "CEO" };
    const [anew = ""] = scene.simulator.hubspot.seed("contacts", [values]);
    await scene.notify(scene.notification("contact.creation", anew));
    await discover("notification");
    await scene.sync();
    await discover("notification");

    const contact = await scene.one(KEY);
    const [link] = await scene.store.links.byHubspotIds("contacts", [anew]);
    expect(link?.local_id).toBe(contact.id);
    expect(contact.job_title).toBe("CEO");
    expect(there()).toEqual([anew]);
    expect(await open()).toEqual([]);
    scene.forget();
    await discover("notification");
    await scene.sync();
    expect(scene.writes()).toEqual([]);
  });

  test.each(["http-502", "empty-2xx", "drop-mid-body", "unauthorized", "forbidden"] as const)(
    "is not read into trouble (%s)",
    async (name) => {
      await begin(policy);
      scene.edit({ city: "Berlin" });
      await scene.hear();
      scene.simulator.faults.add({ service: "hubspot", name, times: 40, path: "/contacts/" });

      await scene.look();

      expect(await here()).toBeDefined();
      expect(await stone()).toBeUndefined();
      const links = await scene.store.links.byHubspotIds("contacts", [scene.adaThere]);
      expect(links).toHaveLength(1);
      expect(await open()).toEqual([]);
    },
  );
});
