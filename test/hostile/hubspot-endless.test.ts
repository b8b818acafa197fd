/** Answers of HubSpot that never end, lead elsewhere, or ask for patience without end. */
import { describe, expect, test } from "vitest";
import { inTime, orOwnError } from "./fuzz-rounds.ts";
import { lyingHubspot, pageOf, recordOf, recordsBy } from "./hubspot-rig.ts";
import { canaries, watchForAccidents } from "./laws.ts";

watchForAccidents();
const lying = await lyingHubspot();
const { host, crm } = lying;

describe("an answer that has no end", () => {
  test("is given up after a bounded number of bytes", async () => {
    host.answer(() => ({ kind: "flood" }));

    const read = await orOwnError(crm({ timeoutMs: 20_000 }).account(), "a flood");

    expect(read).toBeNull();
    expect(host.flooded).toBeLessThan(600_000_000);
  }, 90_000);

  test("is given up at its deadline when it drips", async () => {
    host.answer(() => ({ kind: "drip" }));

    const read = await orOwnError(crm({ timeoutMs: 500 }).account(), "drip");

    expect(read).toBeNull();
  });

  test.each([
    ["the same page again and again", () => "7"],
    ["two pages in turn", (asked: number) => String(7 + (asked % 2))],
    ["ever new places with the same records", (asked: number) => String(asked + 1)],
  ])("is noticed in a list that gives %s", async (_, after) => {
    host.answer((_path, asked) =>
      pageOf({ results: [recordOf("1")], paging: { next: { after: after(asked) } } }),
    );

    await expect(recordsBy(crm(), "list")).rejects.toMatchObject({ kind: "unavailable" });

    expect(host.asked).toBeLessThan(200);
  });

  test("is noticed in a list of empty pages", async () => {
    host.answer((_path, asked) =>
      pageOf({ results: [], paging: { next: { after: String(asked + 1) } } }),
    );

    await expect(recordsBy(crm(), "list")).rejects.toMatchObject({ kind: "unavailable" });

    expect(host.asked).toBeLessThan(200);
  });

  test("is noticed in associations that go on for ever", async () => {
    const [id = ""] = lying.ids;
    host.answer((_path, asked) =>
      pageOf({
        results: [
          { from: { id }, to: [{ toObjectId: 5 }], paging: { next: { after: String(asked + 1) } } },
        ],
      }),
    );

    const found = crm().associated("contacts", "companies", [id]);

    await expect(inTime(found, "associations")).rejects.toMatchObject({ kind: "unavailable" });
    expect(host.asked).toBeLessThan(300);
  });

  test.each([-1, 0, 1])(
    "is read to its end although its search claims %i results in all",
    async (total) => {
      // The first page is full, so that there may be more whatever the total says.
      const full = Array.from({ length: 200 }, (_, n) => recordOf(String(n + 1)));
      host.answer((_path, asked) =>
        pageOf(
          asked === 0
            ? { total, results: full }
            : { total: 1, results: asked === 1 ? [recordOf("201")] : [] },
        ),
      );

      const found = await orOwnError(recordsBy(crm(), "search"), "search");

      if (found !== null) expect(found).toHaveLength(201);
    },
  );
});

describe("a redirect", () => {
  // HubSpot's client library follows redirects, so a 307 takes the body along: from HubSpot itself, over TLS, it is to be borne.
  test("carries no token to another place, and what comes from there is no answer", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      host.answer(() => ({ kind: "redirect", to: "elsewhere", status }));
      const outcomes = await orOwnError(
        crm().upsert("contacts", "email", [
          { ref: "a", id: "ada@example.com", properties: { firstname: "Ada" } },
        ]),
        "redirected",
      );
      expect(host.elsewhere).not.toEqual([]);
      expect(JSON.stringify(host.elsewhere)).not.toContain(canaries.hubspotToken);
      expect((outcomes ?? []).map(({ kind }) => kind)).not.toContain("written");
    }
  });

  test("that leads elsewhere answers no read", async () => {
    host.answer(() => ({ kind: "redirect", to: "elsewhere", status: 302 }));

    expect(await orOwnError(recordsBy(crm(), "list"), "list")).toBeNull();
    expect(await orOwnError(crm().account(), "account")).toBeNull();
  });
});

describe("a refusal that asks for patience without end", () => {
  test.each(["99999999999999999999", "1e12", "86400", "Fri, 31 Dec 9999 23:59:59 GMT", "-1"])(
    "holds up nobody for longer than the account's limits last: Retry-After %s",
    async (wait) => {
      const client = crm();
      host.answer([
        { kind: "bytes", status: 429, body: Buffer.from("{}"), headers: { "retry-after": wait } },
      ]);
      await orOwnError(client.account(), "refused");

      const started = lying.now();
      const account = await orOwnError(client.account(), "after the refusal");

      expect(account).not.toBeNull();
      expect(lying.now() - started).toBeLessThan(24 * 3_600_000);
    },
  );
});
