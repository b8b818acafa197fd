import fc from "fast-check";
import { expect, test } from "vitest";
import { tempStore } from "../support/store.ts";
import { importRig } from "./import-rig.ts";

const cell = fc.constantFrom(
  "",
  "",
  "A",
  "b",
  "Ünïcode",
  "N/A",
  "+49 30 1234567",
  "yes",
  "x.com",
  'say "hi"',
  "a,b\nc",
);
const email = fc.constantFrom(
  "ada@acme.com",
  "ADA@acme.com",
  "bob@gmail.com",
  "cy@cy.io",
  "",
  "bad",
  "di@di.co.uk",
);
const columns = [
  "Email",
  "First Name",
  "Company",
  "Domain",
  "Phone",
  "Mobile",
  "Unsubscribed",
  "Notes",
  "Name",
];

const row = fc.tuple(email, ...columns.slice(1).map(() => cell));
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const toCsv = (rows: readonly (readonly string[])[]) =>
  [columns, ...rows].map((cells) => cells.map(quoted).join(",")).join("\n");

test("any file imported twice changes nothing the second time, and every row has one outcome", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 25 }), async (rows) => {
      const store = await tempStore();
      try {
        const rig = await importRig(store);
        const path = await rig.file(toCsv(rows));

        const first = await rig.import({ source: "csv", path });
        const before = await rig.all();
        rig.clock.advance(1_000);
        const second = await rig.import({ source: "csv", path });

        expect(await rig.all()).toEqual(before);
        expect(second.counts).toMatchObject({ created: 0, updated: 0 });
        for (const { counts = {} } of [first, second]) {
          const { created = 0, updated = 0, unchanged = 0, rejected = 0 } = counts;
          expect(created + updated + unchanged + rejected).toBe(rows.filter(isNotBlank).length);
        }
      } finally {
        await store.close();
      }
    }),
    { numRuns: 12 },
  );
}, 60_000);

function isNotBlank(cells: readonly string[]): boolean {
  return cells.some((text) => text.trim() !== "");
}
