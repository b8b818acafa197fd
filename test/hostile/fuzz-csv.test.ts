/** Files that call themselves CSV: each is read, row by row, or refused in words that say the mend. */
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvFolder, type ReadCsv } from "../sources/csv-folder.ts";
import { csvCorpus } from "./csv-corpus.ts";
import { fuzz, inTime, testTimeout } from "./fuzz-rounds.ts";
import { expectOwnError, watchForAccidents } from "./laws.ts";
import { nastyText } from "./nasty.ts";

watchForAccidents();

type Folder = Awaited<ReturnType<typeof csvFolder>>;

/** What came of a file: its rows, or the code of its refusal. */
async function outcome(reading: Promise<ReadCsv>): Promise<ReadCsv | string> {
  try {
    return await inTime(reading, "reading a file", 60_000);
  } catch (thrown) {
    expectOwnError(thrown);
    expect(thrown.kind).toBe("input");
    return thrown.code;
  }
}

/** Each row that was counted came out, in order, as a record or with the reason why not. */
function expectAllRows({ rows, description }: ReadCsv): void {
  expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1));
  for (const row of rows) {
    if (row.kind === "rejected") expect(row.rejection.message.length).toBeGreaterThan(10);
    else expect(row.kind).toBe("record");
  }
  expect(Object.getPrototypeOf(description.mapped)).toBe(Object.prototype);
}

describe("a file that is not what its name says", () => {
  test.each(csvCorpus)(
    "$name",
    async ({ bytes, refused }) => {
      const folder = await csvFolder();

      const end = await outcome(folder.read(bytes()));

      if (typeof end === "string") expect(refused).toContain(end);
      else {
        expect(refused).toEqual([]);
        expectAllRows(end);
        expect(end.rows).not.toEqual([]);
      }
    },
    testTimeout,
  );

  test(
    "made of random cells, delimiters and quotes",
    async () => {
      const folder = await csvFolder();
      const cell = fc.oneof(nastyText, fc.emailAddress(), fc.constant("email"), fc.constant('"'));
      const text = fc
        .record({
          cells: fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 5 }),
          delimiter: fc.constantFrom(",", ";", "\t", "|", "\0", "sep=;"),
          end: fc.constantFrom("\n", "\r\n", "\r", "\n\n", ""),
          start: fc.constantFrom("email,name\n", "", "\uFEFFemail;x\n", "sep=|\nemail|x\n"),
        })
        .map(
          ({ cells, delimiter, end, start }) =>
            start + cells.map((row) => row.join(delimiter)).join(end),
        );
      await fuzz(
        text,
        async (content) => {
          const end = await outcome(folder.read(content));
          if (typeof end !== "string") expectAllRows(end);
        },
        { runs: 25, shortMs: 4_000 },
      );
    },
    testTimeout,
  );

  test(
    "made of random bytes",
    async () => {
      const folder = await csvFolder();
      const spoilt = fc
        .record({ at: fc.nat(60), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) })
        .map(({ at, bytes }) => {
          const good = Buffer.from("email,first_name,company\nada@example.com,Ada,Acme\n");
          return Buffer.concat([good.subarray(0, at), bytes, good.subarray(at + 1)]);
        });
      await fuzz(
        spoilt,
        async (content) => {
          const end = await outcome(folder.read(content));
          if (typeof end !== "string") expectAllRows(end);
        },
        { runs: 25, shortMs: 4_000 },
      );
    },
    testTimeout,
  );
});

describe("a path that leads to no file of contacts", () => {
  const open = (folder: Folder, path: string) =>
    folder.open({ source: "csv", path }, { checkpoint: null, signal: AbortSignal.timeout(20_000) });

  test("does not hang on pipes, devices and folders", async () => {
    const folder = await csvFolder();
    await mkdir(join(folder.folder, "sub.csv"));
    execFileSync("mkfifo", [join(folder.folder, "pipe.csv")]);
    await symlink("/dev/zero", join(folder.folder, "zero.csv"));
    await symlink("loop.csv", join(folder.folder, "loop.csv"));
    const names = [
      "sub.csv",
      "pipe.csv",
      "zero.csv",
      "loop.csv",
      "none.csv",
      ".",
      "..",
      "pipe.csv/x",
    ];

    for (const name of [...names, "/dev/stdin", "/dev/zero", "/proc/self/environ", "/dev/fd/0"]) {
      const path = name.startsWith("/") ? name : join(folder.folder, name);
      const thrown = await inTime(open(folder, path), name).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ kind: "input", code: expect.stringMatching(/^[A-Z_]+$/) });
    }
  });

  test(
    "is refused in our own words, whatever text it is",
    async () => {
      const folder = await csvFolder();
      await fuzz(
        fc.oneof(
          nastyText,
          fc.constantFrom("/".repeat(5_000), "../".repeat(2_000), "a".repeat(4_096)),
        ),
        async (path) => {
          const thrown = await inTime(open(folder, path), path).catch((error: unknown) => error);
          expect(thrown).toMatchObject({ kind: "input" });
        },
        { runs: 60 },
      );
    },
    testTimeout,
  );
});

describe("a file that changes while it is read", () => {
  const rows = (from: number, count: number): string =>
    Array.from({ length: count }, (_, n) => `c${from + n}@example.com,F,A\n`).join("");

  /** Opens a file of 20,000 rows and lets the test touch it before the rest is read. */
  async function readAround(touch: (path: string) => Promise<void>) {
    const folder = await csvFolder();
    const path = await folder.write(`email,first_name,company\n${rows(0, 20_000)}`);
    const source = await folder.open(
      { source: "csv", path },
      { checkpoint: null, signal: AbortSignal.timeout(60_000) },
    );
    await touch(path);
    let read = 0;
    const reading = (async () => {
      for await (const batch of source.batches()) read += batch.rows.length;
    })();
    const failure = await inTime(reading, "a changing file", 60_000).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return { read, failure };
  }

  test("is read no further than it was long, and not taken for whole, when it grew", async () => {
    const { read, failure } = await readAround(async (path) => {
      await appendFile(path, rows(20_000, 30_000));
    });

    expect(failure).toMatchObject({ kind: "input", code: "FILE_CHANGED" });
    expect(read).toBeLessThanOrEqual(20_000);
  }, 90_000);

  test("is not taken for whole when it was cut short", async () => {
    const { failure } = await readAround((path) => truncate(path, 400_000));

    expect(failure).toMatchObject({ kind: "input", code: "FILE_CHANGED" });
  }, 90_000);
});
