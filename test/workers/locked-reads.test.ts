import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";

const NOW = "2026-06-01T08:00:00.000Z";
// Long enough for an update that nothing holds back.
const DEADLINE_MS = 500;

describeEachEngine("a contact that is read to be written", (open) => {
  test("is not changed by anybody else in between", async () => {
    const store = await open();
    const empty = { custom: null, email_status: null, engagement_state: null, unsubscribed: false };
    const more = { phone: null, country: null, city: null, website: null, linkedin_url: null };
    const fields = {
      email: "ada@acme-robotics.com",
      ...{ first_name: null, last_name: null, company: null, domain: null, job_title: null },
      ...more,
      ...empty,
    };
    const [row] = await store.contacts.insert([{ fields, source: "csv", imported_at: NOW }]);
    const id = row?.id ?? 0;
    let edit: Promise<void> = Promise.resolve();

    await store.transaction(async (within) => {
      const [contact] = await within.contacts.findByIds([id]);
      edit = store.contacts.update([{ id, set: { city: "Bonn" } }], NOW);
      await Promise.race([edit, new Promise((resolve) => setTimeout(resolve, DEADLINE_MS))]);
      await within.contacts.update([{ id, set: { city: contact?.city ?? "Mainz" } }], NOW);
    });
    await edit;

    const [after] = await store.contacts.findByIds([id]);
    expect(after?.city).toBe("Bonn");
  });
});
