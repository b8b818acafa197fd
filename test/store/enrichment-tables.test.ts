/** Companies, cached answers and rejected rows, on both engines alike. */
import { expect, test } from "vitest";
import { firmographics } from "../support/build.ts";
import { describeEachEngine } from "../support/store.ts";
import { LATER, MUCH_LATER, NOW } from "./builders.ts";

const acmeFigures = firmographics({
  country: "DE",
  industry: "software",
  employees_range: "11-50",
  technologies: ["sql"],
});

describeEachEngine("companies", (open) => {
  const noEnd = { merged_into: null, hubspot_deleted_id: null };
  const acme = {
    domain: "acme.example",
    name: "Acme",
    firmographics: acmeFigures,
    summary: "What it does.",
  };

  test("are one a domain; what a later writer does not know stays", async () => {
    const store = await open();
    const [first] = await store.companies.upsert([acme], NOW);

    const again = await store.companies.upsert(
      [
        { domain: "ACME.example", name: "Acme GmbH", firmographics: null, summary: null },
        { domain: "other.example", name: null, firmographics: null, summary: null },
      ],
      LATER,
    );

    expect(again).toHaveLength(2);
    expect(await store.companies.findByDomains(["acme.example", "none.example"])).toEqual([
      { ...acme, ...noEnd, id: first?.id, name: "Acme GmbH", updated_at: LATER },
    ]);
  });

  test("a domain that comes twice in a call is joined", async () => {
    const store = await open();

    const stored = await store.companies.upsert(
      [
        { ...acme, summary: null },
        { ...acme, name: null, firmographics: null },
      ],
      NOW,
    );

    expect(stored).toEqual([{ ...acme, ...noEnd, id: expect.any(Number), updated_at: NOW }]);
  });

  test("remember what became of them until they have a link again, and follow further merges", async () => {
    const store = await open();
    const names = ["a.example", "b.example", "c.example"];
    const rows = await store.companies.upsert(
      names.map((domain) => ({ ...acme, domain })),
      NOW,
    );
    const idOf = (name: string) => rows.find(({ domain }) => domain === name)?.id ?? 0;
    const [a, b, c] = [idOf("a.example"), idOf("b.example"), idOf("c.example")];

    await store.companies.keepEnds([{ id: a, merged_into: b, hubspot_deleted_id: null }]);
    await store.companies.keepEnds([{ id: b, merged_into: c, hubspot_deleted_id: null }]);
    await store.companies.keepEnds([{ id: c, merged_into: null, hubspot_deleted_id: "77" }]);

    const ends = await store.companies.findByIds([a, b, c]);
    expect(new Map(ends.map(({ id, merged_into }) => [id, merged_into]))).toEqual(
      new Map([
        [a, c],
        [b, c],
        [c, null],
      ]),
    );
    const deleted = await store.companies.findByDeletedIds(["77", "78"]);
    expect(deleted.map(({ id }) => id)).toEqual([c]);
    expect((await store.companies.forgetEnds([c])).map(({ id }) => id)).toEqual([c]);
    expect(await store.companies.forgetEnds([c])).toEqual([]);
    expect(await store.companies.findByDeletedIds(["77"])).toEqual([]);
  });
});

describeEachEngine("cached answers", (open) => {
  const times = { now: NOW, expires_at: LATER };

  test("are found until they expire, negative ones too", async () => {
    const store = await open();
    await store.cache.put(
      "company",
      [
        { key: "acme.example", data: { a: [1, "ü"] } },
        { key: "none.example", data: null },
      ],
      times,
    );

    const found = await store.cache.get("company", ["acme.example", "none.example", "x"], NOW);

    expect([...found].toSorted()).toEqual([
      ["acme.example", { key: "acme.example", data: { a: [1, "ü"] }, cached_at: NOW }],
      ["none.example", { key: "none.example", data: null, cached_at: NOW }],
    ]);
    expect((await store.cache.get("company", ["acme.example"], LATER)).size).toBe(0);
    expect((await store.cache.get("contact", ["acme.example"], NOW)).size).toBe(0);
  });

  test("a newer answer replaces the older, also within one call", async () => {
    const store = await open();
    await store.cache.put("company", [{ key: "k", data: 1 }], times);

    await store.cache.put(
      "company",
      [
        { key: "k", data: 2 },
        { key: "k", data: 3 },
      ],
      { now: LATER, expires_at: MUCH_LATER },
    );

    expect((await store.cache.get("company", ["k"], LATER)).get("k")).toEqual({
      key: "k",
      data: 3,
      cached_at: LATER,
    });
  });
});

describeEachEngine("rejected rows", (open) => {
  const reject = (row: number) => ({
    row,
    raw: { email: "not an address\u0000\n", 'na"me': "🌍" },
    rejection: { code: "INVALID_EMAIL", message: "Correct the e-mail.", field: "email" } as const,
  });

  test("are listed by row in pieces, whole, with their reason", async () => {
    const store = await open();
    await store.rejects.add("job_1", [reject(9), reject(2), reject(5)], NOW);
    await store.rejects.add("job_2", [reject(3)], NOW);

    const first = await store.rejects.list("job_1", 0, 2);

    expect(first.map((kept) => kept.row)).toEqual([2, 5]);
    expect(first[0]).toEqual({
      id: expect.any(Number),
      job_id: "job_1",
      row: 2,
      raw: reject(2).raw,
      code: "INVALID_EMAIL",
      message: "Correct the e-mail.",
      field: "email",
      created_at: NOW,
    });
    expect((await store.rejects.list("job_1", 5, 2)).map((kept) => kept.row)).toEqual([9]);
  });

  test("a row that is added again after a crash is kept once", async () => {
    const store = await open();

    await store.rejects.add("job_1", [reject(2)], NOW);
    await store.rejects.add("job_1", [reject(2), reject(3)], LATER);

    expect((await store.rejects.list("job_1", 0, 10)).map((kept) => kept.row)).toEqual([2, 3]);
  });
});
