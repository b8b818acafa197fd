/** Makes the adapters and workers that a configuration asks for; a provider without a key is left out. */
import { delimiter, resolve } from "node:path";
import { accountKey } from "./account-key.ts";
import type { Config } from "./config.ts";
import type { FieldMaps } from "./core/field-map.ts";
import type { JobKind } from "./core/job.ts";
import { statusClass } from "./core/metric-catalogue.ts";
import { significantFields } from "./core/significant.ts";
import { createExplorium } from "./enrichment/explorium.ts";
import { createIntelligence } from "./enrichment/intelligence.ts";
import type { Events } from "./events.ts";
import { createHubspotCrm } from "./hubspot/hubspot-crm.ts";
import {
  countApiRequest,
  meteredCompanyData,
  meteredCrm,
  meteredIntelligence,
} from "./metrics/metered.ts";
import type { Crm } from "./ports/crm.ts";
import type { CompanyData, Intelligence } from "./ports/enrichment.ts";
import type { JobHandler } from "./ports/jobs.ts";
import { type Meter, noMeter } from "./ports/meter.ts";
import type { OpenSource } from "./ports/sources.ts";
import type { Store } from "./ports/store.ts";
import type { Clock, Log, NewId } from "./ports/world.ts";
import { createCsvSource } from "./sources/csv.ts";
import { createHubspotSource } from "./sources/hubspot.ts";
import { createLemlistSource } from "./sources/lemlist.ts";
import { createOpenSource } from "./sources/open-source.ts";
import { openRecords } from "./sources/records.ts";
import { createCrmSyncWorker } from "./workers/crm-sync-worker.ts";
import { createEnrichmentWorker } from "./workers/enrichment-worker.ts";
import { createImportWorker } from "./workers/import-worker.ts";
import { linkImported } from "./workers/link-imported.ts";
import { createLiveSync, type LiveSync } from "./workers/live-sync.ts";
import { createPoll, type Poll } from "./workers/poll.ts";
import { rememberReads } from "./workers/read-back.ts";

/** What every worker stands on. */
export interface Ground {
  readonly store: Store;
  readonly maps: FieldMaps;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly newId: NewId;
  /** Left out = nobody counts. */
  readonly meter?: Meter;
  /** Names this process in leases. */
  readonly owner: string;
}

/** The handler of each kind of job, and what takes in and sends changes as they happen; null without an access token. */
export interface Workers {
  readonly handlers: Readonly<Record<JobKind, JobHandler>>;
  readonly live: LiveSync | null;
  /** Asks HubSpot what changed there; null without an access token. */
  readonly poll: Poll | null;
}

/** Makes the workers over their adapters. */
export function createWorkers(config: Config, ground: Ground): Workers {
  const { clock } = ground;
  const hubspot = createCrm(config, ground);
  const remembering = hubspot && rememberReads(hubspot, clock);
  const crm = remembering?.crm ?? null;
  const map = ground.maps.contacts;
  const importing = createImportWorker({
    ...ground,
    store: ground.store.by("import"),
    openSource: createSources(config, ground, crm),
    onRemoteRow: (store, origins) =>
      linkImported(store, map, { origins, now: new Date(clock.now()).toISOString() }),
  });
  const enriching = createEnrichmentWorker({
    ...ground,
    store: ground.store.by("enrich"),
    companyData: createCompanyData(config, ground),
    intelligence: createModel(config, ground),
  });
  const sync = {
    ...ground,
    accountKey: accountKey(config),
    caps: {
      creates: config.SYNC_MAX_CREATES,
      updates: config.SYNC_MAX_UPDATES,
      clears: config.SYNC_MAX_CLEARS,
    },
    burstLimit: config.HUBSPOT_BURST_LIMIT,
    significant: significantFields(config.SIGNIFICANT_FIELDS),
    enrichesByItself: config.AUTO_ENRICH_ON_IMPORT,
    deletions: { contacts: config.ON_DELETED_CONTACTS, customers: config.ON_DELETED_CUSTOMERS },
    maxFlipsPerHour: config.MAX_FLIPS_PER_HOUR,
  };
  const inbound = {
    sendsByItself: config.AUTO_SYNC_AFTER_ENRICH,
    newContacts: config.NEW_HUBSPOT_CONTACTS,
    ...(remembering ? { readBack: remembering.readBack, heard: remembering.heard } : {}),
  };
  const poll = crm ? createPoll({ ...ground, ...inbound, crm }) : null;
  const syncing = createCrmSyncWorker({ ...sync, crm, ...(poll ? { poll } : {}) });
  return {
    handlers: { import: importing.run, enrich: enriching.run, sync: syncing.run },
    live: crm ? createLiveSync({ ...sync, ...inbound, crm }) : null,
    poll,
  };
}

function createCrm(
  config: Config,
  { store, owner, clock, log, meter = noMeter }: Ground,
): Crm | null {
  const token = config.HUBSPOT_ACCESS_TOKEN;
  if (!token) return null;
  const crm = createHubspotCrm({
    baseUrl: config.HUBSPOT_BASE_URL,
    accessToken: token.reveal(),
    burstLimit: config.HUBSPOT_BURST_LIMIT,
    dailyReserve: config.HUBSPOT_DAILY_RESERVE,
    holder: owner,
    shared: store.shared,
    accountKey: accountKey(config),
    clock,
    log,
    onRequest: (seen) => countApiRequest(meter, seen),
  });
  return meteredCrm(crm, meter);
}

function createSources(config: Config, { maps, clock, log }: Ground, crm: Crm | null): OpenSource {
  const roots = config.IMPORT_ROOTS.split(delimiter)
    .filter(Boolean)
    .map((root) => resolve(root));
  const key = config.LEMLIST_API_KEY;
  return createOpenSource({
    csv: createCsvSource({ roots }),
    records: openRecords,
    lemlist: key
      ? createLemlistSource({
          apiKey: key.reveal(),
          baseUrl: config.LEMLIST_BASE_URL,
          clock,
          log,
          random: Math.random,
        })
      : null,
    hubspot: crm ? createHubspotSource({ crm, map: maps.contacts }) : null,
  });
}

function createCompanyData(
  config: Config,
  { clock, log, meter = noMeter }: Ground,
): CompanyData | null {
  const key = config.EXPLORIUM_API_KEY;
  if (!key) return null;
  const explorium = createExplorium({
    apiKey: key.reveal(),
    baseUrl: config.EXPLORIUM_BASE_URL,
    quota: { limit: config.EXPLORIUM_RATE_LIMIT, windowMs: 60_000 },
    clock,
    log,
    random: Math.random,
    onAnswer: answers(meter, "explorium"),
  });
  return meteredCompanyData(explorium, meter);
}

function createModel(config: Config, { clock, log, meter = noMeter }: Ground): Intelligence | null {
  const key = config.ANTHROPIC_API_KEY;
  if (!key) return null;
  const claude = createIntelligence({
    apiKey: key.reveal(),
    baseUrl: config.ANTHROPIC_BASE_URL,
    model: config.ANTHROPIC_MODEL,
    clock,
    log,
    random: Math.random,
    onAnswer: answers(meter, "anthropic"),
  });
  return meteredIntelligence(claude, meter);
}

function answers(meter: Meter, provider: string): (status: number | null) => void {
  return (status) => meter.count("providerRequests", { provider, status: statusClass(status) });
}
