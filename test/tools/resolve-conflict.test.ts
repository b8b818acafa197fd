/** Resolving conflicts one by one: the base moves, the record is queued, and nothing that changed meanwhile is overrun. */
import { expect, test } from "vitest";
import type { Services } from "../doors/stack.ts";
import { describeEachEngine } from "../support/store.ts";
import { contactByEmail } from "../support/stored-contacts.ts";
import { open, run } from "./calls.ts";
import { baseNow, conflictNow, contactConflict, customerConflict, queued } from "./conflict-rig.ts";

const values = { field: "job_title", base: "Engineer", local: "Lead", hubspot: "CTO" } as const;

describeEachEngine("resolve-conflict", (openStore) => {
  const openOver = async (): Promise<Services> => open({ store: await openStore() });

  test.each([
    ["keep_local", "CTO", "Lead"],
    ["keep_hubspot", "Lead", "CTO"],
  ])("%s moves the base so that the sync does the rest", async (resolution, base, kept) => {
    const services = await openOver();
    const { store } = services;
    const conflict = await contactConflict(store, "ada@example.com", values);
    const { conflict_id, version, local_id } = conflict;

    const answer = await run(services, "resolve-conflict", {
      conflict_id,
      version,
      resolution,
      note: "as said",
    });

    expect(answer).toMatchObject({
      counts: { resolved: 1, refused: 0 },
      resolved: [
        {
          conflict_id: String(conflict_id),
          field: "job_title",
          value: kept,
          record: { label: "ada@example.com" },
        },
      ],
      refused: [],
    });
    expect(await baseNow(store, conflict)).toEqual({ job_title: base });
    expect(await conflictNow(store, conflict_id)).toMatchObject({
      status: "resolved",
      resolution,
      note: "as said",
      resolved_by: "test",
    });
    expect((await contactByEmail(store, "ada@example.com")).job_title).toBe("Lead");
    expect(await queued(store, "contacts")).toMatchObject([{ local_id, reason: "resolved" }]);
    expect(await store.syncLog.forRecord("contacts", local_id, 5)).toMatchObject([
      {
        action: "resolve",
        outcome: "done",
        fields: [
          {
            field: "job_title",
            before: base,
            after: kept,
            lost: base,
            rule: `${resolution} by test: as said`,
          },
        ],
      },
    ]);
  });

  test("set writes the value here, as said by a person, and lets the sync send it", async () => {
    const services = await openOver();
    const { store } = services;
    const conflict = await contactConflict(store, "ada@example.com", values);
    const { conflict_id, version } = conflict;

    await run(services, "resolve-conflict", {
      conflict_id: String(conflict_id),
      version,
      resolution: "set",
      value: " Chief ",
    });

    const contact = await contactByEmail(store, "ada@example.com");
    expect(contact.job_title).toBe("Chief");
    expect(contact.provenance["job_title"]).toMatchObject({ source: "person" });
    expect(await baseNow(store, conflict)).toEqual({ job_title: "CTO" });
    const [entry] = await store.syncLog.forRecord("contacts", contact.id, 1);
    expect(entry?.fields).toMatchObject([{ before: "Lead", after: "Chief", lost: "CTO" }]);
  });

  test("drops what was noted beside the old base, and keeps the bases of other fields", async () => {
    const services = await openOver();
    const { store } = services;
    const conflict = await contactConflict(store, "ada@example.com", values);
    const base = {
      job_title: "Engineer",
      "job_title@sent": "engineer",
      company: "Acme",
      "company@sent": "ACME",
    };
    const { object, local_id, conflict_id, version } = conflict;
    await store.fieldStates.put([{ object, local_id, base, synced_at: conflict.created_at }]);

    await run(services, "resolve-conflict", { conflict_id, version, resolution: "keep_hubspot" });

    expect(await baseNow(store, conflict)).toEqual({
      job_title: "Lead",
      company: "Acme",
      "company@sent": "ACME",
    });
  });

  test("refuses an outdated version with the values of now, and resolves the others", async () => {
    const services = await openOver();
    const { store } = services;
    const stale = await contactConflict(store, "ada@example.com", values);
    const fresh = await contactConflict(store, "bob@example.com", values);
    await store.conflicts.open([{ ...stale, hubspot: "Founder" }], stale.updated_at);

    const answer = await run(services, "resolve-conflict", {
      resolutions: [stale, fresh].map(({ conflict_id, version }) => ({ conflict_id, version })),
      resolution: "keep_local",
    });

    expect(answer).toMatchObject({
      counts: { resolved: 1, refused: 1 },
      resolved: [{ conflict_id: String(fresh.conflict_id) }],
      refused: [
        {
          conflict_id: String(stale.conflict_id),
          code: "STALE_CONFLICT",
          current: { version: 2, local: "Lead", hubspot: "Founder" },
        },
      ],
    });
    expect(await baseNow(store, stale)).toEqual({ job_title: "Engineer" });
  });

  test("refuses when the record changed here since, and takes the change into the conflict", async () => {
    const services = await openOver();
    const { store } = services;
    const conflict = await contactConflict(store, "ada@example.com", values);
    const { conflict_id, local_id } = conflict;
    await store.contacts.update([{ id: local_id, set: { job_title: "VP" } }], conflict.updated_at);

    const answer = await run(services, "resolve-conflict", {
      conflict_id,
      version: 1,
      resolution: "keep_local",
    });

    expect(answer).toMatchObject({
      refused: [{ code: "STALE_CONFLICT", current: { version: 2, local: "VP", hubspot: "CTO" } }],
    });
    expect(await baseNow(store, conflict)).toEqual({ job_title: "Engineer" });
    expect(await queued(store, "contacts")).toHaveLength(1);
    const again = await run(services, "resolve-conflict", {
      conflict_id,
      version: 2,
      resolution: "keep_local",
    });
    expect(again).toMatchObject({ resolved: [{ value: "VP" }] });
  });

  test("of two who decide at once, one is refused", async () => {
    const services = await openOver();
    const { conflict_id } = await contactConflict(services.store, "ada@example.com", values);

    const answers = await Promise.all(
      ["keep_local", "keep_hubspot"].map((resolution) =>
        run(services, "resolve-conflict", { conflict_id, version: 1, resolution }),
      ),
    );

    expect(answers.map((answer) => answer["counts"])).toEqual(
      expect.arrayContaining([
        { resolved: 1, refused: 0 },
        { resolved: 0, refused: 1 },
      ]),
    );
  });

  test("tells why it cannot be: unknown, decided already, value of another kind, e-mail of somebody else", async () => {
    const services = await openOver();
    const { store } = services;
    const done = await contactConflict(store, "ada@example.com", values);
    await run(services, "resolve-conflict", {
      conflict_id: done.conflict_id,
      version: 1,
      resolution: "keep_local",
    });
    const limit = await customerConflict(
      store,
      { ban: "B-1", credit_limit: "1" },
      { field: "credit_limit", local: "1", hubspot: "2" },
    );
    const cleared = await customerConflict(
      store,
      { ban: "B-2", company_name: null },
      { field: "company_name", local: null, hubspot: "Acme" },
    );

    const answer = await run(services, "resolve-conflict", {
      resolutions: [
        { conflict_id: 999_999, version: 1, resolution: "keep_local" },
        { conflict_id: done.conflict_id, version: 1, resolution: "keep_local" },
        { conflict_id: limit.conflict_id, version: 1, resolution: "set", value: "much" },
        { conflict_id: cleared.conflict_id, version: 1, resolution: "keep_local" },
      ],
    });

    expect(answer).toMatchObject({
      counts: { resolved: 0, refused: 4 },
      refused: [
        { code: "NOT_FOUND" },
        { code: "ALREADY_RESOLVED", current: { status: "resolved" } },
        { code: "INVALID_VALUE", message: expect.stringContaining("number") },
        { code: "CANNOT_KEEP", message: expect.stringContaining("propagate_clear") },
      ],
    });
    expect(await conflictNow(store, limit.conflict_id)).toMatchObject({
      status: "open",
      version: 1,
    });
  });

  test("only looks with dry_run", async () => {
    const services = await openOver();
    const { store } = services;
    const conflict = await contactConflict(store, "ada@example.com", values);
    const { conflict_id } = conflict;

    const answer = await run(services, "resolve-conflict", {
      conflict_id,
      version: 1,
      resolution: "keep_hubspot",
      dry_run: true,
    });

    expect(answer).toMatchObject({
      counts: { resolved: 0 },
      would_resolve: 1,
      examples: [{ value: "CTO", local: "Lead", hubspot: "CTO" }],
    });
    expect(await conflictNow(store, conflict_id)).toEqual(conflict);
    expect(await queued(store, "contacts")).toEqual([]);
  });
});
