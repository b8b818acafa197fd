import { expect, test } from "vitest";
import type { Tombstone } from "../../mcp-server/src/ports/life-store.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { madeHash } from "../../mcp-server/src/workers/life-stones.ts";
import { describeEachEngine } from "../support/store.ts";
import { importRig, NOW } from "./import-rig.ts";

const ADA = "ada@acme-robotics.com";
const GRACE = "grace@acme-robotics.com";

async function mourn(store: Store, reason: Tombstone["reason"]): Promise<void> {
  const hash = await madeHash(store, Date.parse(NOW));
  const hashes = await hash("contacts", [ADA]);
  await store.tombstones.put([
    {
      object: "contacts",
      hubspot_id: "17",
      local_id: null,
      key_hash: hashes.get(ADA) ?? null,
      reason,
      policy: reason === "erased" ? "erased" : "deleted",
      created_at: NOW,
    },
  ]);
}

describeEachEngine("an import after tombstones", (openStore) => {
  test("rejects a person who was erased, keeps nothing of the row, and takes the others", async () => {
    const store = await openStore();
    await mourn(store, "erased");
    const rig = await importRig(store);
    const path = await rig.file(`email,first_name\nAda@Acme-Robotics.com,Ada\n${GRACE},Grace\n`);

    const done = await rig.import({ source: "csv", path });

    expect(done.counts).toMatchObject({ created: 1, rejected: 1 });
    expect(done.errors).toMatchObject([{ code: "ERASED_FOR_PRIVACY", examples: ["row 1"] }]);
    expect((await rig.all()).map(({ email }) => email)).toEqual([GRACE]);
    const rejects = await store.rejects.list(done.jobId, 0, 10);
    expect(rejects).toMatchObject([{ code: "ERASED_FOR_PRIVACY", raw: {} }]);
  });

  test("keeps nothing of a row either that is rejected for another reason and names such a person", async () => {
    const store = await openStore();
    await mourn(store, "erased");
    const rig = await importRig(store);
    const path = await rig.file(`email,note,first_name\n,wrote from <${ADA}>,Ada\n,nobody,Bob\n`);

    const done = await rig.import({ source: "csv", path });

    const rejects = await store.rejects.list(done.jobId, 0, 10);
    expect(rejects.map(({ code }) => code)).toEqual(["ERASED_FOR_PRIVACY", "NO_EMAIL"]);
    expect(JSON.stringify(rejects).toLowerCase()).not.toContain("ada");
  });

  test("shows in a dry run which rows it would reject", async () => {
    const store = await openStore();
    await mourn(store, "erased");
    const rig = await importRig(store);

    const records = [{ email: ADA }, { email: GRACE }];
    const done = await rig.import({ source: "records", records, dry_run: true });

    expect(done.counts).toMatchObject({ created: 1, rejected: 1 });
  });

  test.each(["removed", "deleted"] as const)(
    "takes a person again who was only %s",
    async (reason) => {
      const store = await openStore();
      await mourn(store, reason);
      const rig = await importRig(store);

      const done = await rig.import({ source: "records", records: [{ email: ADA }] });

      expect(done.counts).toMatchObject({ created: 1, rejected: 0 });
    },
  );
});

describeEachEngine("the secret of tombstones", (openStore, under) => {
  test("is one for all processes, however many need it at once", async () => {
    const first = await openStore();
    const url = await under.empty();
    const stores = [await under.openAt(url), await under.openAt(url)];

    const made = await Promise.all(
      [...stores, ...stores].map(async (store) => {
        const hash = await madeHash(store, Date.parse(NOW));
        return (await hash("contacts", [ADA])).get(ADA);
      }),
    );

    expect(new Set(made).size).toBe(1);
    const other = await (await madeHash(first, Date.parse(NOW)))("contacts", [ADA]);
    expect(other.get(ADA)).not.toBe(made[0]);
  });
});
