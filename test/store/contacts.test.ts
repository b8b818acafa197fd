import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { NOW, newContact } from "./builders.ts";

describeEachEngine("contacts", (open) => {
  test("inserts and finds", async () => {
    const store = await open();

    const inserted = await store.contacts.insert([newContact({ email: "ada@example.com" })]);

    expect(inserted).toEqual([{ id: expect.any(Number), email: "ada@example.com" }]);
    expect(await store.contacts.findByEmails(["ADA@example.com"])).toHaveLength(1);
    await store.contacts.update([{ id: inserted[0]!.id, set: { status: "enriched" } }], NOW);
    expect(await store.contacts.countByStatus()).toEqual({ enriched: 1 });
  });
});
