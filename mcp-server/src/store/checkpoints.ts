/**
 * Keeps SQLite's write-ahead log short. A checkpoint on the program's own connection stops every timer and request until the
 * disk has answered, so long imports leave it to a thread, which only starts when somebody writes that much.
 */
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Log } from "../ports/world.ts";

const MIB = 1024 * 1024;

/** Sizes of the log in bytes. */
export interface LogSizes {
  /** From here a checkpoint runs beside the writers. */
  readonly long: number;
  /** From here writers wait for it: while they write, no checkpoint can reach the end and the log would only grow. */
  readonly full: number;
}

// A page that many transactions touch is copied once a checkpoint: a shorter log would write the same pages more often.
const SIZES: LogSizes = { long: 32 * MIB, full: 64 * MIB };
// Compiled, the thread's file ends in .js like this one.
const THREAD_FILE = import.meta.url.endsWith(".ts")
  ? "./checkpoint-thread.ts"
  : "./checkpoint-thread.js";
const THREAD_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

type Alone = (work: () => Promise<boolean>) => Promise<boolean>;

/** The checkpoints of one database file. */
export class Checkpoints {
  readonly #path: string;
  readonly #log: Log;
  readonly #alone: Alone;
  readonly #sizes: LogSizes;
  #thread: Worker | null = null;
  #isOver = false;
  #running: Promise<boolean> | null = null;
  #room: Promise<void> | null = null;
  #answer: (copiedEverything: boolean) => void = () => undefined;
  #waitFrom: number;

  /** `alone` runs work while nothing is written. */
  constructor(path: string, log: Log, alone: Alone, sizes: LogSizes = SIZES) {
    this.#path = path;
    this.#log = log;
    this.#alone = alone;
    this.#sizes = sizes;
    this.#waitFrom = sizes.full;
  }

  /**
   * To be called before a write transaction. Starts a checkpoint when the log is long; when it is full, answers when there is room again,
   * else null. Whoever cannot wait may write on: the log is a little longer then.
   */
  makeRoom(): Promise<void> | null {
    const bytes = this.#logBytes();
    if (bytes < this.#sizes.long || this.#isOver) {
      this.#waitFrom = this.#sizes.full;
      return null;
    }
    const running = this.#checkpoint();
    if (bytes < this.#waitFrom) return null;
    this.#room ??= this.#empty(running, bytes).finally(() => {
      this.#room = null;
    });
    return this.#room;
  }

  async #empty(running: Promise<boolean>, bytes: number): Promise<void> {
    await running;
    // One that began before the last commits has missed them.
    await this.#checkpoint();
    // Some may not have waited. What they wrote is little, and this one cannot miss anything.
    const isEmptied = await this.#alone(() => this.#checkpoint());
    // A reader of another process holds pages back: waiting again for it at once would gain nothing.
    if (!isEmptied) this.#waitFrom = bytes + this.#sizes.full;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.#room;
    await this.#running;
    const thread = this.#thread;
    if (thread === null || this.#isOver) return;
    const ended = new Promise((resolve) => thread.once("exit", resolve));
    thread.ref();
    thread.postMessage("close");
    await ended;
  }

  #logBytes(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  #checkpoint(): Promise<boolean> {
    this.#running ??= this.#ask();
    return this.#running;
  }

  #ask(): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false);
    const thread = this.#thread ?? this.#start();
    this.#thread = thread;
    // The thread keeps the process alive only while somebody may be waiting for it.
    thread.ref();
    thread.postMessage("checkpoint");
    return new Promise((resolve) => {
      this.#answer = (copiedEverything) => {
        thread.unref();
        this.#running = null;
        resolve(copiedEverything);
      };
    });
  }

  #start(): Worker {
    const thread = new Worker(new URL(THREAD_FILE, import.meta.url), {
      workerData: this.#path,
      resourceLimits: THREAD_LIMITS,
      execArgv: [],
    });
    thread.on("message", (copiedEverything: boolean) => this.#answer(copiedEverything));
    // Without the thread SQLite's own automatic checkpoints take over.
    thread.on("error", (error) => this.#log.warn({ err: error }, "database checkpoints failed"));
    thread.on("exit", () => {
      this.#isOver = true;
      this.#answer(false);
    });
    return thread;
  }
}
