/** What was wrong with a call's arguments, said so that the caller can mend it: which argument, and what it may be. */
import { z } from "zod";
import { AppError } from "./errors.ts";
import { cleanText } from "./text.ts";

const MAX_PROBLEMS = 5;
const MAX_NAME = 64;

/** An `input` error that names each argument that is wrong and what is allowed there; never repeats its value. */
export function argumentError(schema: z.ZodObject, error: z.ZodError): AppError {
  const problems = error.issues.slice(0, MAX_PROBLEMS).map((issue) => ({
    argument: argumentName(issue.path) || "arguments",
    problem: describe(schema, issue),
  }));
  return new AppError("input", problems.map((p) => p.problem).join(" "), {
    code: "INVALID_ARGUMENTS",
    details: { arguments: problems },
  });
}

/** An `input` error about one argument, in the same form. `problem` is a whole sentence. */
export function badArgument(argument: string, problem: string): AppError {
  return new AppError("input", problem, {
    code: "INVALID_ARGUMENTS",
    details: { arguments: [{ argument, problem }] },
  });
}

function describe(schema: z.ZodObject, issue: z.core.$ZodIssue): string {
  const name = argumentName(issue.path);
  const subject = name ? `"${name}"` : "The arguments";
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(schema, issue);
    case "invalid_type":
      return invalidType(subject, issue);
    case "invalid_value":
      return `${subject} must be one of: ${issue.values.map(String).join(", ")}.`;
    case "too_big":
      return `${subject} must ${bound(issue.origin, "at most", issue.maximum)}.`;
    case "too_small":
      return `${subject} must ${bound(issue.origin, "at least", issue.minimum)}.`;
    case "custom":
      return `${subject}: ${issue.message}`;
    default:
      return `${subject} is not in the form that its description asks for.`;
  }
}

function invalidType(subject: string, issue: z.core.$ZodIssueInvalidType): string {
  // The default message is the only place that tells a missing value from a wrong one.
  const missing = issue.message.endsWith("received undefined");
  if (missing) return `${subject} is missing: it must be ${article(issue.expected)}.`;
  return `${subject} must be ${article(issue.expected)}.`;
}

function unknownKeys(schema: z.ZodObject, issue: z.core.$ZodIssueUnrecognizedKeys): string {
  const names = issue.keys.slice(0, MAX_PROBLEMS).map((key) => `"${printable(key)}"`);
  const where = argumentName(issue.path);
  const place = where ? `"${where}" has no ${names.join(", ")}` : `There is no ${names.join(", ")}`;
  const known = namesAt(schema, issue.path);
  if (known.length === 0) return `${place}; leave it out.`;
  return `${place}; the names are: ${known.join(", ")}.`;
}

function namesAt(schema: z.ZodObject, path: readonly PropertyKey[]): readonly string[] {
  const at = path.reduce<z.core.SomeType | undefined>(
    (current, key) => memberOf(unwrapped(current), key),
    schema,
  );
  const found = unwrapped(at);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function memberOf(
  schema: z.core.SomeType | undefined,
  key: PropertyKey,
): z.core.SomeType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (!(schema instanceof z.ZodObject)) return undefined;
  return typeof key === "string" && Object.hasOwn(schema.shape, key)
    ? schema.shape[key]
    : undefined;
}

function unwrapped(schema: z.core.SomeType | undefined): z.core.SomeType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? unwrapped(schema.out) : schema;
}

function argumentName(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${printable(String(part))}`,
    )
    .join("");
}

function printable(name: string): string {
  return cleanText(name, MAX_NAME) ?? "?";
}

function article(expected: string): string {
  if (expected === "int") return "a whole number";
  if (expected === "record") return "an object";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function bound(origin: string, words: string, limit: number | bigint): string {
  if (origin === "string") return `have ${words} ${limit} character(s)`;
  return origin === "array" ? `have ${words} ${limit} item(s)` : `be ${words} ${limit}`;
}
