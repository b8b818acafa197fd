/** What every door owes to hostile input: answers in our own words, and nothing of the machine or of others in them. */
import { tmpdir } from "node:os";
import { afterAll, expect } from "vitest";
import { AppError, errorKinds } from "../../mcp-server/src/core/errors.ts";

/** Values that are planted where only the program may know them; none may come out of any door. */
export const canaries = {
  apiToken: "canary-api-token-4f1d2c",
  hubspotToken: "canary-hubspot-token-9b7e",
  lemlistKey: "canary-lemlist-key-77aa",
  exploriumKey: "canary-explorium-key-c01d",
  anthropicKey: "canary-anthropic-key-e5e5",
  foreign: "canary-foreign-words-31337",
} as const;

const leaks: readonly RegExp[] = [
  // Stack traces, and where the program lies.
  /\n\s+at .+[:(]\d+:\d+/,
  /node_modules|file:\/\/\/(?!etc)|mcp-server\/src/,
  // What databases say.
  /SQLITE_|no such (table|column)|syntax error at|near "[^"]*": syntax|invalid input syntax|invalid byte sequence/i,
  /\b(insert into|select \*|update "|delete from) /i,
  // What the runtime says when nobody thought of something.
  /TypeError|RangeError|ReferenceError|SyntaxError|ZodError|Cannot read propert|is not a function|Maximum call stack|Unexpected token|ECONN|ENOENT|EACCES/,
];

/** Fails when a text that leaves the program tells what it must not. */
export function expectNoLeak(text: string): void {
  for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
  expect(text).not.toContain(process.cwd());
  expect(text).not.toContain(`${tmpdir()}/hubspot-sync`);
  for (const leak of leaks) expect(text).not.toMatch(leak);
}

/** Fails unless it is one of our errors that somebody can act on: never a defect of ours, and without foreign text. */
export function expectOwnError(thrown: unknown): asserts thrown is AppError {
  expect(thrown).toBeInstanceOf(AppError);
  const { kind, code, message, details } = thrown as AppError;
  expect(errorKinds).toContain(kind);
  expect(`${kind} ${code}`, String((thrown as AppError).cause)).not.toMatch(/^bug /);
  expect(code).toMatch(/^[A-Za-z][A-Za-z0-9_.]{1,99}$/);
  expect(message.length).toBeGreaterThan(5);
  const told = `${message} ${JSON.stringify(details)}`;
  expect(told.length, told.slice(0, 300)).toBeLessThan(60_000);
  expectNoLeak(told);
}

/** Fails the file when something was thrown that nobody waited for, or when objects got a new ancestor. */
export function watchForAccidents(): void {
  const accidents: unknown[] = [];
  const note = (reason: unknown): void => {
    accidents.push(reason);
  };
  process.on("unhandledRejection", note);
  process.on("uncaughtExceptionMonitor", note);
  afterAll(() => {
    process.off("unhandledRejection", note);
    process.off("uncaughtExceptionMonitor", note);
    expect(accidents).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
}
