/** The thread that reads a CSV file: parses, maps and normalises, and posts batches while its owner keeps up. */
import type { FileHandle } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { CsvError, type Parser, parse } from "csv-parse";
import { AppError, toAppError } from "../core/errors.ts";
import type { ImportRow } from "../core/import-row.ts";
import { readCsvStart, TextCheck } from "./csv-format.ts";
import type { CsvMessage, CsvTask } from "./csv-messages.ts";
import { packRows } from "./csv-packing.ts";
import { CsvRows } from "./csv-rows.ts";
import { expectUnchanged, openImportFile } from "./import-path.ts";

const BATCH_ROWS = 500;
const ROWS_PER_TEXT = 100;
// Enough that neither side waits for the other; few enough that a slow database does not fill the memory.
const MAX_IN_FLIGHT = 3;
const CHUNK_BYTES = 128 * 1024;
// A quote that is never closed would otherwise gather the rest of the file into one value.
const MAX_RECORD_CHARACTERS = 1_000_000;

class CsvReading {
  readonly #task: CsvTask;
  readonly #post: (message: CsvMessage) => void;
  readonly #rows: CsvRows;
  #batch: ImportRow[] = [];
  #inFlight = 0;
  #wake: (() => void) | null = null;
  #total: number | null = null;
  #isOpened = false;

  constructor(task: CsvTask, post: (message: CsvMessage) => void) {
    this.#task = task;
    this.#post = post;
    this.#rows = new CsvRows(task);
  }

  /** The owner took a batch. */
  more(): void {
    this.#inFlight -= 1;
    this.#wake?.();
  }

  async run(): Promise<void> {
    const file = await openImportFile(this.#task);
    try {
      const lines = await checkText(file, this.#task.size);
      this.#total = lines === null ? null : Math.max(0, lines - 1);
      await this.#parse(file);
      await expectUnchanged(file, this.#task);
      this.#finish();
    } finally {
      await file.close();
    }
  }

  async #parse(file: FileHandle): Promise<void> {
    let parser: Parser | null = null;
    for await (const bytes of chunks(file, this.#task.size)) {
      if (parser === null) {
        const start = readCsvStart(bytes);
        parser = this.#createParser(start.delimiter);
        await write(parser, bytes.subarray(start.skipBytes));
      } else {
        await write(parser, bytes);
      }
      await this.#room();
    }
    if (parser !== null) await end(parser);
  }

  #createParser(delimiter: string): Parser {
    const parser = parse({
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_CHARACTERS,
      on_record: (cells: string[]) => {
        this.#accept(cells);
        // Nothing goes through the stream's own queue: one object less to pass on per row.
        return null;
      },
    });
    // The failing write reports the error; the event that follows it must find a listener all the same.
    parser.on("error", () => parser.destroy());
    parser.resume();
    return parser;
  }

  #accept(cells: readonly string[]): void {
    const row = this.#rows.accept(cells);
    if (row === null || row.row <= this.#task.skipRows) return;
    this.#batch.push(row);
    if (this.#batch.length >= BATCH_ROWS) this.#flush();
  }

  #flush(): void {
    this.#open();
    if (this.#batch.length === 0) return;
    this.#inFlight += 1;
    this.#post({ kind: "batch", rows: toTexts(this.#batch), done: this.#rows.row });
    this.#batch = [];
  }

  #open(): void {
    const header = this.#rows.header;
    if (this.#isOpened || header === null) return;
    this.#isOpened = true;
    this.#post({ kind: "opened", ...header, total: this.#total });
  }

  async #room(): Promise<void> {
    while (this.#inFlight >= MAX_IN_FLIGHT) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #finish(): void {
    if (this.#rows.header === null) {
      throw new AppError("input", "The file is empty.", { code: "EMPTY_FILE" });
    }
    if (this.#rows.row === 0) {
      throw new AppError("input", "The file has a header but no rows.", { code: "NO_ROWS" });
    }
    this.#flush();
    this.#post({ kind: "end" });
  }

  /** A failure in our own words, with the row it happened at. */
  explain(thrown: unknown): AppError {
    if (!(thrown instanceof CsvError)) return toAppError(thrown);
    const row = this.#rows.row + 1;
    if (thrown.code === "CSV_QUOTE_NOT_CLOSED") {
      return new AppError(
        "input",
        `A quote that opens in row ${row} is not closed, so what follows cannot be read. ${CORRECT_IT}`,
        { code: "QUOTE_NOT_CLOSED", cause: thrown, details: { row } },
      );
    }
    if (thrown.code === "CSV_MAX_RECORD_SIZE") {
      return new AppError(
        "input",
        `Row ${row} is longer than 1 MB: a quote that opens there is not closed, or a value is too long. ${CORRECT_IT}`,
        { code: "ROW_TOO_LONG", cause: thrown, details: { row } },
      );
    }
    return new AppError(
      "input",
      `The file cannot be read as CSV from row ${row} on. Save it as CSV again.`,
      { code: "MALFORMED_CSV", cause: thrown, details: { row } },
    );
  }
}

const CORRECT_IT =
  "Correct it and import the file again; rows that were read already will not change.";

function toTexts(rows: readonly ImportRow[]): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_TEXT) {
    texts.push(packRows(rows.slice(at, at + ROWS_PER_TEXT)));
  }
  return texts;
}

async function checkText(file: FileHandle, size: number): Promise<number | null> {
  const check = new TextCheck();
  for await (const chunk of chunks(file, size)) check.accept(chunk);
  return check.end();
}

/** The file from its beginning to where it ended when it was judged, so that one that grows has an end; it stays open. */
function chunks(file: FileHandle, size: number): AsyncIterable<Buffer> {
  const range = { start: 0, end: size - 1 };
  return file.createReadStream({ ...range, autoClose: false, highWaterMark: CHUNK_BYTES });
}

async function write(parser: Parser, chunk: Buffer): Promise<void> {
  await settle(parser, (done) => parser.write(chunk, done));
}

async function end(parser: Parser): Promise<void> {
  await settle(parser, (done) => {
    parser.once("end", () => done(null));
    parser.end();
  });
}

async function settle(
  parser: Parser,
  act: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    parser.once("error", reject);
    act((error) => {
      parser.off("error", reject);
      if (error) reject(error);
      else resolve();
    });
  });
}

function startThread(): void {
  const port = parentPort;
  if (port === null) return;
  const task: CsvTask = workerData;
  const reading = new CsvReading(task, (message) => port.postMessage(message));
  port.on("message", () => reading.more());
  reading
    .run()
    .catch((thrown: unknown) => {
      const { kind, message, code, details, cause } = reading.explain(thrown);
      const text = cause instanceof Error ? cause.message : null;
      const error = { kind, message, code, details, cause: text };
      port.postMessage({ kind: "failed", error } satisfies CsvMessage);
    })
    .finally(() => port.close());
}

startThread();
