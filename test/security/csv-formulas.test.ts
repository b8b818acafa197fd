/** Rejected rows as a file: harmless in a spreadsheet, and the very same values once it is imported again. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { expect, onTestFinished, test } from "vitest";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";
import { openDoors, openServices } from "../doors/stack.ts";
import { testFolder } from "../support/folder.ts";

const values = [
  "=cmd|'/C calc'!A1",
  "+1 (415) 555-2671",
  "-2+3",
  "@SUM(A1:A9)",
  "\t=1",
  "\r=1",
  ' "=1"',
  "'=was quoted already",
  "＝1+1",
  "first;=second",
  "line\n=line",
  "O'Brien; Sons",
  "plain",
];

/** The file that the door hands out for rejected rows with the given values. */
async function exported(rows: readonly Readonly<Record<string, string>>[]): Promise<string> {
  const services = await openServices();
  onTestFinished(() => services.close());
  const { job } = await services.services.jobs.start("import", { source: "csv", path: "x.csv" });
  await services.services.jobs.wait(job.job_id, 10_000);
  const rejection = { code: "NO_EMAIL", field: "email", message: "No e-mail." } as const;
  await services.store.rejects.add(
    job.job_id,
    rows.map((raw, index) => ({ row: index + 1, raw, rejection })),
    "2026-11-21T09:00:00.000Z",
  );
  const doors = await openDoors(services);
  onTestFinished(() => doors.close());
  const answer = await fetch(`${doors.http.url}/api/jobs/${job.job_id}/rejects.csv`);
  expect(answer.headers.get("content-disposition")).toContain("attachment");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  return await answer.text();
}

test("no cell of the file begins like a formula, names of columns included", async () => {
  const file = await exported(values.map((value) => ({ "=Mail": "", "Job Title": value })));

  const cells: string[][] = parse(file);
  expect(cells.length).toBe(values.length + 1);
  expect(cells.flat().filter((cell) => /^[\s"]*[=+\-@＝＋－＠]/.test(cell))).toEqual([]);
});

test("importing the mended file gives the values as they were, and none of our own columns", async () => {
  const file = await exported(
    values.map((value, n) => ({ email: `p${n}@acme.com`, "=Note": value, Column: "kept" })),
  );
  const folder = await testFolder();
  await writeFile(join(folder.path, "rejects.csv"), file);

  const opened = await createCsvSource({ roots: [folder.path] })(
    { source: "csv", path: "rejects.csv" },
    { checkpoint: null, signal: new AbortController().signal },
  );
  const rows = [];
  for await (const batch of opened.batches()) rows.push(...batch.rows);

  expect(opened.description.unknown).toEqual(["=Note", "Column"]);
  const notes = rows.map((row) => row.kind === "record" && row.fields.custom?.["=Note"]);
  expect(notes).toEqual(values.map((value) => value.replaceAll(/\s+/g, " ").trim()));
});

test("a quote that somebody else put before a value stays", async () => {
  const folder = await testFolder();
  await folder.write("a.csv", "email,note\nada@acme.com,'=1\n");

  const opened = await createCsvSource({ roots: [folder.path] })(
    { source: "csv", path: "a.csv" },
    { checkpoint: null, signal: new AbortController().signal },
  );
  const rows = [];
  for await (const batch of opened.batches()) rows.push(...batch.rows);

  expect(rows[0]).toMatchObject({ kind: "record", fields: { custom: { note: "'=1" } } });
});
