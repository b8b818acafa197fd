/** A reconciliation that is cut off goes on where it was, and comes to the same report. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReconcileReport } from "../../mcp-server/src/core/reconcile-report.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine, tempStore } from "../support/store.ts";
import { type CutOff, type ReconcileRig, reconcileRig } from "./reconcile-rig.ts";

const rigs: ReconcileRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** Three pages of contacts with something of every cause, spread over them. */
async function drifted(store: Store): Promise<ReconcileRig> {
  const rig = await reconcileRig(store, 230);
  rigs.push(rig);
  await rig.reconcile({});
  const { hubspot } = rig.simulator;
  const local = (n: number): number => rig.ids[n]?.local ?? 0;
  await store.by("sync").contacts.update(
    [3, 150, 229].map((n) => ({ id: local(n), set: { city: "Berlin" } })),
    new Date().toISOString(),
  );
  for (const n of [7, 99, 100, 228])
    hubspot.editAsUser("contacts", rig.ids[n]?.hubspot ?? "", { city: "Köln" });
  for (const n of [50, 201]) hubspot.archiveAsUser("contacts", rig.ids[n]?.hubspot ?? "");
  hubspot.seedContacts([{ email: "stranger@example.com" }]);
  return rig;
}

const findingsOf = ({ parts }: ReconcileReport) => parts.map(({ findings }) => findings);

/** What records that were repaired by a run that was cut off before it could say so are found to be. */
function withoutOutcomes(report: ReconcileReport) {
  return findingsOf(report).map(({ repairs: _repairs, ...findings }) => findings);
}

describeEachEngine("a reconciliation", (open) => {
  test("walks page by page, compares, repairs, and reports", async () => {
    const rig = await drifted(await open());
    rig.simulator.requests.clear();

    const { report } = await rig.reconcile({});

    expect(report.parts[0]?.counts).toEqual({
      hubspot_records: 229,
      compared: 228,
      equal: 221,
      different: 7,
      waiting: 0,
      repaired: 7,
      conflicts: 0,
      blocked: 0,
      failed: 0,
      gone_in_hubspot: 2,
      only_in_hubspot: 1,
      only_here: 0,
      removed_here: 0,
      list_requests: 3,
    });
    const quiet = (await rig.reconcile({})).report;
    expect(quiet.parts[0]?.counts).toMatchObject({ equal: 228, different: 0, gone_in_hubspot: 0 });
  });
});

describeEachEngine("a reconciliation that is cut off", (open) => {
  test("comes to the same report wherever it only compares", { timeout: 30_000 }, async () => {
    const rig = await drifted(await open());
    const whole = await rig.reconcile({ dry_run: true });

    expect(whole.saves).toBeGreaterThan(4);
    for (let save = 1; save <= whole.saves; save += 1) {
      for (const at of ["before", "after"] as const) {
        const { report } = await rig.reconcile({ dry_run: true }, { save, at });
        expect([save, at, findingsOf(report)]).toEqual([save, at, findingsOf(whole.report)]);
      }
    }
  });
});

// Each cut needs two sides that drifted anew, so one engine has to do.
describe("a repairing run that is cut off", () => {
  const cuts: readonly CutOff[] = [2, 3, 4, 5, 6].flatMap((save) => [
    { save, at: "after" as const },
    { save, at: "before" as const },
  ]);
  const stores: Store[] = [];
  let whole: ReconcileReport;
  beforeAll(async () => {
    whole = (await (await drifted(await open())).reconcile({})).report;
  });
  const open = async (): Promise<Store> => {
    const store = await tempStore();
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });

  test.each(cuts)(
    "repairs the same and reports the same, cut off $at save $save",
    async (cutOff) => {
      const rig = await drifted(await open());

      const { report } = await rig.reconcile({}, cutOff);

      expect(withoutOutcomes(report)).toEqual(withoutOutcomes(whole));
      if (cutOff.at === "after") expect(report.parts[0]?.counts).toEqual(whole.parts[0]?.counts);
      const again = (await rig.reconcile({})).report.parts[0];
      expect(again?.counts).toMatchObject({ equal: 228, different: 0, gone_in_hubspot: 0 });
    },
  );
});
