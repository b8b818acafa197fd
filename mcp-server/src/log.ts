/** The log: pino to stderr, with secrets and contact data cut out. */
import { pino } from "pino";
import type { Log } from "./ports/world.ts";

// Names under which secrets or contact data could reach a log line, at the top and up to two levels down.
const hidden = [
  "authorization",
  "api_key",
  "apiKey",
  "accessToken",
  "token",
  "password",
  "secret",
  "email",
  "emails",
  "first_name",
  "last_name",
  "phone",
  "linkedin_url",
  "properties",
  "raw",
  "records",
  "body",
  "headers",
];
const paths = hidden.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

const mail = /[^\s"'<>@,;:()]{1,64}@[^\s"'<>@,;:()]{1,255}\.[a-z]{2,}/gi;
const bearer = /\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi;

// Seven digits and more, however grouped: phone numbers, and ids that could name a person.
const digits = /\+?\d(?:[\s().-]?\d){6,}/g;
// Foreign texts are quoted back at length by some servers; the beginning says what went wrong.
const FOREIGN_LENGTH = 300;

/** Free text with e-mail addresses and credentials cut out. */
function redactText(text: string): string {
  return text.replace(mail, "[email]").replace(bearer, "$1 [secret]");
}

/** Text that others wrote: long numbers are cut out as well, and the end. */
function redactForeign(text: string): string {
  return redactText(text).replace(digits, "[number]").slice(0, FOREIGN_LENGTH);
}

/**
 * A log that writes JSON lines to stderr (stdout belongs to the protocol). Errors keep kind, code, message and stack, and
 * their causes; texts are searched for addresses and credentials.
 *
 * @param write where lines go; tests pass a collector
 */
export function createLog(level: string, write?: (line: string) => void): Log {
  const destination = write ? { write } : pino.destination({ dest: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      redact: { paths, censor: "[redacted]" },
      serializers: { err: describeError },
      hooks: {
        logMethod(args, method) {
          const [fields, message] = args;
          method.apply(this, [fields, typeof message === "string" ? redactText(message) : message]);
        },
      },
    },
    destination,
  );
}

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return redactForeign(String(error));
  const own = error.name === "AppError";
  const described: Record<string, unknown> = {
    type: error.name,
    message: own ? redactText(error.message) : redactForeign(error.message),
    // The first lines of a stack repeat the message.
    stack: redactText(error.stack?.match(/^\s+at .*$/gm)?.join("\n") ?? ""),
  };
  if ("kind" in error) described["kind"] = error.kind;
  if ("code" in error) described["code"] = error.code;
  if (error.cause !== undefined && depth < 3) {
    described["cause"] = describeError(error.cause, depth + 1);
  }
  return described;
}
