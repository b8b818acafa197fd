/** A pass of the poll: of any length, cut off, and one at a time; and a look ahead at it. */
import { afterEach, describe, expect, test } from "vitest";
import { type PollRig, pollRig } from "./poll-rig.ts";

let rig: PollRig;
afterEach(() => rig.close());

describe("a pass over many", () => {
  // HubSpot's search stops at 10,000 results, and mass updates give that many records one time (issue threads, read 2026-04).
  test("reaches 25,000 records that were modified at once, each once", async () => {
    rig = await pollRig();
    await rig.poll.begin();
    rig.minutes(24 * 60);
    const rows = Array.from({ length: 25_000 }, (_, n) => ({ email: `c${n}@elsewhere.com` }));
    rig.simulator.hubspot.seedContacts(rows);
    rig.forget();

    const report = await rig.pollWith({ newContacts: "changed" }).run({});

    expect(report).toEqual({ kind: "polled", seen: 25_000, marked: 0, looked: 25_000 });
    const searches = rig.requests().filter((line) => line.endsWith("contacts/search"));
    expect(searches).toHaveLength(125);
  }, 60_000);

  test("goes on after the page that was kept last when it is cut off", async () => {
    rig = await pollRig();
    await rig.poll.begin();
    rig.minutes(24 * 60);
    const rows = Array.from({ length: 700 }, (_, n) => ({ email: `c${n}@elsewhere.com` }));
    rig.simulator.hubspot.seedContacts(rows);
    const poll = rig.pollWith({ newContacts: "changed" });
    const stop = new AbortController();
    const cut = rig.pollWith({
      newContacts: "changed",
      heard: () => {
        if (rig.requests().length === 2) stop.abort(new Error("stopped"));
      },
    });
    rig.forget();

    await expect(cut.run({ signal: stop.signal })).rejects.toThrow();
    rig.forget();
    const rest = await poll.run({});

    // Two pages were asked for; the second was heard of, kept, and only then the pass ended.
    expect(rest).toMatchObject({ kind: "polled", seen: 300 });
    expect(await rig.looks()).toHaveLength(700);
  });

  test("is made by one process at a time", async () => {
    rig = await pollRig();
    await rig.synced("ada@acme.com");

    const both = await Promise.all([rig.pass(), rig.pass()]);

    expect(both.map(({ kind }) => kind).sort()).toEqual(["held", "polled"]);
    expect(rig.requests()).toHaveLength(4);
  });

  test("is taken over from a process that was killed, and its last page then counts for nothing", async () => {
    rig = await pollRig();
    const [ada] = await rig.synced("ada@acme.com");
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.minutes(1);
    const other = rig.pollWith({});
    let taken: unknown;
    const slow = rig.pollWith({
      heard: () => {
        rig.minutes(6);
        taken ??= other.run({});
      },
    });

    const report = await slow.run({});

    expect(await taken).toMatchObject({ kind: "polled", marked: 1 });
    expect(report).toEqual({ kind: "polled", seen: 0, marked: 0, looked: 0 });
    expect(await rig.inbound("contacts")).toEqual([ada]);
  });
});

describe("a preview", () => {
  test("names the records that differ and writes nothing", async () => {
    rig = await pollRig();
    const [ada] = await rig.synced("ada@acme.com", "bob@acme.com");
    rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
    rig.minutes(1);
    const before = await rig.store.cursors.get("poll:contacts");

    const found = await rig.poll.preview("contacts", 100, {});

    expect(found).toEqual([ada]);
    expect(await rig.store.cursors.get("poll:contacts")).toBe(before);
    expect(await rig.inbound("contacts")).toEqual([]);
  });

  test("before any poll finds nothing to compare from", async () => {
    rig = await pollRig();
    await rig.contact("ada@acme.com");
    await rig.sync();
    rig.forget();

    expect(await rig.poll.preview("contacts", 100, {})).toEqual([]);
    expect(rig.requests()).toEqual([]);
  });
});
