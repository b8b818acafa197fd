import { copyFile, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sampleContacts } from "../../mcp-server/bench/sample-contacts.ts";
import { tempStore } from "../support/store.ts";
import { importRig } from "./import-rig.ts";

const SAMPLE = new URL("../../data/samples/contacts.csv", import.meta.url);

test("the sample file is what its generator writes", async () => {
  expect(await readFile(SAMPLE, "utf8")).toBe(sampleContacts());
});

test("the sample file has every kind of mess, and each row one outcome", async () => {
  const store = await tempStore();
  const rig = await importRig(store);
  const path = await rig.file("");
  await copyFile(SAMPLE, path);

  const { counts = {}, errors = [], notes = [] } = await rig.import({ source: "csv", path });

  const { created = 0, updated = 0, unchanged = 0, rejected = 0, duplicates = 0 } = counts;
  expect(created + updated + unchanged + rejected).toBeGreaterThanOrEqual(600);
  expect(created).toBeGreaterThan(550);
  expect(updated).toBeGreaterThan(5);
  expect(unchanged).toBeGreaterThan(20);
  expect(updated + unchanged).toBe(duplicates);
  expect(errors.map(({ code }) => code).toSorted()).toEqual([
    "INVALID_EMAIL",
    "MALFORMED_ROW",
    "NO_EMAIL",
  ]);
  expect(notes.join("\n")).toMatch(/"Lead Score", "Notes"[\s\S]*phone value\(s\)/);
  const contacts = await rig.all();
  expect(contacts.filter(({ unsubscribed }) => unsubscribed).length).toBeGreaterThan(3);
  expect(contacts.filter(({ phone }) => phone?.startsWith("+")).length).toBeGreaterThan(300);
  expect(contacts.find(({ email }) => email.startsWith("bobby."))?.website).toBeNull();

  const again = await rig.import({ source: "csv", path });
  expect(again.counts).toMatchObject({ created: 0, updated: 0 });
  await store.close();
});
