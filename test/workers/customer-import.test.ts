import { describe, expect, test } from "vitest";
import type { FieldRule } from "../../mcp-server/src/core/field-map.ts";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { importRig } from "./import-rig.ts";

const rule = (field: string, over: Partial<FieldRule>): FieldRule => ({
  field,
  property: `warp_${field}`,
  path: [field],
  type: "text",
  direction: "BIDIRECTIONAL",
  strategy: "LATEST_WINS",
  clears: false,
  transform: null,
  enumValues: null,
  realTime: false,
  createProperty: null,
  ...over,
});
const rules = [
  rule("status", { enumValues: ["ACTIVE", "SUSPENDED"] }),
  rule("manager", { path: ["contact", "manager"] }),
];
const maps = { customers: { object: "customers", rules, properties: [] } } as const;
const object = "customers";

const customerRig = (store: Store) => importRig(store, { maps });
const customer = async (store: Store, ban: string) => {
  const [found] = await store.customers.findByBans([ban]);
  return found ?? expect.unreachable(`there is no customer ${ban}`);
};
const LATER = "2100-01-01T00:00:00.000Z";
const waiting = (store: Store) => store.queue.dueIds(object, LATER, { afterId: 0, limit: 10 });
const accounts = (from: number, to: number, balance = "10.00") =>
  Array.from({ length: to - from }, (_, n) => `B${from + n},${balance},Acme ${from + n}\n`).join(
    "",
  );
const HEADER = "ban,current_balance,company_name\n";

describeEachEngine("an import of customers", (open) => {
  test("gives every row one outcome, stores it, and tells what it understood", async () => {
    const store = await open();
    const rig = await customerRig(store);
    const path = await rig.file(
      "Billing Account Number,Current balance,Status,Company name,E-mail,Street,Manager,Notes\n" +
        '1001,"$1,234.50",active,Acme,ada@acme.com,1 High St,Bob,hello\n' +
        ",5,,,,,,\n" +
        '1002,"1,234",,,,,,\n' +
        "1003,5,GONE,,,,,\n" +
        "1004,5,,,,,,\n" +
        "too,few\n",
    );

    const done = await rig.import({ source: "csv", path, object });

    expect(done.counts).toEqual({
      created: 2,
      updated: 0,
      unchanged: 0,
      rejected: 4,
      duplicates: 0,
    });
    expect(done.errors).toMatchObject([
      { code: "NO_BAN", examples: ["row 2"] },
      { code: "INVALID_VALUE", examples: ["row 3"] },
      { code: "INVALID_VALUE", examples: ["row 4"] },
      { code: "MALFORMED_ROW", examples: ["row 6"] },
    ]);
    expect(done.notes?.join("\n")).toMatch(
      /"E-mail" → contact\.email.*"Manager" → contact\.manager[\s\S]*not stored.*"Notes"[\s\S]*Empty cells/,
    );
    expect(done.next).toMatch(/^4 row\(s\) were rejected.*sync with object "customers"/);
    expect(await customer(store, "1001")).toMatchObject({
      current_balance: "1234.5",
      status: "ACTIVE",
      company_name: "Acme",
      contact: { email: "ada@acme.com", manager: "Bob" },
      address: { line1: "1 High St" },
    });
    expect(rig.emitted).toEqual([]);
  });

  test("keeps rejected rows whole, with their reason", async () => {
    const store = await open();
    const rig = await customerRig(store);

    const { jobId } = await rig.import({
      source: "records",
      object,
      records: [{ ban: "1" }, { ban: "2", status: "GONE", contact: { email: "a@b.co" } }],
    });

    expect(await store.rejects.list(jobId, 0, 10)).toMatchObject([
      {
        row: 2,
        raw: { ban: "2", status: "GONE", contact: '{"email":"a@b.co"}' },
        code: "INVALID_VALUE",
        field: "status",
      },
    ]);
  });

  test("changes nothing the second time", async () => {
    const store = await open();
    const rig = await customerRig(store);
    const args = { source: "csv", path: await rig.file(HEADER + accounts(0, 5)), object };
    await rig.import(args);
    const before = await customer(store, "B3");
    rig.clock.advance(60_000);

    const again = await rig.import(args);

    expect(again.counts).toMatchObject({ created: 0, updated: 0, unchanged: 5 });
    expect(again.next).toBeNull();
    expect(await customer(store, "B3")).toEqual(before);
  });

  test("leaves what empty cells say nothing of, and clears what is null", async () => {
    const store = await open();
    const rig = await customerRig(store);
    const contact = { email: "ada@acme.com", phone: "1" };
    await rig.import({
      source: "records",
      object,
      records: [{ ban: "1", credit_limit: 500, tier: "PREMIUM", company_name: "Acme", contact }],
    });

    const path = await rig.file("ban,credit_limit,company_name,phone\n1,,Acme Ltd,\n");
    const file = await rig.import({ source: "csv", path, object });
    const typed = await rig.import({
      source: "records",
      object,
      records: [{ ban: "1", tier: null, credit_limit: "", contact: { phone: null } }],
    });

    expect([file.counts?.["updated"], typed.counts?.["updated"]]).toEqual([1, 1]);
    expect(await customer(store, "1")).toMatchObject({
      credit_limit: "500",
      company_name: "Acme Ltd",
      tier: null,
      contact: { email: "ada@acme.com", phone: null },
    });
  });

  test("of rows that repeat an account the later wins, field by field, also across batches", async () => {
    const store = await open();
    const rig = await customerRig(store);
    const path = await rig.file(
      `${HEADER}X,1,First\nX,,Second\n${accounts(0, 1_200)}X,3,\nB0,10.00,Acme 0\n`,
    );

    const done = await rig.import({ source: "csv", path, object });

    expect(done.counts).toEqual({
      created: 1_201,
      updated: 2,
      unchanged: 1,
      rejected: 0,
      duplicates: 3,
    });
    expect(done.notes).toContainEqual(expect.stringMatching(/^3 row\(s\) repeat an account/));
    expect(await customer(store, "X")).toMatchObject({
      current_balance: "3",
      company_name: "Second",
    });
  });

  test("previews without storing anything", async () => {
    const store = await open();
    const rig = await customerRig(store);
    await rig.import({ source: "csv", path: await rig.file(HEADER + accounts(0, 10)), object });
    const path = await rig.file(
      `${HEADER}${accounts(0, 5, "99")}${accounts(5, 1_200)}B1199,10.00,Acme 1199\n,1,\n`,
    );

    const preview = await rig.import({ source: "csv", path, object, dry_run: true });

    expect(preview.counts).toEqual({
      created: 1_190,
      updated: 5,
      unchanged: 6,
      rejected: 1,
      duplicates: 1,
    });
    expect(preview.next).toContain("without dry_run");
    expect(await store.customers.ids(0, 100)).toHaveLength(10);
    expect(await customer(store, "B0")).toMatchObject({ current_balance: "10" });
    expect(await store.rejects.list(preview.jobId, 0, 10)).toEqual([]);
  });

  test("takes up after a crash where the last transaction was committed, and counts every row once", async () => {
    const store = await open();
    const rig = await customerRig(store);
    const path = await rig.file(`${HEADER}${accounts(0, 1_700)},1,\nB0,10.00,Acme 0\n`);
    const jobId = await rig.create({ source: "csv", path, object });

    await rig.crash(jobId, 2);
    const stored = await store.customers.ids(0, 5_000);
    const done = await rig.run(jobId);

    expect(stored).toHaveLength(1_000);
    expect(done.counts).toEqual({
      created: 1_700,
      updated: 0,
      unchanged: 1,
      rejected: 1,
      duplicates: 1,
    });
    expect(await store.customers.ids(0, 5_000)).toHaveLength(1_700);
    expect(await store.rejects.list(jobId, 0, 10)).toHaveLength(1);
  });

  test("has what it created and changed looked at by the next sync, and nothing else", async () => {
    const store = await open();
    const rig = await customerRig(store);
    await store.changes.capture({
      contacts: { object: "contacts", rules: [], properties: [] },
      customers: maps.customers,
      version: "1",
      warnings: [],
    });
    const records = [
      { ban: "1", status: "ACTIVE" },
      { ban: "2", status: "ACTIVE" },
    ];
    await rig.import({ source: "records", object, records });
    const ids = await store.customers.ids(0, 10);
    expect(await waiting(store)).toEqual(ids);
    const owner = { owner: "me", lease_until: LATER, due_by: LATER };
    await store.queue.claim({ object, now: rig.clock.iso(), limit: 10, ...owner });
    await store.queue.settle(object, ids, "me");

    const changed = [{ ban: "1", status: "SUSPENDED" }, records[1]];
    await rig.import({ source: "records", object, records: changed });

    const { id } = await customer(store, "1");
    expect(await waiting(store)).toEqual([id]);
    expect(await store.changes.latest("customers", ids)).toMatchObject([
      { local_id: id, field: "status", changed_by: "import" },
    ]);
  });

  describe("is refused", () => {
    test.each(["lemlist", "hubspot"])("from %s, saying what works", async (source) => {
      const rig = await customerRig(await open());

      await expect(rig.import({ source, object })).rejects.toThrow(/"csv" or "records"/);
    });

    test("without a column for the account number", async () => {
      const rig = await customerRig(await open());
      const path = await rig.file("Kunde,Firma\n1,Acme\n");

      await expect(rig.import({ source: "csv", path, object })).rejects.toMatchObject({
        code: "NO_BAN_COLUMN",
      });
    });
  });
});
