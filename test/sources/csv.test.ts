import { describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { ImportRow } from "../../mcp-server/src/core/import-row.ts";
import { csvFolder } from "./csv-folder.ts";

const emails = (rows: readonly ImportRow[]) =>
  rows.map((row) => {
    if (row.kind === "record") return row.fields.email;
    return row.kind === "rejected" ? row.rejection.code : row.fields.ban;
  });

async function failure(content: string | Uint8Array): Promise<AppError> {
  const thrown = await (await csvFolder()).read(content).catch((error: unknown) => error);
  if (thrown instanceof AppError) return thrown;
  throw new Error("the file was read");
}

test("reads rows, maps columns, and says what it did with them and since when they hold", async () => {
  const { description, rows } = await (await csvFolder()).read(
    "E-Mail,First Name,Lead Score\nada@acme.com,ada,7\nbob@acme.com,,\n",
  );

  expect(description).toEqual({
    mapped: { "E-Mail": "email", "First Name": "first_name" },
    unknown: ["Lead Score"],
    saidAt: "2026-11-01T10:00:00.000Z",
    resumed: true,
  });
  expect(rows).toMatchObject([
    {
      row: 1,
      duplicate: false,
      fields: { email: "ada@acme.com", first_name: "Ada", custom: { "Lead Score": "7" } },
    },
    { row: 2, duplicate: false, fields: { email: "bob@acme.com", first_name: null, custom: null } },
  ]);
});

describe("reads what spreadsheet programs write", () => {
  const row = { kind: "record", fields: { email: "ada@acme.com", company: "Acme", city: "Köln" } };

  test.each([
    ["commas", "email,company,city\nada@acme.com,Acme,Köln\n"],
    ["semicolons", "email;company;city\nada@acme.com;Acme;Köln\n"],
    ["tabs", "email\tcompany\tcity\nada@acme.com\tAcme\tKöln\n"],
    ["a byte order mark", "\uFEFFemail,company,city\nada@acme.com,Acme,Köln\n"],
    ["Windows line ends", "email,company,city\r\nada@acme.com,Acme,Köln\r\n"],
    ["old Mac line ends", "email,company,city\rada@acme.com,Acme,Köln\r"],
    ["quotes", '"email","company","city"\n"ada@acme.com","Acme","Köln"\n'],
    ["a delimiter line", "\uFEFFsep=;\r\nemail;company;city\r\nada@acme.com;Acme;Köln\r\n"],
    ["no line end at the end", "email,company,city\nada@acme.com,Acme,Köln"],
    ["blank lines and empty rows", "\nemail,company,city\n\n,,\nada@acme.com,Acme,Köln\n,,\n\n"],
    [
      "a delimiter in a quoted header",
      '"email","company","city","a, b; c; d; e; f"\nada@acme.com,Acme,Köln,\n',
    ],
    ["extra empty cells", "email,company,city\nada@acme.com,Acme,Köln,,\n"],
  ])("with %s", async (_, content) => {
    expect((await (await csvFolder()).read(content)).rows).toMatchObject([row]);
  });

  test("with line breaks, quotes and delimiters inside quoted values", async () => {
    const { rows } = await (await csvFolder()).read(
      'email,company\nada@acme.com,"Acme, ""Inc""\nBerlin"\nbob@acme.com,X\n',
    );

    expect(rows).toMatchObject([{ row: 1, fields: { company: 'Acme, "Inc" Berlin' } }, { row: 2 }]);
  });

  test("with a quote inside a value that is not quoted", async () => {
    const { rows } = await (await csvFolder()).read('email,company\nada@acme.com,The 5" Pipe\n');

    expect(rows).toMatchObject([{ fields: { company: 'The 5" Pipe' } }]);
  });
});

test("flags repetitions within the file without regard to case", async () => {
  const { rows } = await (await csvFolder()).read(
    "email\nada@acme.com\nADA@acme.com\nbob@acme.com\n Ada@Acme.com\n",
  );

  expect(rows).toMatchObject([
    { duplicate: false },
    { duplicate: true },
    { duplicate: false },
    { duplicate: true },
  ]);
});

test("a rejected row does not make a later good one a repetition", async () => {
  const { rows } = await (await csvFolder()).read(
    "email,city\nada@acme.com\nada@acme.com,Berlin\n",
  );

  expect(rows).toMatchObject([{ kind: "rejected" }, { kind: "record", duplicate: false }]);
});

describe("rejects rows, whole and with their reason", () => {
  test("without or with a bad e-mail", async () => {
    const { rows } = await (await csvFolder()).read("email,city\n,Rome\nnot-an-email,Oslo\n");

    expect(rows).toEqual([
      {
        kind: "rejected",
        row: 1,
        raw: { email: "", city: "Rome" },
        rejection: expect.objectContaining({ code: "NO_EMAIL" }),
      },
      {
        kind: "rejected",
        row: 2,
        raw: { email: "not-an-email", city: "Oslo" },
        rejection: expect.objectContaining({ code: "INVALID_EMAIL" }),
      },
    ]);
  });

  test("with too few or too many values", async () => {
    const { rows } = await (await csvFolder()).read(
      "email,city\nada@acme.com\nbob@acme.com,Oslo,extra\ncy@acme.com,Rome\n",
    );

    expect(emails(rows)).toEqual(["MALFORMED_ROW", "MALFORMED_ROW", "cy@acme.com"]);
    expect(rows.find((row) => row.row === 2)).toMatchObject({
      raw: { email: "bob@acme.com", city: "Oslo", "Column 3": "extra" },
    });
  });

  test("that a stray quote made of several lines, keeping what it swallowed", async () => {
    const { rows } = await (await csvFolder()).read(
      'email,city\nada@acme.com,"Rome\nbob@acme.com,Oslo\ncy@acme.com,"Paris"\ndi@acme.com,Nice\n',
    );

    expect(emails(rows)).toEqual(["MALFORMED_ROW", "di@acme.com"]);
    expect(JSON.stringify(rows)).toContain("bob@acme.com,Oslo");
  });
});

describe("refuses a file, saying how to mend it,", () => {
  test("that holds UTF-16", async () => {
    const error = await failure(Buffer.from("\uFEFFemail\nada@acme.com\n", "utf16le"));

    expect(error).toMatchObject({ kind: "input", message: expect.stringMatching(/UTF-16.*iconv/) });
  });

  test("that holds another encoding, even far into it", async () => {
    const long = Buffer.from(`email,city\n${"ada@acme.com,Berlin\n".repeat(20_000)}`);
    const error = await failure(
      Buffer.concat([long, Buffer.from("bob@acme.com,K\xF6ln\n", "latin1")]),
    );

    expect(error).toMatchObject({
      kind: "input",
      code: "NOT_UTF8",
      message: expect.stringContaining("iconv"),
    });
  });

  test("that ends in the middle of a character", async () => {
    expect((await failure(Buffer.from("email\nada@acme.com\n\xC3", "latin1"))).code).toBe(
      "NOT_UTF8",
    );
  });

  test("that holds NUL bytes", async () => {
    expect((await failure("email\nada@\0acme.com\n")).code).toBe("NOT_TEXT");
  });

  test("whose columns hold no e-mails, naming them", async () => {
    const error = await failure("Kontakt,Firma\nada@acme.com,Acme\n");

    expect(error).toMatchObject({
      kind: "input",
      code: "NO_EMAIL_COLUMN",
      message: expect.stringMatching(/"Kontakt", "Firma".*column_map/),
    });
  });

  test.each([
    ["only blank lines", "\n\n", "EMPTY_FILE"],
    ["only a header", "email,city\n", "NO_ROWS"],
  ])("that has %s", async (_, content, code) => {
    expect(await failure(content)).toMatchObject({ kind: "input", code });
  });

  test("where a quote is never closed, naming the row", async () => {
    const error = await failure(
      'email,city\nada@acme.com,Rome\nbob@acme.com,"Oslo\ncy@acme.com,Paris\n',
    );

    expect(error).toMatchObject({
      kind: "input",
      code: "QUOTE_NOT_CLOSED",
      message: expect.stringContaining("row 2"),
    });
  });

  test("where a value grows beyond all bounds, without reading on to the end", async () => {
    const error = await failure(`email,city\nada@acme.com,"${"x,y\n".repeat(400_000)}`);

    expect(error).toMatchObject({ kind: "input", code: "ROW_TOO_LONG" });
  });
});

describe("a checkpoint", () => {
  const content = `email\n${Array.from({ length: 1_800 }, (_, n) => `p${n % 1_700}@acme.com`).join("\n")}\n`;

  test("resumes after the rows that were consumed and still knows their e-mails", async () => {
    const folder = await csvFolder();
    const whole = await folder.read(content);

    const rest = await folder.read(content, { checkpoint: whole.checkpoints[1] ?? "" });

    expect(whole.checkpoints.length).toBeGreaterThan(3);
    expect(rest.description.resumed).toBe(true);
    expect(rest.rows).toEqual(whole.rows.slice(-rest.rows.length));
    expect(rest.rows.length).toBeLessThan(whole.rows.length);
    expect(rest.rows.filter((row) => row.kind === "record" && row.duplicate)).toHaveLength(100);
  });

  test("of another version of the file starts at its beginning and says so", async () => {
    const folder = await csvFolder();
    const { checkpoints } = await folder.read(content);

    const again = await folder.read(`${content}new@acme.com\n`, {
      checkpoint: checkpoints[1] ?? "",
    });

    expect(again.description.resumed).toBe(false);
    expect(again.rows).toHaveLength(1_801);
  });
});

test("stops with the signal's reason, and its thread with it", async () => {
  const folder = await csvFolder();
  const path = await folder.write(
    `email\n${Array.from({ length: 30_000 }, (_, n) => `p${n}@acme.com`).join("\n")}\n`,
  );
  const abort = new AbortController();
  const source = await folder.open(
    { source: "csv", path },
    { checkpoint: null, signal: abort.signal },
  );
  const batches = source.batches()[Symbol.asyncIterator]();
  await batches.next();

  abort.abort(new AppError("cancelled", "Cancelled on request."));

  await expect(batches.next()).rejects.toThrow("Cancelled on request.");
  await source.close();
});
