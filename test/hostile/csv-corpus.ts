/** Files that call themselves CSV. Small ones stand here, large ones are made when they are asked for. */
import { deflateRawSync, gzipSync } from "node:zlib";

const HEADER = "email,first_name,company\n";
const ROW = "ada@example.com,Ada,Acme\n";

/** A file of the corpus: what it is, its bytes, and how reading it must end. */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: () => Buffer;
  /** Codes of refusals; none = it is read. */
  readonly refused: readonly string[];
}

const file = (name: string, content: string | Buffer, ...refused: string[]): CorpusFile => ({
  name,
  bytes: () => Buffer.from(content),
  refused,
});

const made = (name: string, bytes: () => Buffer, ...refused: string[]): CorpusFile => ({
  name,
  bytes,
  refused,
});

const utf16 = (text: string, mark: readonly number[], swap: boolean): Buffer => {
  const body = Buffer.from(text, "utf16le");
  return Buffer.concat([Buffer.from(mark), swap ? body.swap16() : body]);
};

/** The smallest zip archive with one entry; a spreadsheet file begins just like it. */
function zip(inner: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(inner.length, 26);
  return Buffer.concat([head, Buffer.from(inner), packed]);
}

const columns = (count: number): string =>
  Array.from({ length: count }, (_, n) => `c${n}`).join(",");

/** Nothing in here is a well-made file of contacts. */
export const csvCorpus: readonly CorpusFile[] = [
  file("empty", "", "EMPTY_FILE"),
  file("white space alone", " \r\n\t\n \n", "EMPTY_FILE"),
  file("a byte order mark alone", "\uFEFF", "EMPTY_FILE"),
  file("a header alone", HEADER, "NO_ROWS"),
  file("a separator hint alone", "sep=;\n", "EMPTY_FILE"),
  file("no e-mail column", "a,b\n1,2\n", "NO_EMAIL_COLUMN"),
  file("line ends of old Macs", "email,first_name\rada@example.com,Ada\rbob@example.com,Bob\r"),
  file(
    "line ends of three kinds",
    `${HEADER}a@example.com,A,A\r\nb@example.com,B,B\rc@example.com,C,C\n`,
  ),
  file("three byte order marks", `\uFEFF\uFEFF\uFEFF${HEADER}${ROW}`),
  file("a byte order mark in the middle", `${HEADER}\uFEFF${ROW}`),
  file("NUL in the header", `email\0,x\n${ROW}`, "NOT_TEXT"),
  file("NUL in a row", `${HEADER}ada\0@example.com,Ada,Acme\n`, "NOT_TEXT"),
  file("UTF-16, little end first", utf16(HEADER + ROW, [0xff, 0xfe], false), "NOT_UTF8"),
  file("UTF-16, big end first", utf16(HEADER + ROW, [0xfe, 0xff], true), "NOT_UTF8"),
  file("UTF-16 without a mark", utf16(HEADER + ROW, [], false), "NOT_TEXT"),
  file(
    "Latin-1",
    Buffer.from(`${HEADER}jos\xe9@example.com,Jos\xe9,Caf\xe9\n`, "latin1"),
    "NOT_UTF8",
  ),
  file(
    "UTF-8 and Latin-1 in turn",
    Buffer.concat([Buffer.from(`${HEADER}a@example.com,é,A\n`), Buffer.from([0x62, 0xe9, 0x0a])]),
    "NOT_UTF8",
  ),
  file(
    "cut in the middle of a character",
    Buffer.from([...Buffer.from(HEADER), 0x61, 0xc3]),
    "NOT_UTF8",
  ),
  file(
    "surrogates as bytes",
    Buffer.from([...Buffer.from(HEADER), 0xed, 0xa0, 0x80, 0x0a]),
    "NOT_UTF8",
  ),
  file("a quote that is never closed", `${HEADER}"ada@example.com,Ada,Acme\n`, "QUOTE_NOT_CLOSED"),
  file(
    "a quote that is never closed in the header",
    `"email,first_name\n${ROW}`,
    "QUOTE_NOT_CLOSED",
    "NO_EMAIL_COLUMN",
  ),
  file("quotes in odd places", `${HEADER}a"da@example.com,"A"da,""Acme""\n`),
  file(
    "nothing but quotes",
    '"'.repeat(10_001),
    "QUOTE_NOT_CLOSED",
    "NO_EMAIL_COLUMN",
    "EMPTY_FILE",
  ),
  file("nothing but delimiters", ",;|\t".repeat(2_000), "EMPTY_FILE", "NO_EMAIL_COLUMN"),
  file("the same header three times", `email,email,email\n${ROW}`),
  file(
    "headers named after objects' parts",
    `email,__proto__,constructor,toString,hasOwnProperty\na@example.com,1,2,3,4\n`,
  ),
  file(
    "formulas",
    `${HEADER}=1+1@example.com,=cmd|'/c calc'!A0,+1-1\n@sum@example.com,-2+3,\t=1\n`,
  ),
  file("controls and directions", `${HEADER}a@example.com,\u202Eevil\u0007\u001b[31m,\u200b\n`),
  file("JSON", '[{"email":"ada@example.com"}]', "NO_EMAIL_COLUMN", "NO_ROWS", "MALFORMED_CSV"),
  file("HTML", "<!doctype html><html><body>Sign in</body></html>\n", "NO_EMAIL_COLUMN"),
  file("a shell script", "#!/bin/sh\nrm -rf /\n", "NO_EMAIL_COLUMN"),
  file("a row with 5,000 values", `${HEADER}${"x,".repeat(5_000)}\n${ROW}`),
  file(
    "a header with 10,000 columns",
    `email,${columns(10_000)}\na@example.com,${columns(10_000)}\n`,
  ),
  file(
    "10,000 columns and no address",
    `${columns(10_000)}\n${columns(10_000)}\n`,
    "NO_EMAIL_COLUMN",
  ),
  file("10,000 columns of one name", `email,${"x,".repeat(10_000)}\na@example.com\n`),
  made("a header of 900 kB", () => Buffer.from(`email,${"h".repeat(900_000)}\na@example.com,x\n`)),
  made(
    "no address and a header of 900 kB",
    () => Buffer.from(`${"h".repeat(900_000)}\nx\n`),
    "NO_EMAIL_COLUMN",
  ),
  made("300,000 columns of one name", () =>
    Buffer.from(`email,${"x,".repeat(300_000)}\na@example.com\n`),
  ),
  made("300,000 columns without a name", () =>
    Buffer.from(`email${",".repeat(300_000)}\na@example.com\n`),
  ),
  made("a value of 900 kB", () => Buffer.from(`${HEADER}a@example.com,${"v".repeat(900_000)},x\n`)),
  made(
    "a value of 10 MB",
    () => Buffer.from(`${HEADER}a@example.com,${"v".repeat(10_000_000)},x\n`),
    "ROW_TOO_LONG",
  ),
  made(
    "a quoted value of 10 MB",
    () => Buffer.from(`${HEADER}a@example.com,"${"v\n".repeat(5_000_000)}",x\n`),
    "ROW_TOO_LONG",
  ),
  made("a header of 10 MB", () => Buffer.from(`${"h".repeat(10_000_000)}\n`), "ROW_TOO_LONG"),
  made("10 MB of line ends", () => Buffer.from("\n".repeat(10_000_000)), "EMPTY_FILE"),
  made("50,000 rows of one letter", () => Buffer.from(`${HEADER}${"x\n".repeat(50_000)}`)),
  made("a gzip", () => gzipSync(Buffer.from(HEADER + ROW)), "NOT_TEXT", "NOT_UTF8"),
  made(
    "a zip that unpacks to 100 MB",
    () => zip("bomb.csv", Buffer.alloc(100_000_000, "a")),
    "NOT_TEXT",
    "NOT_UTF8",
  ),
  made(
    "a spreadsheet",
    () => zip("xl/workbook.xml", Buffer.from("<workbook/>")),
    "NOT_TEXT",
    "NOT_UTF8",
  ),
  made("zeros", () => Buffer.alloc(1_000_000), "NOT_TEXT"),
];
