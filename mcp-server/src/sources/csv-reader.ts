/** The owner's side of the CSV thread: messages as they come, back-pressure, and a certain end. */
import { Worker } from "node:worker_threads";
import { AppError } from "../core/errors.ts";
import type { CsvMessage, CsvMore, CsvTask } from "./csv-messages.ts";

// Compiled, the thread's file ends in .js like this one.
const THREAD_FILE = import.meta.url.endsWith(".ts") ? "./csv-thread.ts" : "./csv-thread.js";

// The thread holds a few batches and the set of seen e-mails (typed arrays, not counted here).
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 24 };

/** One reading thread. `next` gives its messages in order; a failure of the thread is thrown there. */
export class CsvReader {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;
  readonly #messages: CsvMessage[] = [];
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  #isClosed = false;

  constructor(task: CsvTask, signal: AbortSignal) {
    this.#signal = signal;
    this.#worker = new Worker(new URL(THREAD_FILE, import.meta.url), {
      workerData: task,
      resourceLimits: LIMITS,
      // Flags of the owner (inspect ports, loaders) are not for the thread.
      execArgv: [],
    });
    this.#worker.on("message", (message: CsvMessage) => this.#receive(message));
    this.#worker.on("error", (cause) => this.#fail(stopped(cause)));
    this.#worker.on("exit", () => this.#fail(stopped(null)));
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** The next message; a `batch` is acknowledged by taking it. Throws the thread's failure or the signal's reason. */
  async next(): Promise<Exclude<CsvMessage, { kind: "failed" }>> {
    this.#signal.throwIfAborted();
    while (this.#messages.length === 0) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const message = this.#messages.shift();
    if (message === undefined) throw stopped(null);
    if (message.kind === "failed") throw asError(message.error);
    if (message.kind === "batch") this.#worker.postMessage({ kind: "more" } satisfies CsvMore);
    return message;
  }

  /** Ends the thread; may be called more than once. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    await this.#worker.terminate();
  }

  readonly #onAbort = (): void => {
    this.#messages.length = 0;
    this.#fail(asCancelled(this.#signal.reason));
    void this.close();
  };

  #receive(message: CsvMessage): void {
    if (this.#failure === null) this.#messages.push(message);
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }
}

function asCancelled(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new AppError("cancelled", "Reading the file was stopped.");
}

function stopped(cause: unknown): AppError {
  return new AppError("unavailable", "Reading the file stopped unexpectedly. Import it again.", {
    code: "CSV_THREAD_STOPPED",
    cause,
  });
}

function asError(error: Extract<CsvMessage, { kind: "failed" }>["error"]): AppError {
  const { kind, message, code, details, cause } = error;
  return new AppError(kind, message, { code, details, cause });
}
