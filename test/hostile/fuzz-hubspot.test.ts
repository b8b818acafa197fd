/** A HubSpot that lies: whatever it answers, nothing is taken for deleted, empty or done that is not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HubspotCrm } from "../../mcp-server/src/hubspot/hubspot-crm.ts";
import { fuzz, orOwnError, testTimeout } from "./fuzz-rounds.ts";
import { brokenAnswers } from "./hostile-host.ts";
import { lyingHubspot, recordsBy } from "./hubspot-rig.ts";
import { expectNoLeak, expectOwnError, watchForAccidents } from "./laws.ts";

watchForAccidents();
const lying = await lyingHubspot();
const { host, crm } = lying;

const manners = fc.array(brokenAnswers, { minLength: 1, maxLength: 4 });
const ID = /^\d{1,20}$/;

describe("a HubSpot that lies", () => {
  test(
    "never makes a record that it did not call gone a missing one",
    async () => {
      await fuzz(
        manners,
        async (lies) => {
          host.answer(lies);
          const { ids } = lying;
          const asked = { ids, properties: ["email", "firstname"] };
          const read = await orOwnError(crm().read("contacts", asked), "read");
          if (read === null) return;
          expect(read.missing).toEqual([]);
          for (const { id } of read.found) expect(id).toMatch(ID);
          expectNoLeak(JSON.stringify([...read.merged]));
        },
        { runs: 60 },
      );
    },
    testTimeout,
  );

  test(
    "gets one outcome for each row that is written, and none twice",
    async () => {
      await fuzz(
        fc.record({ lies: manners, action: fc.constantFrom("update", "upsert", "create") }),
        async ({ lies, action }) => {
          host.answer(lies);
          const rows = lying.ids.slice(0, 3).map((id, n) => ({
            ref: `r${n}`,
            id: action === "upsert" ? `c${n}@example.com` : id,
            properties: { firstname: `New ${n}` },
            associations: [],
          }));
          const done = await orOwnError(written(crm(), action, rows), action);
          if (done === null) return;
          expect(done.map(({ ref }) => ref).sort()).toEqual(["r0", "r1", "r2"]);
          for (const outcome of done) {
            if (outcome.kind === "unknown" || outcome.kind === "failed")
              expectOwnError(outcome.error);
            if (outcome.kind === "rejected") expectNoLeak(outcome.message + outcome.code);
            if (outcome.kind === "written") expect(outcome.record.id).toMatch(ID);
          }
        },
        { runs: 60 },
      );
    },
    testTimeout,
  );

  test(
    "gives records of the right form when it lists or searches, or no answer",
    async () => {
      await fuzz(
        fc.record({ lies: manners, how: fc.constantFrom("list", "search", "find") }),
        async ({ lies, how }) => {
          host.answer(lies);
          const found = await orOwnError(recordsBy(crm(), how), how);
          for (const { id } of found ?? []) expect(id).toMatch(ID);
        },
        { runs: 60 },
      );
    },
    testTimeout,
  );

  test(
    "leaves associations, times and definitions either true to their form or unanswered",
    async () => {
      await fuzz(
        fc.record({
          lies: manners,
          how: fc.constantFrom("associated", "times", "properties", "account"),
        }),
        async ({ lies, how }) => {
          host.answer(lies);
          const client = crm();
          const { ids } = lying;
          if (how === "associated") {
            const found = await orOwnError(client.associated("contacts", "companies", ids), how);
            for (const list of found?.values() ?? []) for (const id of list) expect(id).toMatch(ID);
          } else if (how === "times") {
            const ask = { ids, properties: ["firstname"] };
            const times = await orOwnError(client.propertyTimes("contacts", ask), how);
            for (const stated of [...(times?.values() ?? [])].flatMap((one) => Object.values(one)))
              expect(new Date(stated.at).toISOString()).toBe(stated.at);
          } else if (how === "properties") {
            const definitions = await orOwnError(client.properties("contacts"), how);
            expect(definitions).not.toEqual([]);
          } else {
            const account = await orOwnError(client.account(), how);
            if (account !== null) expect(Number.isSafeInteger(account.portalId)).toBe(true);
          }
        },
        { runs: 60 },
      );
    },
    testTimeout,
  );

  test(
    "never has it that there is nothing, when what came was no answer at all",
    async () => {
      // An empty page in its right form is one: nobody can tell that it is a lie.
      const noAnswer = brokenAnswers.filter(
        (lie) => lie.kind !== "spoil" && !(lie.kind === "bytes" && isPage(lie.body)),
      );
      await fuzz(
        fc.record({ lie: noAnswer, how: fc.constantFrom("list", "search", "find") }),
        async ({ lie, how }) => {
          host.answer(() => lie);
          expect(await orOwnError(recordsBy(crm(), how), how)).toBeNull();
        },
        { runs: 40 },
      );
    },
    testTimeout,
  );

  test("serves well as soon as it tells the truth again", async () => {
    const client = crm();
    host.answer([{ kind: "bytes", status: 200, body: Buffer.from("<html>"), headers: {} }]);
    await orOwnError(client.account(), "account");

    const read = await client.read("contacts", { ids: lying.ids, properties: ["email"] });

    expect(read.found).toHaveLength(5);
  });
});

type Outcomes = ReturnType<HubspotCrm["update"]>;
type Row = Parameters<HubspotCrm["create"]>[1][number] &
  Parameters<HubspotCrm["update"]>[1][number];

function written(client: HubspotCrm, action: string, rows: readonly Row[]): Outcomes {
  if (action === "update") return client.update("contacts", rows);
  return action === "upsert"
    ? client.upsert("contacts", "email", rows)
    : client.create("contacts", rows);
}

function isPage(body: Buffer): boolean {
  return body.toString().startsWith('{"results":[]');
}
