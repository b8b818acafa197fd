/** Every writer's changes are recorded per field in the writer's own transaction, and become work when they may leave. */
import { beforeEach, expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { type CaptureRig, captureRig, ODD_FIELD, ODD_KEY } from "./capture-rig.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u;

describeEachEngine("captured changes", (_open, under) => {
  let rig: CaptureRig;
  beforeEach(async () => {
    rig = await captureRig(under);
  });

  const row = (field: string, before: string | null, after: string | null) => ({
    object: "customers",
    local_id: rig.acme,
    field,
    before,
    after,
    changed_by: "sql",
  });

  test("another program's update is one row a field that changed, with both values and the time", async () => {
    const before = Date.now();

    await rig.other.run("update customers set company_name = 'Acme Ltd', tier = 'PREMIUM'");

    expect(await rig.log()).toEqual([
      row("tier", null, "PREMIUM"),
      row("company_name", "Acme", "Acme Ltd"),
    ]);
    const [change] = await rig.store.changes.latest("customers", [rig.acme]);
    expect(change?.changed_at).toMatch(ISO);
    expect(Math.abs(Date.parse(change?.changed_at ?? "") - before)).toBeLessThan(60_000);
  });

  test("setting the same value again is no change, whatever its spelling as a number", async () => {
    await rig.other.run("update customers set current_balance = 10.10, company_name = 'Acme'");
    await rig.other.run("delete from sync_queue");

    await rig.other.run("update customers set current_balance = 10.1, company_name = 'Acme'");

    expect(await rig.log()).toHaveLength(1);
    expect(await rig.queue()).toEqual([]);
  });

  test("what is rolled back leaves no row and no work", async () => {
    await rig.other.run("begin");
    await rig.other.run("update customers set company_name = 'Other'");
    await rig.other.run("insert into customers (ban) values ('B-2')");
    await rig.other.run("rollback");

    expect(await rig.log()).toEqual([]);
    expect(await rig.queue()).toEqual([]);
  });

  test("a field that flows to HubSpot makes its record due after the debounce, a real-time one at once and first", async () => {
    const start = Date.now();
    await rig.other.run("update customers set company_name = 'Acme Ltd'");
    await rig.other.run(
      `update contacts set first_name = 'Ada', phone = '+2' where id = ${rig.ada}`,
    );

    expect(await rig.queue()).toEqual([
      { object: "contacts", local_id: rig.ada, reason: "changed", urgent: 1, version: 1 },
      { object: "customers", local_id: rig.acme, reason: "changed", urgent: 0, version: 1 },
    ]);
    const due = await rig.other.rows("select due_at from sync_queue order by object");
    const waits = due.map((one) => Date.parse(String(one["due_at"])) - start);
    expect(waits[0]).toBeLessThan(1000);
    expect(waits[1]).toBeGreaterThanOrEqual(1900);
  });

  test("further changes of a waiting record raise its version, keep the earlier time and the urgency", async () => {
    await rig.other.run("update customers set current_balance = 5");
    const [first] = await rig.other.rows("select due_at from sync_queue");

    await rig.other.run("update customers set company_name = 'Acme Ltd'");

    expect(await rig.queue()).toMatchObject([{ local_id: rig.acme, urgent: 1, version: 2 }]);
    expect(await rig.other.rows("select due_at from sync_queue")).toEqual([first]);
  });

  test("a change while the record is leased keeps it from being settled", async () => {
    await rig.other.run("update customers set current_balance = 5");
    const lease = { object: "customers", owner: "me", lease_until: "2999-01-01" } as const;
    await rig.store.queue.claim({ ...lease, now: "2998-01-01", limit: 10 });
    await rig.other.run("update customers set current_balance = 6");

    await rig.store.queue.settle("customers", [rig.acme], "me");

    expect(await rig.queue()).toHaveLength(1);
  });

  test("a field that only flows from HubSpot is recorded and is no work", async () => {
    await rig.other.run("update customers set tier = 'PREMIUM'");

    expect(await rig.log()).toEqual([row("tier", null, "PREMIUM")]);
    expect(await rig.queue()).toEqual([]);
  });

  test("fields outside the map, of other tables or without a direction are not watched", async () => {
    await rig.other.run(
      `update customers set status = 'ACTIVE', external_ids = '{"hubspot_company_id":"9"}'`,
    );
    await rig.other.run(
      `update contacts set status = 'enriched', attempts = 3, provenance = '{"phone":{}}'`,
    );

    expect(await rig.log()).toEqual([]);
    expect(await rig.queue()).toEqual([]);
  });

  test("a JSON column changes leaf by leaf; a leaf that is missing is empty", async () => {
    await rig.other.run(`update customers set contact = '{"email":"a@x.example","fax":"1"}'`);
    await rig.other.run(`update customers set contact = '{"fax":"2","email":"a@x.example"}'`);
    await rig.other.run(`update customers set contact = '{"phone":"+1","email":null}'`);
    await rig.other.run("update customers set contact = null");

    expect(await rig.log()).toEqual([
      row("contact_email", null, "a@x.example"),
      row("contact_email", "a@x.example", null),
      row("contact_phone", null, "+1"),
      row("contact_phone", "+1", null),
    ]);
  });

  test("leaves of every kind are told apart as text", async () => {
    await rig.other.run(`update customers set contact = '{"email":true,"phone":12.5}'`);
    await rig.other.run(`update customers set contact = '{"email":false,"phone":[1,"b"]}'`);

    expect(await rig.log()).toMatchObject([
      { field: "contact_email", before: null, after: "true" },
      { field: "contact_phone", before: null, after: "12.5" },
      { field: "contact_email", before: "true", after: "false" },
      { field: "contact_phone", before: "12.5", after: expect.stringMatching(/^\[1, ?"b"\]$/u) },
    ]);
  });

  test.each(["no json {", "", "[1]", '"text"', "7", "null", '{"email":"b"'])(
    "a JSON column set to %j fails nobody's statement and says nothing of its leaves",
    async (text) => {
      await rig.other.run(`update customers set contact = '{"email":"a"}'`);

      await rig.other.run(`update customers set contact = '${text}'`);
      await rig.other.run(`update customers set contact = '{"email":"c"}'`);

      expect(await rig.log()).toMatchObject([
        { field: "contact_email", after: "a" },
        { field: "contact_email", after: "c" },
      ]);
    },
  );

  test("names and keys that people write are only words, whatever signs they hold", async () => {
    const document = JSON.stringify({ [ODD_KEY]: "x", other: "y" }).replaceAll("'", "''");

    await rig.other.run(`update contacts set custom = '${document}' where id = ${rig.ada}`);

    expect(await rig.log()).toEqual([
      {
        object: "contacts",
        local_id: rig.ada,
        field: ODD_FIELD,
        before: null,
        after: "x",
        changed_by: "sql",
      },
    ]);
  });

  test("a customer that another program adds with its data alone is new work", async () => {
    await rig.other.run("insert into customers (ban, company_name) values ('B-2', 'New')");

    const [added] = await rig.store.customers.findByBans(["B-2"]);
    expect(added?.created_at).toMatch(ISO);
    expect(added?.updated_at).toBe(added?.created_at);
    expect(await rig.queue()).toEqual([
      { object: "customers", local_id: added?.id, reason: "created", urgent: 0, version: 1 },
    ]);
    expect(await rig.log()).toEqual([]);
  });

  test("an upsert of another program is recorded as what it came to", async () => {
    await rig.other.run(
      "insert into customers (ban, company_name) values ('B-1', 'Acme Ltd') on conflict (ban) do update set company_name = excluded.company_name",
    );

    expect(await rig.log()).toEqual([row("company_name", "Acme", "Acme Ltd")]);
    expect(await rig.queue()).toMatchObject([{ local_id: rig.acme, reason: "changed" }]);
  });
});
