/** Document B's "Conflict Detection Logic" and "Resolution Logic": each branch of the two functions. */
import { describe, expect, test } from "vitest";
import type { EngineUnderTest } from "../support/store.ts";
import { after, mapWith, type Scene, stage } from "./document-b-scene.ts";

const columns = { legal_name: "Acme Ltd." };
const manual = mapWith({ legal_name: { conflict_resolution: "MANUAL" } });

/** HubSpot's edit is made exactly so many milliseconds after the local one, which itself is not of this very moment. */
async function bothEdit(scene: Scene, hubspotLaterBy: number): Promise<void> {
  const begun = Date.now();
  await after(begun + 5);
  await scene.set({ legal_name: "Acme of Billing Ltd." });
  const [change] = await scene.changes();
  const at = Date.parse(change?.changed_at ?? "") + hubspotLaterBy;
  await after(at);
  scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." }, at);
}

/** The branches of DetectConflict. */
export function detection(under: EngineUnderTest): void {
  const open = stage(under);

  test("detection: the same value on both sides is no conflict, whoever changed it when", async () => {
    const scene = await open({ maps: manual, columns });
    await scene.set({ legal_name: "Acme Robotics Ltd." });
    scene.inHubspot({ warp_legal_name: "  Acme Robotics Ltd. " });

    await scene.sync();

    expect(await scene.conflicts()).toEqual([]);
    expect(scene.written()).toEqual([]);
    expect((await scene.base())["legal_name"]).toBe("Acme Robotics Ltd.");
    expect(await scene.changes()).toEqual([]);
  });

  test("detection: both sides changed since the last sync is a conflict", async () => {
    const scene = await open({ maps: manual, columns });
    await bothEdit(scene, -1);

    await scene.sync();

    expect(await scene.conflicts()).toMatchObject([
      {
        field: "legal_name",
        base: "Acme Ltd.",
        local: "Acme of Billing Ltd.",
        hubspot: "Acme of Sales Inc.",
        status: "open",
      },
    ]);
  });

  test("detection: only the local side changed is no conflict", async () => {
    const scene = await open({ maps: manual, columns });
    await scene.set({ legal_name: "Acme of Billing Ltd." });

    await scene.sync();

    expect(await scene.conflicts()).toEqual([]);
    expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
  });

  test("detection: only HubSpot changed is no conflict", async () => {
    const scene = await open({ maps: manual, columns });
    scene.inHubspot({ warp_legal_name: "Acme of Sales Inc." });
    await scene.heard();

    await scene.sync();

    expect(await scene.conflicts()).toEqual([]);
    expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
  });

  test("detection: a change that was taken back on one side is no conflict", async () => {
    const scene = await open({ maps: manual, columns });
    await bothEdit(scene, 1);
    await scene.set({ legal_name: "Acme Ltd." });

    await scene.sync();

    expect(await scene.conflicts()).toEqual([]);
    expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
  });

  test("detection: a conflict in one field holds no other field back", async () => {
    const scene = await open({ maps: manual, columns: { ...columns, status: "ACTIVE" } });
    await bothEdit(scene, 1);
    await scene.set({ status: "SUSPENDED" });
    scene.inHubspot({ warp_tier: "PREMIUM" });

    await scene.sync();

    expect(await scene.conflicts()).toHaveLength(1);
    expect(scene.company()["warp_status"]).toBe("SUSPENDED");
    expect((await scene.local()).tier).toBe("PREMIUM");
  });
}

/** The branches of ResolveConflict. */
export function resolution(under: EngineUnderTest): void {
  const open = stage(under);

  test.each([-1, 0, 1])(
    "resolution: WARP_WINS keeps the local value, HubSpot's edit being later by %i ms",
    async (laterBy) => {
      const maps = mapWith({ legal_name: { conflict_resolution: "WARP_WINS" } });
      const scene = await open({ maps, columns });
      await bothEdit(scene, laterBy);

      await scene.sync();

      expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
      expect((await scene.local()).legal_name).toBe("Acme of Billing Ltd.");
    },
  );

  test.each([-1, 0, 1])(
    "resolution: HUBSPOT_WINS keeps HubSpot's value, its edit being later by %i ms",
    async (laterBy) => {
      const maps = mapWith({ legal_name: { conflict_resolution: "HUBSPOT_WINS" } });
      const scene = await open({ maps, columns });
      await bothEdit(scene, laterBy);

      await scene.sync();

      expect(scene.company()["warp_legal_name"]).toBe("Acme of Sales Inc.");
      expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
    },
  );

  test("resolution: LATEST_WINS keeps the local value that is a millisecond newer", async () => {
    const scene = await open({ columns });
    await bothEdit(scene, -1);

    await scene.sync();

    expect(scene.company()["warp_legal_name"]).toBe("Acme of Billing Ltd.");
    expect((await scene.log())[0]?.fields).toMatchObject([
      { rule: "LATEST_WINS: local is newer", lost: "Acme of Sales Inc." },
    ]);
  });

  test.each([0, 1])(
    "resolution: LATEST_WINS keeps HubSpot's value that is newer by %i ms, so that a tie is HubSpot's",
    async (laterBy) => {
      const scene = await open({ columns });
      await bothEdit(scene, laterBy);

      await scene.sync();

      expect((await scene.local()).legal_name).toBe("Acme of Sales Inc.");
      expect((await scene.log())[0]?.fields).toMatchObject([
        { rule: "LATEST_WINS: HubSpot is newer or equal", lost: "Acme of Billing Ltd." },
      ]);
    },
  );

  test("resolution: MANUAL keeps both values where they are and flags them for a person, once", async () => {
    const scene = await open({ maps: manual, columns });
    await bothEdit(scene, 1);

    const job = await scene.sync();
    await scene.heard();
    await scene.sync();

    expect(job).toMatchObject({ counts: { conflicts: 1 }, errors: [] });
    expect(await scene.conflicts()).toMatchObject([{ field: "legal_name", version: 1 }]);
    expect(scene.written()).toEqual([]);
    expect(scene.company()["warp_legal_name"]).toBe("Acme of Sales Inc.");
    expect((await scene.local()).legal_name).toBe("Acme of Billing Ltd.");
    expect((await scene.base())["legal_name"]).toBe("Acme Ltd.");
  });

  describe("of two values that never agreed", () => {
    test.each([
      ["WARP_WINS", "Acme of Billing Ltd."],
      ["HUBSPOT_WINS", "Acme of Sales Inc."],
    ])("resolution: %s decides likewise", async (conflict_resolution, kept) => {
      const scene = await open({ maps: mapWith({ legal_name: { conflict_resolution } }) });
      await bothEdit(scene, 1);

      await scene.sync();

      expect(scene.company()["warp_legal_name"]).toBe(kept);
      expect((await scene.local()).legal_name).toBe(kept);
    });
  });
}
