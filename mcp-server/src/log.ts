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
// Names of people, companies and places, and every word that is not plain English: whoever complains of a value likes to quote it.
const namelike =
  /(?<![\p{L}\p{N}_])(?=\p{Lu}?[\p{Ll}'’-]*(?:\p{Lu}\p{Ll}|[^\p{ASCII}]))[\p{L}\p{M}'’-]{2,}/gu;
// Words that servers and Node begin their sentences with.
const plainWords = new Set(
  "A An At Bad Batch Body Cannot Client Connection Contact Could Database Error Explorium Failed Gateway HubSpot Internal Invalid Is It Lemlist Missing Must No Not Object One Please Property Request Server Service Some Temporarily The This Timeout Too Unauthorized Unavailable Unexpected Unknown Value You Your".split(
    " ",
  ),
);
// Foreign texts are quoted back at length by some servers; the beginning says what went wrong.
const FOREIGN_LENGTH = 300;

/** Free text with e-mail addresses and credentials cut out. */
function redactText(text: string): string {
  return text.replace(mail, "[email]").replace(bearer, "$1 [secret]");
}

/** Text that others wrote: long numbers and what may be a name are cut out as well, and the end. */
function redactForeign(text: string): string {
  // Far more than is kept, so that nothing is torn that should be cut out whole.
  return redactText(text.slice(0, 10 * FOREIGN_LENGTH))
    .replace(digits, "[number]")
    .replace(namelike, (word) => (plainWords.has(word) ? word : "[…]"))
    .slice(0, FOREIGN_LENGTH);
}

/** Puts a word in the place of each secret, in whatever text and field it got there. */
function withoutSecrets(secrets: readonly string[]): (line: string) => string {
  // As they stand in a line of JSON; a short one would be found in ordinary words.
  const written = secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return (line) => written.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line);
}

const MIN_SECRET = 6;

/** Where lines go, and what may never be in one. */
export interface LogOptions {
  /** Tests pass a collector; left out = standard error. */
  readonly write?: (line: string) => void;
  readonly secrets?: readonly string[];
}

/**
 * A log that writes JSON lines to stderr (stdout belongs to the protocol). Errors keep kind, code, message and stack, and
 * their causes; texts are searched for addresses and credentials, and whole lines for the secrets of the configuration.
 */
export function createLog(level: string, options: LogOptions = {}): Log {
  const stderr = options.write ? null : pino.destination({ dest: 2, sync: true });
  const write = options.write ?? ((line: string) => stderr?.write(line));
  const clean = withoutSecrets(options.secrets ?? []);
  const destination = { write: (line: string) => void write(clean(line)) };
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
