/** What the first bytes of a CSV file tell: its delimiter, and that it is UTF-8 text at all. */
import { AppError } from "../core/errors.ts";

const DELIMITERS = [",", ";", "\t", "|"] as const;
const QUOTE = '"';

/** The start of a CSV file: its delimiter, and how many bytes to pass over (Excel's `sep=;` line). */
export interface CsvStart {
  readonly delimiter: string;
  readonly skipBytes: number;
}

/** Reads the delimiter off the header: the candidate that stands there most often outside quotes; a tie is a comma. */
export function readCsvStart(head: Buffer): CsvStart {
  const text = head.toString("utf8").replace(/^\uFEFF/, "");
  const hint = /^sep=(.)\r?\n/i.exec(text);
  if (hint?.[1] !== undefined) {
    return { delimiter: hint[1], skipBytes: Buffer.byteLength(hint[0]) + bomBytes(head) };
  }
  const counts = countOutsideQuotes(text);
  const best = DELIMITERS.reduce((a, b) => ((counts.get(b) ?? 0) > (counts.get(a) ?? 0) ? b : a));
  return { delimiter: best, skipBytes: bomBytes(head) };
}

function bomBytes(head: Buffer): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}

function countOutsideQuotes(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let isQuoted = false;
  for (const character of text) {
    if (character === QUOTE) isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === "\n" || character === "\r") break;
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return counts;
}

const LINE_FEED = 10;
const QUOTE_BYTE = 34;

/** Checks a whole file for UTF-8, piece by piece, and counts its records on the way. */
export class TextCheck {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #offset = 0;
  #lines = 0;
  #isQuoted = false;
  #endsLine = true;

  /** @throws AppError `input` at the first bytes that are not UTF-8 text, saying how to convert the file */
  accept(chunk: Buffer): void {
    if (this.#offset === 0) refuseUtf16(chunk);
    if (chunk.includes(0)) throw notText();
    this.#decode(chunk);
    this.#count(chunk);
    this.#offset += chunk.length;
  }

  /** Ends the check: how many records the file seems to have, header included; null when quotes make that unsure. */
  end(): number | null {
    this.#decode(null);
    if (this.#isQuoted) return null;
    return this.#endsLine ? this.#lines : this.#lines + 1;
  }

  #count(chunk: Buffer): void {
    let isQuoted = this.#isQuoted;
    let lines = this.#lines;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === QUOTE_BYTE) isQuoted = !isQuoted;
      else if (byte === LINE_FEED && !isQuoted) lines += 1;
    }
    this.#isQuoted = isQuoted;
    this.#lines = lines;
    this.#endsLine = chunk.at(-1) === LINE_FEED;
  }

  #decode(chunk: Buffer | null): void {
    try {
      if (chunk === null) this.#decoder.decode();
      else this.#decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw notUtf8(this.#offset, cause);
    }
  }
}

function notUtf8(offset: number, cause: unknown): AppError {
  return new AppError(
    "input",
    `The file is not UTF-8 text (first seen after byte ${offset}). Save it as "CSV UTF-8" in the spreadsheet program, or ` +
      "convert it: iconv -f WINDOWS-1252 -t UTF-8 old.csv > new.csv.",
    { code: "NOT_UTF8", cause },
  );
}

function refuseUtf16(head: Buffer): void {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isUtf16) return;
  throw new AppError(
    "input",
    'The file is UTF-16. Save it as "CSV UTF-8" in the spreadsheet program, or convert it: ' +
      "iconv -f UTF-16 -t UTF-8 old.csv > new.csv.",
    { code: "NOT_UTF8" },
  );
}

function notText(): AppError {
  return new AppError(
    "input",
    "The file holds NUL bytes, so it is no CSV text (perhaps a spreadsheet file, or UTF-16). " +
      'Save it as "CSV UTF-8", or convert it: iconv -f UTF-16LE -t UTF-8 old.csv > new.csv.',
    { code: "NOT_TEXT" },
  );
}
