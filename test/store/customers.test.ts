/** Customers keep what they are given, exactly, and survive what other programs write, on both engines alike. */
import { expect, test, vi } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

const acme = {
  ban: "B-1",
  current_balance: "-1234567890.12",
  prepaid_balance: "0",
  credit_limit: "10.1",
  status: "ACTIVE",
  tier: "PREMIUM",
  payment_terms: "NET30",
  company_name: "O'Neil & Zoë; drop table customers",
  legal_name: "Acme GmbH",
  contact: { email: "a@acme.example", phone: "+1" },
  address: { city: "Köln", lines: ["1", "2"] },
  external_ids: null,
};

describeEachEngine("customers", (open, { engine, empty, openAt }) => {
  test("come back as they were imported, by ban and by id", async () => {
    const store = await open();

    const outcomes = await store.customers.upsert([acme, { ban: "B-2" }], NOW);

    expect(outcomes).toEqual([
      { ban: "B-1", outcome: "created" },
      { ban: "B-2", outcome: "created" },
    ]);
    const [found] = await store.customers.findByBans(["B-1", "B-9"]);
    expect(found).toEqual({ ...acme, id: expect.any(Number), created_at: NOW, updated_at: NOW });
    expect(await store.customers.findByIds([found?.id ?? 0, 99])).toEqual([found]);
    expect((await bySecond(store)).company_name).toBeNull();
  });

  test("a further import sets what it says and keeps what it leaves out", async () => {
    const store = await open();
    await store.customers.upsert([acme], NOW);

    const outcomes = await store.customers.upsert(
      [{ ban: "B-1", tier: null, contact: { phone: null, fax: "2", mobile: null } }],
      LATER,
    );

    expect(outcomes).toEqual([{ ban: "B-1", outcome: "updated" }]);
    expect(await store.customers.findByBans(["B-1"])).toMatchObject([
      {
        ...acme,
        tier: null,
        contact: { email: "a@acme.example", phone: null, fax: "2" },
        created_at: NOW,
        updated_at: LATER,
      },
    ]);
  });

  test("an import that changes nothing writes nothing", async () => {
    const store = await open();
    await store.customers.upsert([acme], NOW);

    const outcomes = await store.customers.upsert(
      [{ ban: "B-1", credit_limit: "10.10", contact: { phone: "+1", fax: null }, address: {} }],
      LATER,
    );

    expect(outcomes).toEqual([{ ban: "B-1", outcome: "unchanged" }]);
    expect(await store.customers.findByBans(["B-1"])).toMatchObject([{ updated_at: NOW }]);
  });

  test("rows of one ban count as if they came one after the other", async () => {
    const store = await open();
    await store.customers.upsert([{ ban: "B-1", tier: "A" }], NOW);

    const outcomes = await store.customers.upsert(
      [
        { ban: "B-2", tier: "A", status: "ACTIVE" },
        { ban: "B-1", tier: "B" },
        { ban: "B-2", tier: "B" },
        { ban: "B-2", tier: "B" },
      ],
      LATER,
    );

    expect(outcomes.map((row) => row.outcome)).toEqual([
      "created",
      "updated",
      "updated",
      "unchanged",
    ]);
    expect(await store.customers.findByBans(["B-2"])).toMatchObject([
      { tier: "B", status: "ACTIVE" },
    ]);
  });

  test("numbers that another program wrote come back exact and in one spelling", async () => {
    const { store, other } = await beside();
    await other.run(
      "insert into customers (ban, current_balance, prepaid_balance, credit_limit) values ('B-1', 10.10, 1234567890.12, 100.00)",
    );
    await other.run(
      "insert into customers (ban, current_balance, prepaid_balance, credit_limit) values ('B-2', -0.01, 123456789012.99, 0.0)",
    );

    expect(await store.customers.findByBans(["B-1"])).toMatchObject([
      { current_balance: "10.1", prepaid_balance: "1234567890.12", credit_limit: "100" },
    ]);
    expect(await bySecond(store)).toMatchObject({
      current_balance: "-0.01",
      prepaid_balance: "123456789012.99",
      credit_limit: "0",
    });
  });

  test("sums that a program worked out show no binary noise", async () => {
    const { store, other } = await beside();
    await other.run("insert into customers (ban, current_balance) values ('B-2', 0.1)");

    await other.run("update customers set current_balance = current_balance + 0.2");

    expect((await bySecond(store)).current_balance).toBe("0.3");
  });

  test("a number that is none is refused, and nothing is written", async () => {
    const store = await open();

    const refused = store.customers.upsert(
      [{ ban: "B-2" }, { ban: "B-3", credit_limit: "1,000" }],
      NOW,
    );

    await expect(refused).rejects.toMatchObject({ kind: "input", code: "VALUE_NOT_STORABLE" });
    expect(await store.customers.any()).toBe(false);
  });

  test("a JSON column that holds no JSON object is not said, and can be set again", async () => {
    const { store, other } = await beside();
    await other.run(
      "insert into customers (ban, contact, address, external_ids) values ('B-2', 'no json', '[1]', null)",
    );

    const found = await bySecond(store);
    expect(Object.hasOwn(found, "contact")).toBe(false);
    expect(Object.hasOwn(found, "address")).toBe(false);
    expect(found.external_ids).toBeNull();

    await store.customers.upsert([{ ban: "B-2", contact: { email: "a" } }], LATER);
    expect((await bySecond(store)).contact).toEqual({ email: "a" });
  });

  test("patches set what they name, JSON columns as a whole", async () => {
    const store = await open();
    await store.customers.upsert([acme, { ban: "B-2" }], NOW);
    const [one] = await store.customers.findByBans(["B-1"]);
    const two = await bySecond(store);

    await store.customers.update(
      [
        { id: one?.id ?? 0, set: { contact: { email: "b" }, credit_limit: "20.50" } },
        { id: two.id, set: { tier: "GOLD", current_balance: null } },
        { id: 999, set: { tier: "GOLD" } },
      ],
      LATER,
    );

    expect(await store.customers.findByBans(["B-1"])).toMatchObject([
      { ...acme, contact: { email: "b" }, credit_limit: "20.5", updated_at: LATER },
    ]);
    expect(await bySecond(store)).toMatchObject({ tier: "GOLD", updated_at: LATER });
  });

  test.runIf(engine === "postgres")(
    "a customer that another process is adding right now is updated once it is there",
    async () => {
      const url = await empty();
      const [one, two] = [await openAt(url), await openAt(url)];
      const watcher = await foreignProgram(url);

      const second = await one.transaction(async (within) => {
        await within.customers.upsert([{ ban: "B-2", tier: "A", status: "ACTIVE" }], NOW);
        const waiting = two.customers.upsert(
          [{ ban: "B-1" }, { ban: "B-2", tier: "B" }, { ban: "B-3" }],
          LATER,
        );
        await vi.waitFor(async () => {
          const held = await watcher.rows(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%customers%'",
          );
          expect(held).not.toEqual([]);
        });
        return { waiting };
      });

      const outcomes = await second.waiting;
      expect(outcomes.map((row) => row.outcome)).toEqual(["created", "updated", "created"]);
      expect(await bySecond(one)).toMatchObject({ tier: "B", status: "ACTIVE" });
    },
  );

  test("are walked by id, and told to be there or not", async () => {
    const store = await open();
    expect(await store.customers.any()).toBe(false);
    await store.customers.upsert([{ ban: "c" }, { ban: "a" }, { ban: "b" }], NOW);

    const first = await store.customers.ids(0, 2);
    const rest = await store.customers.ids(first[1] ?? 0, 2);

    expect([first.length, rest.length]).toEqual([2, 1]);
    expect([...first, ...rest]).toEqual([...first, ...rest].toSorted((a, b) => a - b));
    expect(await store.customers.any()).toBe(true);
  });

  async function beside() {
    const url = await empty();
    return { store: await openAt(url), other: await foreignProgram(url) };
  }
});

async function bySecond(store: Store) {
  const [found] = await store.customers.findByBans(["B-2"]);
  if (!found) throw new Error("B-2 is not stored");
  return found;
}
