/** The generated triggers follow the map, disturb nobody and survive what other programs do. */
import { beforeEach, expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { LATER } from "./builders.ts";
import { type CaptureRig, captureRig, maps } from "./capture-rig.ts";
import { foreignProgram } from "./foreign.ts";
import { mapsOf } from "./maps.ts";

describeEachEngine("the triggers", (_open, under) => {
  let rig: CaptureRig;
  beforeEach(async () => {
    rig = await captureRig(under);
  });

  const triggerNames = async () => {
    const rows = await rig.other.rows(
      under.engine === "sqlite"
        ? "select name, rootpage from sqlite_master where type = 'trigger' order by name"
        : `select tgname as name from pg_trigger
           where tgrelid in ('contacts'::regclass, 'customers'::regclass) order by tgname`,
    );
    return rows.map((row) => row["name"]);
  };

  const lockEverything = {
    sqlite: "begin immediate",
    postgres: "begin; lock table contacts, customers, change_log, sync_queue in share mode",
  } as const;

  test("that fit already are left alone, even while another program holds the tables", async () => {
    await rig.other.run(lockEverything[under.engine]);

    await rig.store.changes.capture(maps);

    await rig.other.run("rollback");
  });

  test("follow a changed map: what left it is not watched any more, what joined it is", async () => {
    await rig.store.changes.capture(mapsOf({ contacts: [{ path: ["city"] }] }));

    await rig.other.run("update contacts set phone = '+9', city = 'Rome'");
    await rig.other.run("update customers set company_name = 'Other'");

    expect(await rig.log()).toMatchObject([{ object: "contacts", field: "city", after: "Rome" }]);
    expect(await triggerNames()).toEqual(["hubspot_sync_contacts_changed"]);
  });

  test("are gone when no field is mapped", async () => {
    await rig.store.changes.capture(mapsOf({}));

    expect(await triggerNames()).toEqual([]);
    await rig.other.run("insert into customers (ban) values ('B-9')");
    expect(await rig.queue()).toEqual([]);
  });

  test("are made again when somebody dropped one", async () => {
    const [name = ""] = await triggerNames();
    const where = under.engine === "sqlite" ? "" : " on contacts";
    await rig.other.run(`drop trigger ${String(name)}${where}`);

    await rig.store.changes.capture(maps);

    expect(await triggerNames()).toEqual([
      "hubspot_sync_contacts_changed",
      "hubspot_sync_customers_changed",
      "hubspot_sync_customers_created",
    ]);
  });

  test("change as a whole or not at all inside the caller's transaction", async () => {
    const failing = rig.store.transaction(async (within) => {
      await within.changes.capture(mapsOf({}));
      throw new Error("roll back");
    });
    await expect(failing).rejects.toThrow("roll back");

    expect(await triggerNames()).toHaveLength(3);
  });

  test("do not disturb what a store that inserts is told of its ids", async () => {
    await rig.other.run("update customers set company_name = 'a'");
    await rig.other.run("update customers set company_name = 'b'");

    const outcomes = await rig.store.customers.upsert([{ ban: "B-2" }, { ban: "B-3" }], LATER);

    expect(outcomes.map((row) => row.outcome)).toEqual(["created", "created"]);
    const ids = (await rig.store.customers.findByBans(["B-2", "B-3"])).map((row) => row.id);
    expect((await rig.queue()).map((row) => row["local_id"])).toEqual([rig.acme, ...ids]);
  });

  test.runIf(under.engine === "sqlite").for(["ignore", "replace", "fail", "rollback", "abort"])(
    "mark a waiting record again under an update or %s",
    async (policy) => {
      await rig.other.run("update customers set company_name = 'a'");

      await rig.other.run(`update or ${policy} customers set company_name = 'b'`);

      expect(await rig.queue()).toMatchObject([{ version: 2 }]);
      expect(await rig.log()).toHaveLength(2);
    },
  );

  test.runIf(under.engine === "postgres")(
    "let a program write that has rights on nothing but its table",
    async () => {
      const [{ name, role } = {}] = await rig.other.rows(
        "select current_schema() as name, 'writer_' || current_schema() as role",
      );
      await rig.other.run(`create role ${String(role)} login password 'test-only'`);
      await rig.other.run(`grant usage on schema ${String(name)} to ${String(role)}`);
      await rig.other.run(`grant select, insert, update on customers to ${String(role)}`);
      const [{ port } = {}] = await rig.other.rows("select inet_server_port() as port");
      const writer = await foreignProgram(
        `postgres://${String(role)}:test-only@127.0.0.1:${String(port)}/postgres`,
      );

      await writer.run(`update ${String(name)}.customers set contact = '{"email":"a"}'`);
      await writer.run(`insert into ${String(name)}.customers (ban) values ('B-2')`);

      expect(await rig.log()).toMatchObject([{ field: "contact_email", after: "a" }]);
      expect(await rig.queue()).toMatchObject([{ reason: "changed" }, { reason: "created" }]);
    },
  );
});
