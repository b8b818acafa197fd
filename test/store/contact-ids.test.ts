/** Which contacts enrichment and sync have to work on, on both engines alike. */
import { expect, test } from "vitest";
import type { ContactPatch } from "../../mcp-server/src/core/contact.ts";
import type { Selection } from "../../mcp-server/src/core/selection.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";

describeEachEngine("contacts to work on", (open) => {
  const due: Selection = { kind: "due" };

  test("enrichment takes imported, abandoned, due failed ones, and those synced too early", async () => {
    const store = await open();
    const ids = await withStates(store, [
      { status: "imported" },
      { status: "enriching" },
      { status: "enriched" },
      { status: "failed", failed_stage: "enrich", retry_at: NOW },
      { status: "failed", failed_stage: "enrich", retry_at: LATER },
      { status: "failed", failed_stage: "sync", retry_at: NOW },
      { status: "synced", enriched_at: NOW },
      { status: "synced", enriched_at: null },
    ]);

    const chosen = await store.contacts.idsToEnrich(due, 0, 10, NOW);

    expect(chosen).toEqual([ids[0], ids[1], ids[3], ids[7]]);
  });

  test("sync takes imported, enriched, abandoned and failed ones whose time has come", async () => {
    const store = await open();
    const ids = await withStates(store, [
      { status: "imported" },
      { status: "enriching" },
      { status: "enriched" },
      { status: "failed", failed_stage: "sync", retry_at: NOW },
      { status: "failed", failed_stage: "sync", retry_at: LATER },
      { status: "failed", failed_stage: "enrich", retry_at: NOW },
      { status: "syncing" },
      { status: "synced" },
    ]);

    const chosen = await store.contacts.idsToSync(due, 0, 10, NOW);

    expect(chosen).toEqual([ids[0], ids[2], ids[3], ids[6]]);
  });

  test("a contact that a live process is syncing is not taken for abandoned", async () => {
    const store = await open();
    const [id = 0] = await withStates(store, [{ status: "syncing" }]);
    await store.queue.add([{ object: "contacts", local_id: id, reason: "sync", due_at: NOW }]);
    await store.queue.claim({
      object: "contacts",
      owner: "other",
      now: NOW,
      lease_until: LATER,
      limit: 1,
    });

    expect(await store.contacts.idsToSync(due, 0, 10, NOW)).toEqual([]);
    expect(await store.contacts.idsToSync(due, 0, 10, LATER)).toEqual([id]);
  });

  test("comes in pieces that follow each other without gap or repetition", async () => {
    const store = await open();
    const ids = await withStates(
      store,
      Array.from({ length: 11 }, (_, i) => ({ status: i % 2 === 0 ? "imported" : "enriching" })),
    );

    const walked: number[] = [];
    for (let piece = await store.contacts.idsToEnrich(due, 0, 3, NOW); piece.length > 0; ) {
      walked.push(...piece);
      piece = await store.contacts.idsToEnrich(due, piece.at(-1) ?? 0, 3, NOW);
    }

    expect(walked).toEqual(ids);
  });

  test.each<{ readonly named: string; readonly select: (ids: readonly number[]) => Selection }>([
    {
      named: "e-mails",
      select: () => ({ kind: "emails", emails: ["Person1@example.com", "x@y.z"] }),
    },
    { named: "ids", select: (ids) => ({ kind: "ids", ids: [ids[1] ?? 0, 4_444] }) },
    { named: "a filter", select: () => ({ kind: "filter", filter: { status: "synced" } }) },
  ])("named by $named, a contact is taken whatever its state", async ({ select }) => {
    const store = await open();
    const ids = await withStates(store, [{ status: "imported" }, { status: "synced" }]);

    expect(await store.contacts.idsToEnrich(select(ids), 0, 10, NOW)).toEqual([ids[1]]);
    expect(await store.contacts.idsToSync(select(ids), 0, 10, NOW)).toEqual([ids[1]]);
    expect(await store.contacts.idsToSync(select(ids), ids[1] ?? 0, 10, NOW)).toEqual([]);
  });

  test("the earliest retry is known for each stage", async () => {
    const store = await open();
    expect(await store.contacts.nextRetryAt("enrich")).toBeNull();

    await withStates(store, [
      { status: "failed", failed_stage: "enrich", retry_at: LATER },
      { status: "failed", failed_stage: "enrich", retry_at: NOW },
      { status: "imported", failed_stage: "sync", retry_at: NOW },
    ]);

    expect(await store.contacts.nextRetryAt("enrich")).toBe(NOW);
    expect(await store.contacts.nextRetryAt("sync")).toBeNull();
  });
});

async function withStates(store: Store, states: readonly ContactPatch[]): Promise<number[]> {
  const ids: number[] = [];
  for (const [index, set] of states.entries()) {
    const id = await insertOne(store, { email: `person${index}@example.com` });
    await store.contacts.update([{ id, set }], NOW);
    ids.push(id);
  }
  return ids;
}
