import { afterEach, beforeEach, expect, test } from "vitest";
import { type SyncRig, syncRig } from "../support/sync-rig.ts";

let rig: SyncRig;
beforeEach(async () => {
  rig = await syncRig();
});
afterEach(() => rig.close());

const ADA = "ada@acme-robotics.com";
const PRIVATE = "ada@private-mail.com";

test.each(["conflict", "match"] as const)(
  "leaves the link with its contact when HubSpot gives its record another's e-mail just before the write (%s)",
  async (upsertBySecondaryEmail) => {
    rig.simulator.hubspot.configure({ upsertBySecondaryEmail });
    const ada = await rig.contact(ADA, { first_name: "Ada" });
    await rig.sync();
    const [before] = await rig.store.links.byLocalIds("contacts", [ada]);
    const other = await rig.contact(PRIVATE);
    rig.whileWaitingFor("/contacts/batch/upsert", () =>
      rig.simulator.hubspot.editAsUser("contacts", ADA, { hs_additional_emails: PRIVATE }),
    );

    const job = await rig.sync();

    expect(job.errors).toEqual([
      expect.objectContaining({
        code: "SAME_HUBSPOT_CONTACT",
        message: expect.stringContaining(`the local contact ${ada} `),
      }),
    ]);
    expect(await rig.one(PRIVATE)).toMatchObject({ status: "failed", retry_at: null });
    expect(await rig.store.links.byLocalIds("contacts", [ada, other])).toEqual([before]);
  },
);
