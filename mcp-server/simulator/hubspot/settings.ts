/** Everything about the simulated account that a test may switch, with HubSpot's own defaults. */
import { z } from "zod";

/** The token that the simulator accepts unless told otherwise. A demo value, not a secret. */
export const DEMO_TOKEN = "pat-na1-00000000-demo-0000-0000-simulator000";

/** The client secret that signs webhooks unless told otherwise. A demo value, not a secret. */
export const DEMO_CLIENT_SECRET = "demo-secret-0000-0000-simulator";

const conditionalRule = z.strictObject({
  property: z.string(),
  basedOn: z.string(),
  values: z.array(z.string()),
});

const settingsSchema = z.strictObject({
  /** The one accepted access token. */
  token: z.string().min(1).default(DEMO_TOKEN),
  /** Seconds since the token expired; null while it is valid. */
  tokenExpiredSecondsAgo: z.number().int().nonnegative().nullable().default(null),
  /** Granted scopes; null grants everything. */
  scopes: z.array(z.string()).nullable().default(null),
  /** True for an OAuth app: its answers carry no daily headers. */
  oauth: z.boolean().default(false),
  /** Requests per rolling 10 s. Free and Starter 100, Professional and Enterprise 190, add-on 250. */
  burstLimit: z.number().int().positive().default(100),
  /** Requests per day of the account's time zone. */
  dailyLimit: z.number().int().positive().default(250_000),
  /** The association endpoints have limits of their own. */
  associationsBurstLimit: z.number().int().positive().default(100),
  associationsDailyLimit: z.number().int().positive().default(500_000),
  /** Searches per rolling second, all apps of the account together. */
  searchPerSecond: z.number().int().positive().default(5),
  /** How long a write stays invisible to search. */
  searchLagMs: z.number().nonnegative().default(3_000),
  /** Whether a 429 carries Retry-After. No recorded one did. */
  retryAfterHeader: z.boolean().default(false),
  /** HubSpot does not keep request order in batch results; false keeps it for debugging. */
  shuffleResults: z.boolean().default(true),
  /** A recorded answer with four embedded property errors listed only three in errors[]. */
  errorsListLimit: z.number().int().positive().default(3),
  /** What a batch read with a missing id returns: found records, or nothing as one report says. */
  batchReadMissing: z.enum(["partial", "empty"]).default("partial"),
  /** How an upsert by somebody's secondary e-mail ends. Undocumented, so both can be tried. */
  upsertBySecondaryEmail: z.enum(["match", "conflict"]).default("match"),
  /**
   * Whether trace ids save the good rows of an upsert by e-mail. The docs say that partial upserts
   * are not supported there, an integration saw them work; both can be tried.
   */
  emailUpserts: z.enum(["partial", "whole"]).default("partial"),
  /** Whether a write that changes nothing still bumps the modified date. A recorded one did not. */
  unchangedWritesBump: z.boolean().default(false),
  /** Whether values of unique properties are compared without regard to case. Undocumented. */
  uniqueValuesIgnoreCase: z.boolean().default(true),
  /** Whether PATCH of a property drops the options left out. Reports read both ways. */
  patchOptions: z.enum(["replace", "keep"]).default("replace"),
  /** Account setting: create and associate a company from a contact's e-mail domain. */
  autoCreateCompanies: z.boolean().default(false),
  /** Whether a note bumps its contacts' roll-up fields and modified date. */
  noteRollups: z.boolean().default(true),
  /** Properties that an admin made mandatory; enforced on 2026-09 paths only. */
  requiredProperties: z.record(z.string(), z.array(z.string())).default({}),
  /** Properties that an admin made mandatory where another one has one of these values. */
  conditionalProperties: z.record(z.string(), z.array(conditionalRule)).default({}),
  /** How long a new property definition stays unreadable. Measured at 0.25 to 0.7 s in 2026-09. */
  propertyLagMs: z.number().nonnegative().default(0),
  /** Whether the values of a new record are told one by one beside its creation. Undocumented. */
  creationRaisesPropertyChanges: z.boolean().default(false),
  /** Whether a restore bumps the modified date, so that a poll would find it. Undocumented. */
  restoreBumps: z.boolean().default(false),
  /** Which signatures webhooks carry. Whether every one carries v3 is not documented. */
  webhookSignatures: z.array(z.enum(["v1", "v3"])).default(["v1", "v3"]),
  /** Events of one webhook request. */
  webhookMaxBatch: z.number().int().min(1).max(100).default(100),
  /** Webhook requests at a time. */
  webhookConcurrency: z.number().int().positive().default(10),
  /** How long a receiver may take to answer. */
  webhookTimeoutMs: z.number().int().positive().default(5_000),
  /** How long events lie before they are sent: at least, at most. */
  webhookDelayMs: z
    .tuple([z.number().int().nonnegative(), z.number().int()])
    .refine(([shortest, longest]) => shortest <= longest, "the first must not be above the second")
    .default([0, 0]),
  /** Share of events that never arrive, as if all retries had failed. */
  webhookDropShare: z.number().min(0).max(1).default(0),
  /** Share of events that arrive twice. */
  webhookDuplicateShare: z.number().min(0).max(1).default(0),
  /** Whether events are sent in random order. */
  webhookShuffle: z.boolean().default(false),
  /** Retries are spread over 24 hours; a small factor spreads them over less. */
  webhookRetryScale: z.number().positive().default(1),
});

/** The switches of one simulated account. */
export type Settings = z.infer<typeof settingsSchema>;

/** What a PATCH of the settings may hold: any subset, unknown names refused. */
export const settingsPatchSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, field]) => [name, field.unwrap().optional()]),
  ),
);

/** Fills what is not given with HubSpot's defaults. Throws a ZodError on an unknown name. */
export function parseSettings(given: Partial<Settings>): Settings {
  return settingsSchema.parse(given);
}
