/** One simulated HubSpot account: its settings, records, properties, associations and owners. */
import type { AssociationStore } from "./association-store.ts";
import { OBJECT_TYPES, type ObjectType } from "./object-types.ts";
import { DEMO_OWNERS, type Owner } from "./owner-list.ts";
import { createPropertyStore, type PropertyStore } from "./property-store.ts";
import { createRandom, type Random } from "./random.ts";
import { createRecordStore, type RecordStore, type Source } from "./records.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { createOutbox, type Outbox } from "./webhook-outbox.ts";

/** What an account starts from. */
export type AccountOptions = {
  now?: () => number;
  seed?: number;
  portalId?: number;
  appId?: number;
  settings?: Partial<Settings>;
};

/** All state of one account. */
export type Account = {
  readonly portalId: number;
  /** The app whose token is used: the source id of every write through the API. */
  readonly appId: number;
  readonly now: () => number;
  settings: Settings;
  random: Random;
  records: ReadonlyMap<string, RecordStore>;
  properties: ReadonlyMap<string, PropertyStore>;
  associations: AssociationStore;
  owners: Owner[];
  outbox: Outbox;
};

const DEFAULT_PORTAL = 44_237_313;
const DEFAULT_APP = 19_083_857;
const WEBHOOK_SEED = 7_919;

type Contents = Pick<
  Account,
  "settings" | "random" | "records" | "properties" | "associations" | "owners" | "outbox"
>;

function emptyContents(options: AccountOptions): Contents {
  return {
    settings: parseSettings(options.settings ?? {}),
    random: createRandom(options.seed ?? 1),
    records: new Map(
      OBJECT_TYPES.map((type, index) => [type.id, createRecordStore(type, index)] as const),
    ),
    properties: new Map(OBJECT_TYPES.map((type) => [type.id, createPropertyStore(type)] as const)),
    associations: new Map(),
    owners: [...DEMO_OWNERS],
    // Another seed than the API's: a lost webhook must not change the order of a batch.
    outbox: createOutbox(createRandom((options.seed ?? 1) + WEBHOOK_SEED)),
  };
}

/** An account without records. */
export function createAccount(options: AccountOptions): Account {
  return {
    portalId: options.portalId ?? DEFAULT_PORTAL,
    appId: options.appId ?? DEFAULT_APP,
    now: options.now ?? Date.now,
    ...emptyContents(options),
  };
}

/** Back to the start: no records, own properties gone, settings as given at creation. */
export function resetAccount(account: Account, options: AccountOptions): void {
  Object.assign(account, emptyContents(options));
}

/** The records of a type. */
export function recordsOf(account: Account, type: ObjectType): RecordStore {
  const store = account.records.get(type.id);
  if (store === undefined) throw new Error(`No record store for ${type.name}.`);
  return store;
}

/** The properties of a type. */
export function propertiesOf(account: Account, type: ObjectType): PropertyStore {
  const store = account.properties.get(type.id);
  if (store === undefined) throw new Error(`No property store for ${type.name}.`);
  return store;
}

/** A write through the API, as property history names it. */
export function apiSource(account: Account): Source {
  return { type: "INTEGRATION", id: String(account.appId) };
}

/** A write by a person in HubSpot's own pages: this user, by default the first owner. */
export function userSource(account: Account, id?: number): Source {
  const userId = id ?? account.owners[0]?.userId ?? 0;
  const owner = account.owners.find((one) => one.userId === userId);
  const label = owner === undefined ? {} : { label: owner.email };
  return { type: "CRM_UI", id: `userId:${userId}`, userId, ...label };
}
