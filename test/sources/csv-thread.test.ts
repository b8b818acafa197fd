import { once } from "node:events";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import type { CsvMessage, CsvTask } from "../../mcp-server/src/sources/csv-messages.ts";
import { csvFolder } from "./csv-folder.ts";

const THREAD = new URL("../../mcp-server/src/sources/csv-thread.ts", import.meta.url);
const ROWS = 100_000;

/** A thread whose batches are only acknowledged when the test says so. */
async function readingThread() {
  const folder = await csvFolder();
  const rows = Array.from(
    { length: ROWS },
    (_, n) => `person.number.${n}@some-company.example.com,Berlin`,
  );
  const path = await folder.write(`email,city\n${rows.join("\n")}\n`);
  const { dev, ino, size, mtimeMs } = await stat(path);
  const file = { path, identity: `${dev}:${ino}`, size, modifiedAtMs: Math.floor(mtimeMs) };
  const workerData: CsvTask = { ...file, columnMap: {}, skipRows: 0 };
  const thread = new Worker(THREAD, { workerData });
  onTestFinished(async () => {
    await thread.terminate();
  });
  const batches: number[] = [];
  thread.on("message", (message: CsvMessage) => {
    if (message.kind === "batch") batches.push(message.done);
  });
  return { thread, batches };
}

test("a batch that nobody takes stops the reading after a bounded number of rows", async () => {
  const { thread, batches } = await readingThread();
  while (batches.length < 3) await once(thread, "message");

  // Long enough for the whole file, were nothing holding it back.
  await sleep(1_000);

  expect(batches.at(-1)).toBeLessThan(ROWS / 10);
});

test("goes on to the end as batches are taken", async () => {
  const { thread, batches } = await readingThread();
  const ended = new Promise<void>((resolve) => {
    thread.on("message", (message: CsvMessage) => {
      if (message.kind === "batch") thread.postMessage({ kind: "more" });
      if (message.kind === "end") resolve();
    });
  });

  await ended;

  expect(batches.at(-1)).toBe(ROWS);
});
