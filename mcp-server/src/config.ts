/** Reads the environment into one checked configuration; the only reader of process.env. */
import { Cron } from "croner";
import { z } from "zod";
import { AppError } from "./core/errors.ts";
import { significantNames, unknownSignificant } from "./core/significant.ts";

/** A value that must never be printed: text forms hide it, `reveal()` gives it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

// Shorter tokens can be guessed by whoever reaches the port; on loopback nobody else does.
const MIN_TOKEN = 16;
/** Where records live unless told otherwise, below the folder the program is started in. */
export const defaultDatabase = "data/hubspot-sync.db";

const loopbackHosts = new Set(["127.0.0.1", "localhost", "::1"]);

const text = (fallback: string) => z.string().default(fallback);
const address = z.url({
  protocol: /^https?$/,
  error: "must be a web address such as https://api.example.com",
});
const url = (fallback: string) => address.default(fallback);
const secret = z
  .string()
  .trim()
  .regex(/^\S+$/, "must be one word without spaces or line breaks")
  .transform((value) => new Secret(value))
  .optional();
const flag = (fallback: boolean) =>
  z
    .string()
    .regex(/^(true|false|1|0)$/i, "must be true or false")
    .transform((value) => value.toLowerCase() === "true" || value === "1")
    .default(fallback);
const whole = (range: { min: number; max: number; fallback: number }) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${range.min} to ${range.max}`)
    .transform(Number)
    .refine(
      (n) => n >= range.min && n <= range.max,
      `must be a whole number from ${range.min} to ${range.max}`,
    )
    .default(range.fallback);

const schedule = (fallback: string) =>
  z
    .string()
    .trim()
    .refine(
      (pattern) => pattern === "off" || (/^(\S+ ){4}\S+$/.test(pattern) && cronEverFires(pattern)),
      'must be "off" or five fields of cron for a time that comes, e.g. */15 * * * * for every quarter of an hour',
    )
    .default(fallback);
const policy = z
  .enum(["keep", "unlink", "delete"], { error: "must be keep, unlink or delete" })
  .default("keep");

const environmentSchema = z
  .object({
    DATABASE_URL: text(defaultDatabase),
    HUBSPOT_ACCESS_TOKEN: secret,
    HUBSPOT_BASE_URL: url("https://api.hubapi.com"),
    HUBSPOT_CLIENT_SECRET: secret,
    HUBSPOT_APP_ID: z.string().optional(),
    HUBSPOT_BURST_LIMIT: whole({ min: 1, max: 1_000, fallback: 100 }),
    HUBSPOT_DAILY_RESERVE: whole({ min: 0, max: 90, fallback: 10 }),
    LEMLIST_API_KEY: secret,
    LEMLIST_BASE_URL: url("https://api.lemlist.com/api"),
    EXPLORIUM_API_KEY: secret,
    EXPLORIUM_BASE_URL: url("https://api.explorium.ai/v1"),
    EXPLORIUM_RATE_LIMIT: whole({ min: 1, max: 100_000, fallback: 200 }),
    ANTHROPIC_API_KEY: secret,
    ANTHROPIC_BASE_URL: url("https://api.anthropic.com"),
    ANTHROPIC_MODEL: text("claude-haiku-5-5"),
    AUTO_ENRICH_ON_IMPORT: flag(true),
    AUTO_SYNC_AFTER_ENRICH: flag(true),
    WEBHOOK_SIGNATURES: z
      .string()
      .regex(/^v[123](,v[123])*$/, "must be v3, or a list such as v3,v1")
      .default("v3"),
    WEBHOOK_MAX_WAITING: whole({ min: 100, max: 100_000_000, fallback: 200_000 }),
    POLL_SCHEDULE: schedule("*/15 * * * *"),
    RECONCILE_SCHEDULE: schedule("0 2 * * *"),
    NEW_HUBSPOT_CONTACTS: z
      .enum(["new", "changed", "off"], { error: "must be new, changed or off" })
      .default("new"),
    SIGNIFICANT_FIELDS: text("email,company,domain,job_title").refine(
      (names) => unknownSignificant(names).length === 0,
      `must be "off" or a list of some of ${significantNames.join(", ")}`,
    ),
    ON_DELETED_CONTACTS: policy,
    ON_DELETED_CUSTOMERS: policy,
    MAX_FLIPS_PER_HOUR: whole({ min: 0, max: 1_000, fallback: 5 }),
    KEEP_EVENTS_DAYS: whole({ min: 1, max: 3_650, fallback: 3 }),
    KEEP_JOBS_DAYS: whole({ min: 1, max: 3_650, fallback: 30 }),
    KEEP_LOG_DAYS: whole({ min: 7, max: 3_650, fallback: 90 }),
    SYNC_MAX_CREATES: whole({ min: 0, max: 10_000_000, fallback: 100_000 }),
    SYNC_MAX_UPDATES: whole({ min: 0, max: 10_000_000, fallback: 100_000 }),
    SYNC_MAX_CLEARS: whole({ min: 0, max: 10_000_000, fallback: 1_000 }),
    FIELD_MAP: z.string().optional(),
    HTTP_HOST: text("127.0.0.1"),
    HTTP_PORT: whole({ min: 0, max: 65_535, fallback: 8_787 }),
    API_TOKEN: secret,
    PUBLIC_URL: address.optional(),
    IMPORT_ROOTS: text("data/samples"),
    LOG_LEVEL: z
      .string()
      .toLowerCase()
      .pipe(
        z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
          error: "must be one of trace, debug, info, warn, error, fatal, silent",
        }),
      )
      .default("info"),
  })
  .superRefine((env, context) => {
    if (loopbackHosts.has(env.HTTP_HOST)) return;
    // Still the text that was given when that was refused already.
    if (env.API_TOKEN !== undefined && !(env.API_TOKEN instanceof Secret)) return;
    const length = env.API_TOKEN?.reveal().length ?? 0;
    if (length >= MIN_TOKEN) return;
    const what = length === 0 ? "must be set" : `must have at least ${MIN_TOKEN} characters`;
    context.addIssue({
      code: "custom",
      path: ["API_TOKEN"],
      message: `${what} when HTTP_HOST is not loopback (HTTP_HOST=${env.HTTP_HOST}); make one with: openssl rand -hex 32`,
    });
  });

export type Config = z.infer<typeof environmentSchema>;

/** The names of all variables that are read, for tests that compare them with `.env.example`. */
export const configNames: readonly string[] = Object.keys(environmentSchema.shape);

/**
 * Parses the environment. A variable set to "" counts as not set, and so does the literal `${user_config.x}` that Claude
 * Desktop leaves in place of an option the user did not fill in.
 *
 * @throws AppError `input` that names every variable in question and its mend, never a value of a secret
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const given = Object.entries(env).filter(
    ([name, value]) => configNames.includes(name) && isSet(value),
  );
  const parsed = environmentSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `- ${issue.path.join(".")} ${issue.message}`);
  throw new AppError(
    "input",
    `The configuration has ${problems.length} problem(s):\n${problems.join("\n")}\n.env.example describes every variable.`,
    { code: "INVALID_CONFIG" },
  );
}

/** Every value that may never be printed, the database's password in both of its spellings included. */
export function secretsOf(config: Config): readonly string[] {
  const kept = Object.values(config).flatMap((value) =>
    value instanceof Secret ? [value.reveal()] : [],
  );
  const written = URL.canParse(config.DATABASE_URL) ? new URL(config.DATABASE_URL).password : "";
  return written === "" ? kept : [...kept, written, decoded(written)];
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/** From a fixed time on, so that the answer does not depend on the day. False also for what is no cron at all. */
function cronEverFires(pattern: string): boolean {
  try {
    return new Cron(pattern, { mode: "5-part" }).nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "" && !/^\$\{[^}]*\}$/.test(value);
}
