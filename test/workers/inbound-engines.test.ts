/** Several processes take in one HubSpot's notifications at once, on either engine. */
import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

const never = new AbortController().signal;
const known = Array.from({ length: 40 }, (_, n) => `known${n}@acme-robotics.com`);
const fresh = Array.from({ length: 40 }, (_, n) => `fresh${n}@acme-robotics.com`);

describeEachEngine("three processes", (_, { empty, openAt }) => {
  test("apply every change and take every new contact over once", async () => {
    const url = await empty();
    const rig = await syncRig({ store: await openAt(url) });
    const others = [
      await syncRig({ beside: rig, store: await openAt(url) }),
      await syncRig({ beside: rig, store: await openAt(url) }),
    ];
    const rigs = [rig, ...others];
    for (const email of known) await rig.contact(email, { city: "Bonn" });
    await rig.sync();
    await rig.live(never);
    rig.listen();
    rig.forget();

    const { hubspot } = rig.simulator;
    for (const email of known) hubspot.editAsUser("contacts", email, { city: "Berlin" });
    const ids = hubspot.seed(
      "contacts",
      fresh.map((email) => ({ email, city: "Bonn" })),
    );
    await rig.hear();
    await rig.notify(...ids.map(creation), ...ids.map(creation));
    await Promise.all(rigs.flatMap((one) => [look(one), look(one)]));
    await rig.live(never);

    const cities = await Promise.all(known.map(async (email) => (await rig.one(email)).city));
    expect(new Set(cities)).toEqual(new Set(["Berlin"]));
    const here = await rig.store.contacts.findByEmails(fresh);
    expect(here.map(({ email }) => email).sort()).toEqual([...fresh].sort());
    const links = await rig.store.links.byHubspotIds("contacts", ids);
    expect(links).toHaveLength(fresh.length);
    expect(rig.requests().filter((line) => /batch\/(create|update|upsert)/.test(line))).toEqual([]);
    expect((await rig.store.inbox.depth(10)).waiting).toBe(0);
    expect(rigs.flatMap(({ log }) => log.lines.map(({ message }) => message))).not.toContain(
      "looking for changes failed",
    );
    for (const one of others) await one.close();
    await rig.simulator.close();
    await rig.jobs.stop();
  });
});

const look = (rig: SyncRig) => rig.live(never);

const creation = (id: string) => ({ subscriptionType: "contact.creation", objectId: Number(id) });
