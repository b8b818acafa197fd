/** Watches the server's database from outside for edits that have arrived in the local rows. */
import { performance } from "node:perf_hooks";
import Database from "better-sqlite3";
import { editOf } from "./webhook-edits.ts";

// How exact an arrival is known; a look reads the rows of outstanding edits only, by their key.
const LOOK_MS = 10;

export interface AppliedWatch {
  /** An edit of the contact with this e-mail was made at a time, in ms of `performance.now()`. */
  expect(email: string, edit: number, at: number): void;
  /** Milliseconds from each edit until its contact held it or a later one; edits that did not come yet are absent. */
  readonly taken: ReadonlyMap<number, number>;
  outstanding(): number;
  /** Resolves when nothing is outstanding any more, or after so long. */
  settled(withinMs: number): Promise<void>;
  close(): void;
}

interface Outstanding {
  readonly email: string;
  readonly edit: number;
  readonly at: number;
}

/** Starts looking. */
export function watchApplied(databasePath: string): AppliedWatch {
  const database = new Database(databasePath, { readonly: true, timeout: 10_000 });
  const titles = database
    .prepare<[string], readonly [email: string, title: string | null]>(
      "select email, job_title from contacts where email in (select value from json_each(?))",
    )
    .raw();
  const taken = new Map<number, number>();
  let waiting: Outstanding[] = [];
  const look = (): void => {
    if (waiting.length === 0) return;
    const emails = JSON.stringify([...new Set(waiting.map(({ email }) => email))]);
    const reached = new Map(titles.all(emails).map(([email, title]) => [email, editOf(title)]));
    const now = performance.now();
    waiting = waiting.filter(({ email, edit, at }) => {
      if ((reached.get(email) ?? -1) < edit) return true;
      taken.set(edit, now - at);
      return false;
    });
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    expect: (email, edit, at) => waiting.push({ email, edit, at }),
    taken,
    outstanding: () => waiting.length,
    settled: async (withinMs) => {
      const deadline = performance.now() + withinMs;
      while (waiting.length > 0 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    close: () => {
      clearInterval(timer);
      database.close();
    },
  };
}
