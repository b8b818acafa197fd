import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { intelligence, QUARTER_HOUR, type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";

describe("a pull-only run", () => {
  test("leaves what has to go out due for the next full sync", async () => {
    rig.simulator.hubspot.seedContacts([{ email: ADA, jobtitle: "CTO" }]);
    await rig.contact(ADA, { first_name: "Ada", domain: "acme-robotics.com", intelligence });

    await rig.sync({ direction: "pull" });

    expect(await rig.one(ADA)).toMatchObject({ job_title: "CTO", status: "enriched" });
    await rig.sync();
    expect(rig.remote(ADA)).toMatchObject({ firstname: "Ada" });
    expect(rig.simulator.hubspot.all("companies")).toHaveLength(1);
    expect(rig.simulator.hubspot.all("notes")).toHaveLength(1);
    expect(await rig.one(ADA)).toMatchObject({ status: "synced" });
  });

  test("keeps the retry of a contact whose sync failed", async () => {
    const id = await rig.contact(ADA, { first_name: "Ada" });
    rig.simulator.faults.add({
      service: "hubspot",
      name: "http-503",
      times: 3,
      path: "/contacts/batch/upsert",
    });
    await rig.sync();
    expect(await rig.one(ADA)).toMatchObject({ status: "failed" });

    await rig.sync({ ids: [id], direction: "pull" });
    rig.clock.advance(2 * QUARTER_HOUR);
    await rig.sync({ queued_only: true });

    expect(await rig.one(ADA)).toMatchObject({ status: "synced" });
    expect(rig.remote(ADA)).toMatchObject({ firstname: "Ada" });
  });
});
