/** The strict local HubSpot: an app that answers like the real one, and handles to look inside. */
import { Hono } from "hono";
import {
  type Account,
  type AccountOptions,
  createAccount,
  recordsOf,
  resetAccount,
  userSource,
} from "./account.ts";
import { link, linksOf } from "./association-store.ts";
import { countRecords, dispatch } from "./dispatch.ts";
import { faultBody } from "./fault-bodies.ts";
import { freshUsage } from "./limits.ts";
import {
  type EndName,
  lookUp,
  type RecordView,
  recordNamed,
  typeNamed,
  viewOf,
} from "./look-up.ts";
import { type Person, personIn } from "./person.ts";
import { afterLinkChange } from "./rollups.ts";
import { seedDemo } from "./seed-demo.ts";
import { type Settings, settingsPatchSchema } from "./settings.ts";
import { muted } from "./webhook-outbox.ts";
import { type Webhooks, webhooksOf } from "./webhooks.ts";
import { createRecord } from "./write.ts";

/** What a simulated HubSpot starts from: clock, seed, ids and settings. */
export type HubspotOptions = AccountOptions;

/** A simulated HubSpot. Object types are named as in paths: `contacts`, `company`, `0-46`. */
export type Hubspot = Person & {
  readonly app: Hono;
  readonly portalId: number;
  readonly appId: number;
  /** What the account tells its app; silent until `subscribe`. */
  readonly webhooks: Webhooks;
  /** Current settings. */
  settings(): Settings;
  /** Changes settings. Throws a ZodError on an unknown name or a wrong value. */
  configure(patch: Record<string, unknown>): Settings;
  /** Back to an empty account with the settings given at creation. */
  reset(): void;
  /**
   * Adds records that a person made at `at` (ms), by default a day ago, without the API's checks and
   * without webhook events. Returns their ids.
   */
  seed(type: string, rows: readonly Record<string, string>[], at?: number): string[];
  seedContacts(rows: readonly Record<string, string>[]): string[];
  seedCompanies(rows: readonly Record<string, string>[]): string[];
  /** About 120 contacts of 60 companies, associated. */
  seedDemo(): void;
  /** Associates two records without webhook events; no type numbers means the unlabeled one. */
  associate(from: EndName, to: EndName, typeIds?: readonly number[]): void;
  /** Live records, in id order. */
  all(type: string): RecordView[];
  /**
   * A record by id, e-mail or unique property ("crm_key=K1"), merges followed; undefined when there
   * is none.
   */
  find(type: string, key: string): RecordView | undefined;
  /** Ids and type numbers associated with a record. */
  associations(type: string, key: string, toType: string): { id: string; typeIds: number[] }[];
  /** Live records by type. */
  counts(): Record<string, number>;
  /** Body of an injected fault. */
  errorBody(status: number): { status: number; headers: Record<string, string>; body: string };
};

const DAY_MS = 86_400_000;

function readers(account: Account) {
  return {
    all: (name: string) => {
      const type = typeNamed(name);
      const live = recordsOf(account, type).ordered.filter(({ archivedAt }) => archivedAt === null);
      return live.map((record) => viewOf(account, type, record));
    },
    find: (name: string, key: string) => {
      const type = typeNamed(name);
      const record = lookUp(account, type, key);
      return record === undefined ? undefined : viewOf(account, type, record);
    },
    associations: (name: string, key: string, toType: string) => {
      const { end } = recordNamed(account, name, key);
      return [...linksOf(account.associations, end, typeNamed(toType).id)].map(([id, types]) => ({
        id,
        typeIds: [...types].sort((a, b) => a - b),
      }));
    },
    counts: () => countRecords(account),
  };
}

function writers(account: Account) {
  // A day old, so that search has long since indexed it.
  const seed = (
    name: string,
    rows: readonly Record<string, string>[],
    at = account.now() - DAY_MS,
  ) => {
    const origin = { source: userSource(account), at };
    const type = typeNamed(name);
    return muted(account.outbox, () =>
      rows.map((row) => createRecord(account, type, row, origin).id),
    );
  };
  return {
    seed,
    seedContacts: (rows: readonly Record<string, string>[]) => seed("contacts", rows),
    seedCompanies: (rows: readonly Record<string, string>[]) => seed("companies", rows),
    associate: (from: EndName, to: EndName, typeIds: readonly number[] = []) => {
      const ends = [recordNamed(account, ...from).end, recordNamed(account, ...to).end] as const;
      muted(account.outbox, () => {
        link(account.associations, ...ends, typeIds);
        afterLinkChange(account, ...ends);
      });
    },
  };
}

/** Starts an empty account. The same seed, clock and requests give the same answers. */
export function createHubspot(options: HubspotOptions = {}): Hubspot {
  const account = createAccount(options);
  const usage = freshUsage();
  const webhooks = webhooksOf(account);
  const app = new Hono();
  app.all("*", (context) => dispatch(account, usage, context.req.raw));
  return {
    app,
    portalId: account.portalId,
    appId: account.appId,
    webhooks,
    settings: () => account.settings,
    configure: (patch) => {
      const known = settingsPatchSchema.parse(patch);
      account.settings = { ...account.settings, ...known };
      return account.settings;
    },
    reset: () => {
      webhooks.reset();
      resetAccount(account, options);
      Object.assign(usage, freshUsage());
    },
    ...readers(account),
    ...writers(account),
    ...personIn(account),
    seedDemo: () => muted(account.outbox, () => seedDemo(account)),
    errorBody: (status) => faultBody(account, status),
  };
}
