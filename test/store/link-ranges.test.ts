/** Links as reconciliation walks them: in the order of HubSpot's numbers, and what has none. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { hubspotNumber } from "../../mcp-server/src/store/migrations/003-inbound.ts";
import { describeEachEngine } from "../support/store.ts";
import { insertOne, NOW } from "./builders.ts";
import { foreignProgram } from "./foreign.ts";

const ALL = { after: null, upTo: null, limit: 100 } as const;

describeEachEngine("links in order", (open, { engine, empty, openAt }) => {
  test("come by HubSpot's number, not by its text, within one object", async () => {
    const store = await open();
    await linked(store, ["100", "9", "99999999999999999999", "10", "20"]);
    await store.links.put([{ object: "customers", local_id: 1, hubspot_id: "11" }], NOW);

    expect(await ids(store, ALL)).toEqual(["9", "10", "20", "100", "99999999999999999999"]);
    expect(await ids(store, { ...ALL, after: "9", upTo: "100" })).toEqual(["10", "20", "100"]);
    expect(await ids(store, { ...ALL, after: "15", limit: 1 })).toEqual(["20"]);
    expect(await ids(store, { ...ALL, upTo: "8" })).toEqual([]);
  });

  test("pages of any size cover every link once", async () => {
    const store = await open();
    const numbers = fc.sample(fc.bigInt({ min: 1n, max: 10n ** 13n }), { seed: 7, numRuns: 120 });
    const all = [...new Set(numbers.map(String))];
    await linked(store, all);

    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await ids(store, { after, upTo: null, limit: 7 });
      seen.push(...page);
      if (page.length < 7) break;
      after = page.at(-1) ?? null;
    }

    expect(seen).toEqual(all.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
  });

  test.runIf(engine === "sqlite")(
    "are sought in their index, at both ends and unsorted",
    async () => {
      const url = await empty();
      await openAt(url);
      const other = await foreignProgram(url);

      const plan =
        await other.rows(`explain query plan select object, local_id, hubspot_id from links
      where object = 'contacts' and ${hubspotNumber} > '100' and ${hubspotNumber} <= '1000'
      order by ${hubspotNumber} limit 9`);

      const said = plan.map((row) => row["detail"]).join("; ");
      expect(said).toContain("links_by_number");
      expect(said).toMatch(/>.*<|<.*>/u);
      expect(said).not.toContain("TEMP B-TREE");
    },
  );

  test.runIf(engine === "postgres")("are sought in their index among many", async () => {
    const url = await empty();
    const store = await openAt(url);
    const other = await foreignProgram(url);
    await linked(
      store,
      Array.from({ length: 3_000 }, (_, i) => String(i + 1)),
    );
    await other.run("analyze links");

    const plan = await other.rows(`explain select object, local_id, hubspot_id from links
      where object = 'contacts' and ${hubspotNumber} > '${"0".repeat(16)}2000'
      order by ${hubspotNumber} limit 9`);

    const said = plan.map((row) => row["QUERY PLAN"]).join("; ");
    expect(said).toContain("links_by_number");
    expect(said).not.toContain("Sort");
  });
});

describeEachEngine("records without a link", (open, { empty, openAt }) => {
  test("are found behind any number of ids that are linked or gone", async () => {
    const url = await empty();
    const store = await openAt(url);
    const other = await foreignProgram(url);
    const rows = [1, 20_001, 40_000, 40_001, 95_000].map(
      (id) => `(${id}, 'B-${id}', '${NOW}', '${NOW}')`,
    );
    await other.run(
      `insert into customers (id, ban, created_at, updated_at) ${url.startsWith("postgres") ? "overriding system value" : ""} values ${rows.join()}`,
    );
    await store.links.put([{ object: "customers", local_id: 40_000, hubspot_id: "1" }], NOW);

    const all = await store.links.unlinked("customers", { afterId: 0, limit: 9 });
    const some = await store.links.unlinked("customers", { afterId: 1, limit: 2 });

    expect(all).toEqual([1, 20_001, 40_001, 95_000]);
    expect(some).toEqual([20_001, 40_001]);
  });

  test("are told by id, in pages, for contacts and customers apart", async () => {
    const store = await open();
    const people: number[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      people.push(await insertOne(store, { email: `${name}@example.com` }));
    }
    const [a = 0, b = 0, c = 0, d = 0] = people;
    await store.links.put([{ object: "contacts", local_id: b, hubspot_id: "1" }], NOW);
    await store.links.put([{ object: "customers", local_id: c, hubspot_id: "2" }], NOW);
    await store.by("sync").customers.upsert([{ ban: "B-1" }], NOW);

    const first = await store.links.unlinked("contacts", { afterId: 0, limit: 2 });
    const rest = await store.links.unlinked("contacts", { afterId: c, limit: 2 });

    expect([first, rest]).toEqual([[a, c], [d]]);
    expect(await store.links.unlinked("customers", { afterId: 0, limit: 9 })).toEqual([1]);
    expect(await store.links.unlinked("customers", { afterId: 1, limit: 9 })).toEqual([]);
  });
});

async function linked(store: Store, hubspotIds: readonly string[]): Promise<void> {
  await store.links.put(
    hubspotIds.map((hubspot_id, i) => ({ object: "contacts", local_id: i + 1, hubspot_id })),
    NOW,
  );
}

async function ids(
  store: Store,
  range: Parameters<Store["links"]["between"]>[1],
): Promise<readonly string[]> {
  return (await store.links.between("contacts", range)).map((link) => link.hubspot_id);
}
