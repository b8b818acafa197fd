/** A sync that somebody asks for is about what HubSpot changed, too, whoever had told of it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type PollRig, pollRig } from "./poll-rig.ts";

let rig: PollRig;

beforeEach(async () => {
  rig = await pollRig();
  await rig.synced("ada@acme.com", "bob@acme.com");
  rig.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
  rig.minutes(1);
});
afterEach(() => rig.close());

test("a whole sync takes over what changed in HubSpot, and counts it", async () => {
  const job = await rig.pollingSync();

  expect(job).toMatchObject({
    status: "completed",
    counts: { changed_in_hubspot: 1, pulled: 1 },
    errors: [],
  });
  expect((await rig.one("ada@acme.com")).job_title).toBe("CTO");
});

test("one that only pulls does so, too", async () => {
  await rig.pollingSync({ direction: "pull" });

  expect((await rig.one("ada@acme.com")).job_title).toBe("CTO");
});

test.each([
  [{ emails: ["bob@acme.com"] }],
  [{ filter: { status: "enriched" } }],
  [{ direction: "push" }],
  [{ queued_only: true }],
])("one of %j does not ask what else changed", async (args) => {
  await rig.pollingSync(args);

  expect(rig.requests().filter((line) => line.endsWith("/search"))).toEqual([]);
});

test("before a first sync links anything, changes begin to be kept in mind", async () => {
  const other = await pollRig();
  await other.contact("ada@acme.com");
  await other.pollingSync({ emails: ["ada@acme.com"] });
  // Long after the sync, and before anybody polled.
  other.minutes(60);
  other.simulator.hubspot.editAsUser("contacts", "ada@acme.com", { jobtitle: "CTO" });
  other.minutes(60);

  await other.pollingSync();

  expect((await other.one("ada@acme.com")).job_title).toBe("CTO");
  await other.close();
});

test("a search that fails is told and keeps nothing else from being synced", async () => {
  await rig.contact("eve@acme.com");
  rig.simulator.faults.add({ service: "hubspot", name: "http-500", path: "/search", times: 40 });

  const job = await rig.pollingSync();

  expect(job).toMatchObject({ status: "completed", counts: { created: 1 } });
  expect(job.errors).toMatchObject([{ message: expect.stringMatching(/could not be asked/) }]);
});

test("a preview shows what changed in HubSpot, writes nothing, and its plan is carried out as shown", async () => {
  const place = await rig.store.cursors.get("poll:contacts");

  const preview = await rig.pollingSync({ dry_run: true });
  const between = await rig.store.cursors.get("poll:contacts");
  const planId = preview.result?.["plan_id"];
  const carried = await rig.pollingSync({ plan_id: planId });

  expect(preview).toMatchObject({ counts: { would_pull: 1 } });
  expect(between).toBe(place);
  expect(carried).toMatchObject({ status: "completed", counts: { pulled: 1 } });
  expect((await rig.one("ada@acme.com")).job_title).toBe("CTO");
});

test("a plan is stale when HubSpot changed something else since", async () => {
  const preview = await rig.pollingSync({ dry_run: true });
  rig.simulator.hubspot.editAsUser("contacts", "bob@acme.com", { jobtitle: "CFO" });
  rig.minutes(1);

  const carried = await rig.pollingSync({ plan_id: preview.result?.["plan_id"] });

  expect(carried).toMatchObject({ status: "failed", errors: [{ code: "PLAN_STALE" }] });
  expect((await rig.one("ada@acme.com")).job_title).toBeNull();
});
