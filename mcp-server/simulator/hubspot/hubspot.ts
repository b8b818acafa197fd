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
import { mergeRecords } from "./merge.ts";
import { findObjectType, type ObjectType } from "./object-types.ts";
import { type CrmRecord, resolveId } from "./records.ts";
import { afterLinkChange, afterNoteArchived } from "./rollups.ts";
import { seedDemo } from "./seed-demo.ts";
import { type Settings, settingsPatchSchema } from "./settings.ts";
import { findByUnique } from "./unique.ts";
import { archiveRecord, createRecord, linkedValues, updateRecord } from "./write.ts";

/** What a simulated HubSpot starts from: clock, seed, ids and settings. */
export type HubspotOptions = AccountOptions;

/** A record as tests look at it: current values, empty ones left out. */
export type RecordView = {
  id: string;
  properties: Record<string, string>;
  createdAt: number;
  updatedAt: number;
  archived: boolean;
};

/** A simulated HubSpot. Object types are named as in paths: `contacts`, `company`, `0-46`. */
export type Hubspot = {
  readonly app: Hono;
  readonly portalId: number;
  readonly appId: number;
  /** Current settings. */
  settings(): Settings;
  /** Changes settings. Throws a ZodError on an unknown name or a wrong value. */
  configure(patch: Record<string, unknown>): Settings;
  /** Back to an empty account with the settings given at creation. */
  reset(): void;
  /** Adds records that a person made a day ago, without the API's checks. Returns their ids. */
  seed(type: string, rows: readonly Record<string, string>[]): string[];
  seedContacts(rows: readonly Record<string, string>[]): string[];
  seedCompanies(rows: readonly Record<string, string>[]): string[];
  /** About 120 contacts of 60 companies, associated. */
  seedDemo(): void;
  /** Changes a record as a person in HubSpot's pages: history shows CRM_UI. `key` id or e-mail. */
  editAsUser(type: string, key: string, properties: Record<string, string>): RecordView;
  archiveAsUser(type: string, key: string): void;
  /** Merges two records into a new one. Returns its id. */
  mergeAsUser(type: string, primaryKey: string, otherKey: string): string;
  /** Associates two records; no type numbers means the unlabeled one. */
  associate(from: EndName, to: EndName, typeIds?: readonly number[]): void;
  /** Live records, in id order. */
  all(type: string): RecordView[];
  /** A record by id or e-mail, merges followed; undefined when there is none. */
  find(type: string, key: string): RecordView | undefined;
  /** Ids and type numbers associated with a record. */
  associations(type: string, key: string, toType: string): { id: string; typeIds: number[] }[];
  /** Live records by type. */
  counts(): Record<string, number>;
  /** Body of an injected fault. */
  errorBody(status: number): { status: number; headers: Record<string, string>; body: string };
};

const DAY_MS = 86_400_000;

/** Names a record in the helpers: `["contacts", "ada@example.com"]`. */
export type EndName = readonly [type: string, key: string];

function typeNamed(name: string): ObjectType {
  const type = findObjectType(name);
  if (type === undefined) throw new Error(`The simulator has no object type ${name}.`);
  return type;
}

function lookUp(account: Account, type: ObjectType, key: string): CrmRecord | undefined {
  const byId = resolveId(recordsOf(account, type), key);
  if (byId !== undefined || !key.includes("@")) return byId;
  const id = findByUnique(account, type, "email", key);
  return id === undefined ? undefined : resolveId(recordsOf(account, type), id);
}

function require(account: Account, name: string, key: string) {
  const type = typeNamed(name);
  const record = lookUp(account, type, key);
  if (record === undefined) throw new Error(`The simulator holds no ${type.singular} ${key}.`);
  return { type, record, end: { typeId: type.id, id: record.id } };
}

function view(account: Account, type: ObjectType, record: CrmRecord): RecordView {
  const values = { ...record.properties, ...linkedValues(account, type, record) };
  return {
    id: record.id,
    properties: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")),
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    archived: record.archivedAt !== null,
  };
}

function readers(account: Account) {
  return {
    all: (name: string) => {
      const type = typeNamed(name);
      const live = recordsOf(account, type).ordered.filter(({ archivedAt }) => archivedAt === null);
      return live.map((record) => view(account, type, record));
    },
    find: (name: string, key: string) => {
      const type = typeNamed(name);
      const record = lookUp(account, type, key);
      return record === undefined ? undefined : view(account, type, record);
    },
    associations: (name: string, key: string, toType: string) => {
      const { end } = require(account, name, key);
      return [...linksOf(account.associations, end, typeNamed(toType).id)].map(([id, types]) => ({
        id,
        typeIds: [...types].sort((a, b) => a - b),
      }));
    },
    counts: () => countRecords(account),
  };
}

function writers(account: Account) {
  const seed = (name: string, rows: readonly Record<string, string>[]) =>
    rows.map((row) => {
      // A day old, so that search has long since indexed it.
      const origin = { source: userSource(account), at: account.now() - DAY_MS };
      return createRecord(account, typeNamed(name), row, origin).id;
    });
  return {
    seed,
    seedContacts: (rows: readonly Record<string, string>[]) => seed("contacts", rows),
    seedCompanies: (rows: readonly Record<string, string>[]) => seed("companies", rows),
    editAsUser: (name: string, key: string, values: Record<string, string>) => {
      const { type, record } = require(account, name, key);
      updateRecord(account, type, record, { values, source: userSource(account) });
      return view(account, type, record);
    },
    archiveAsUser: (name: string, key: string) => {
      const { type, record } = require(account, name, key);
      archiveRecord(account, type, record);
      if (type.name === "notes") afterNoteArchived(account, record.id);
    },
    mergeAsUser: (name: string, primaryKey: string, otherKey: string) => {
      const { type, record } = require(account, name, primaryKey);
      return mergeRecords(account, type, record, require(account, name, otherKey).record).id;
    },
    associate: (from: EndName, to: EndName, typeIds: readonly number[] = []) => {
      const ends = [require(account, ...from).end, require(account, ...to).end] as const;
      link(account.associations, ...ends, typeIds);
      afterLinkChange(account, ...ends);
    },
  };
}

/** Starts an empty account. The same seed, clock and requests give the same answers. */
export function createHubspot(options: HubspotOptions = {}): Hubspot {
  const account = createAccount(options);
  const usage = freshUsage();
  const app = new Hono();
  app.all("*", (context) => dispatch(account, usage, context.req.raw));
  return {
    app,
    portalId: account.portalId,
    appId: account.appId,
    settings: () => account.settings,
    configure: (patch) => {
      const known = settingsPatchSchema.parse(patch);
      account.settings = { ...account.settings, ...known };
      return account.settings;
    },
    reset: () => {
      resetAccount(account, options);
      Object.assign(usage, freshUsage());
    },
    ...readers(account),
    ...writers(account),
    seedDemo: () => seedDemo(account),
    errorBody: (status) => faultBody(account, status),
  };
}
