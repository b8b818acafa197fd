/** Resolving by a filter: nothing without a look, and then exactly what was shown. */
import { describe, expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { mapText, type Services } from "../doors/stack.ts";
import { fakeClock } from "../support/clock.ts";
import { describeEachEngine } from "../support/store.ts";
import { open, refused, run, silent } from "./calls.ts";
import { conflictNow, contactConflict, customerConflict } from "./conflict-rig.ts";

const values = { field: "job_title", base: "Engineer", local: "Lead", hubspot: "CTO" } as const;
const filter = { object: "contacts", field: "job_title" };

async function threeConflicts(store: Store) {
  const ada = await contactConflict(store, "ada@example.com", values);
  const bob = await contactConflict(store, "bob@example.com", values);
  const city = await contactConflict(store, "eve@example.com", { ...values, field: "city" });
  return { ada, bob, city };
}

describeEachEngine("resolve-conflict by a filter", (openStore) => {
  const openOver = async (): Promise<Services> => open({ store: await openStore() });

  test("shows first what would be resolved, and resolves exactly that by its plan, once", async () => {
    const services = await openOver();
    const { store } = services;
    const { ada, bob, city } = await threeConflicts(store);

    const shown = await run(services, "resolve-conflict", { filter, resolution: "keep_hubspot" });

    expect(shown).toMatchObject({
      counts: { resolved: 0, refused: 0 },
      would_resolve: 2,
      examples: [
        { record: { label: "ada@example.com" }, local: "Lead", hubspot: "CTO", value: "CTO" },
        { record: { label: "bob@example.com" } },
      ],
    });
    expect((await conflictNow(store, ada.conflict_id)).status).toBe("open");
    const { plan_id } = shown;

    const done = await run(services, "resolve-conflict", { plan_id });
    const again = await refused(run(services, "resolve-conflict", { plan_id }));

    expect(done).toMatchObject({ counts: { resolved: 2, refused: 0 } });
    expect((await conflictNow(store, bob.conflict_id)).resolution).toBe("keep_hubspot");
    expect((await conflictNow(store, city.conflict_id)).status).toBe("open");
    expect([again.kind, again.code, again.details]).toEqual([
      "stale",
      "PLAN_STALE",
      { reason: "used" },
    ]);
  });

  test("of two who confirm one plan at once, one is refused and nothing is done twice", async () => {
    const services = await openOver();
    const { ada } = await threeConflicts(services.store);
    const { plan_id } = await run(services, "resolve-conflict", {
      filter,
      resolution: "keep_local",
    });

    const ends = await Promise.allSettled(
      [1, 2].map(() => run(services, "resolve-conflict", { plan_id })),
    );

    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await services.store.syncLog.forRecord("contacts", ada.local_id, 5)).toHaveLength(1);
  });

  test.each([
    [
      "a newer edit in HubSpot",
      async (store: Store, { ada }: Awaited<ReturnType<typeof threeConflicts>>) =>
        store.conflicts.open([{ ...ada, hubspot: "Founder" }], ada.updated_at),
    ],
    [
      "a newer edit here",
      async (store: Store, { ada }: Awaited<ReturnType<typeof threeConflicts>>) =>
        store.contacts.update([{ id: ada.local_id, set: { job_title: "VP" } }], ada.updated_at),
    ],
    [
      "a new conflict that matches",
      async (store: Store) => contactConflict(store, "new@example.com", values),
    ],
    [
      "one that is gone",
      async (store: Store, { ada }: Awaited<ReturnType<typeof threeConflicts>>) =>
        store.conflicts.closeAgreed("contacts", [ada], ada.updated_at),
    ],
  ])("%s makes the plan stale, and then nothing is resolved", async (_what, move) => {
    const services = await openOver();
    const { store } = services;
    const conflicts = await threeConflicts(store);
    const { plan_id } = await run(services, "resolve-conflict", {
      filter,
      resolution: "keep_local",
    });
    await move(store, conflicts);

    const error = await refused(run(services, "resolve-conflict", { plan_id }));

    expect([error.code, error.details]).toEqual(["PLAN_STALE", { reason: "moved" }]);
    expect((await conflictNow(store, conflicts.bob.conflict_id)).status).toBe("open");
  });
});

describe("a plan to resolve", () => {
  test("takes the same arguments again, in any order, and no others", async () => {
    const services = await open();
    await threeConflicts(services.store);
    const asked = { filter, resolution: "set", value: "Boss" };
    const { plan_id } = await run(services, "resolve-conflict", asked);
    const withOther = (other: object) =>
      refused(run(services, "resolve-conflict", { ...asked, plan_id, ...other }));

    for (const other of [
      { value: "Chief" },
      { resolution: "keep_local", value: "" },
      { filter: { object: "contacts" } },
      { note: "other" },
    ]) {
      expect((await withOther(other)).details).toEqual({ reason: "arguments" });
    }
    const same = { value: "Boss", filter: { field: "job_title", object: "contacts" }, plan_id };
    expect(await run(services, "resolve-conflict", { ...same, resolution: "set" })).toMatchObject({
      counts: { resolved: 2 },
    });
  });

  test("expires after 15 minutes, and is unknown when it never was", async () => {
    const clock = fakeClock("2026-11-20T10:00:00.000Z");
    const services = await open({ services: { clock } });
    await threeConflicts(services.store);
    const { plan_id, expires_at } = await run(services, "resolve-conflict", {
      filter,
      resolution: "keep_local",
      dry_run: true,
    });
    clock.advance(15 * 60_000 + 1);

    expect(expires_at).toBe("2026-11-20T10:15:00.000Z");
    const expired = await refused(run(services, "resolve-conflict", { plan_id }));
    expect(expired.details).toEqual({ reason: "expired" });
    const unknown = await refused(run(services, "resolve-conflict", { plan_id: "plan_x" }));
    expect(unknown.details).toEqual({ reason: "unknown" });
  });

  test("does not outlive the field map that it was made with", async () => {
    const services = await open();
    await threeConflicts(services.store);
    const { plan_id } = await run(services, "resolve-conflict", {
      filter,
      resolution: "keep_local",
    });
    const { city: _left, ...contacts } = mapText.contacts;
    const fieldMaps = parseFieldMap(JSON.stringify({ ...mapText, contacts }), "changed map");
    const restarted = await open({ store: services.store, services: { fieldMaps } });

    const error = await refused(run(restarted, "resolve-conflict", { plan_id }));

    expect(error.details).toEqual({ reason: "map" });
  });

  test("leaves what cannot be resolved to the caller, with the reason", async () => {
    const services = await open();
    const { store } = services;
    const field = "company_name";
    await customerConflict(
      store,
      { ban: "1", company_name: "A" },
      { field, local: "A", hubspot: "B" },
    );
    await customerConflict(
      store,
      { ban: "2", company_name: null },
      { field, local: null, hubspot: "C" },
    );

    const asked = { filter: { field }, resolution: "keep_local" };
    const shown = await run(services, "resolve-conflict", asked);
    const done = await run(services, "resolve-conflict", { plan_id: shown["plan_id"] });

    expect(shown).toMatchObject({ would_resolve: 1, refused: [{ code: "CANNOT_KEEP" }] });
    expect(done).toMatchObject({
      counts: { resolved: 1 },
      resolved: [{ record: { label: "1 (A)" } }],
    });
  });

  test("is not made when nothing matches", async () => {
    const answer = await run(await open(), "resolve-conflict", {
      filter,
      resolution: "keep_local",
    });

    expect(answer).toMatchObject({ would_resolve: 0 });
    expect(answer["plan_id"]).toBeUndefined();
  });

  test("shows a thousand and carries them out within one answer's size", async () => {
    const services = await open();
    const { store } = services;
    for (let index = 0; index < 150; index += 1) {
      await contactConflict(store, `c${index}@example.com`, {
        ...values,
        local: `L${"x".repeat(500)}`,
      });
    }
    const { plan_id } = await run(services, "resolve-conflict", {
      filter,
      resolution: "keep_local",
    });

    const done = await run(services, "resolve-conflict", { plan_id });

    expect(done).toMatchObject({ counts: { resolved: 150 }, truncated: true });
    expect(JSON.stringify(done).length).toBeLessThan(30_000);
  });
});

describe("a caller whose person can be asked", () => {
  test("gets it done when the person agrees, without a plan", async () => {
    const services = await open();
    const { city } = await threeConflicts(services.store);
    const questions: string[] = [];
    const confirm = async (question: string) => {
      questions.push(question);
      return "accepted" as const;
    };

    const done = await run(
      services,
      "resolve-conflict",
      { filter, resolution: "keep_hubspot" },
      { ...silent, confirm },
    );

    expect(done).toMatchObject({ counts: { resolved: 2, refused: 0 } });
    expect(questions).toEqual([
      'Resolve 2 conflict(s) and keep HubSpot\'s value, which then replaces the local one?\n"ada@example.com", job_title: local "Lead", HubSpot "CTO"\n"bob@example.com", job_title: local "Lead", HubSpot "CTO"',
    ]);
    expect((await conflictNow(services.store, city.conflict_id)).status).toBe("open");
  });

  test("does nothing when the person declines, not even with a plan", async () => {
    const services = await open();
    const { ada } = await threeConflicts(services.store);
    const asked = { filter, resolution: "keep_hubspot" };
    const { plan_id } = await run(services, "resolve-conflict", { ...asked, dry_run: true });
    const context = { ...silent, confirm: async () => "declined" as const };

    for (const input of [asked, { plan_id }]) {
      const error = await refused(run(services, "resolve-conflict", input, context));
      expect([error.kind, error.code]).toEqual(["cancelled", "DECLINED"]);
    }

    expect((await conflictNow(services.store, ada.conflict_id)).status).toBe("open");
    expect(await run(services, "resolve-conflict", { plan_id })).toMatchObject({
      counts: { resolved: 2 },
    });
  });

  test("resolves only what the person saw: what moved while they read is refused", async () => {
    const services = await open();
    const { store } = services;
    const { ada } = await threeConflicts(store);
    const confirm = async () => {
      await store.conflicts.open([{ ...ada, hubspot: "Founder" }], ada.updated_at);
      await contactConflict(store, "new@example.com", values);
      return "accepted" as const;
    };

    const done = await run(
      services,
      "resolve-conflict",
      { filter, resolution: "keep_hubspot" },
      { ...silent, confirm },
    );

    expect(done).toMatchObject({
      counts: { resolved: 1, refused: 1 },
      resolved: [{ record: { label: "bob@example.com" } }],
      refused: [{ code: "STALE_CONFLICT", current: { hubspot: "Founder" } }],
    });
  });
});
