/**
 * The tables as queries see them: one interface a table, columns in the order of the migrations. JSON columns hold text in both engines; times are ISO-8601 UTC
 * text; flags are 0 or 1.
 */
import type { Generated, Kysely } from "kysely";
import type { Rejection } from "../core/import-row.ts";
import type { JobKind, JobStatus } from "../core/job.ts";
import type { Conflict, ConflictStatus } from "../ports/conflict-store.ts";
import type { InboxOutcome, RemoteItem } from "../ports/inbox-store.ts";
import type { ReconciliationReport, Tombstone } from "../ports/life-store.ts";
import type { PlannedDigest, StoredPlan } from "../ports/plan-store.ts";
import type { SyncAction, SyncObject, SyncOutcome } from "../ports/sync-store.ts";
import type { CompanyTable, ContactTable, CustomerTable } from "./record-tables.ts";

export interface EnrichmentCacheTable {
  type: string;
  key: string;
  /** JSON text; `null` inside it is a negative entry. */
  data: string;
  cached_at: string;
  expires_at: string;
}

export interface ImportRejectTable {
  id: Generated<number>;
  job_id: string;
  row: number;
  raw: string;
  code: Rejection["code"];
  message: string;
  field: string | null;
  created_at: string;
}

export interface JobTable {
  job_id: string;
  kind: JobKind;
  status: JobStatus;
  args: string;
  progress: string;
  counts: string;
  errors: string;
  notes: string;
  result: string | null;
  next: string | null;
  checkpoint: string | null;
  cancel_requested: number;
  lease_owner: string | null;
  lease_until: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface LinkTable {
  object: SyncObject;
  local_id: number;
  hubspot_id: string;
  linked_at: string;
}

export interface FieldStateTable {
  object: SyncObject;
  local_id: number;
  base: string;
  synced_at: string;
}

export interface SyncQueueTable {
  object: SyncObject;
  local_id: number;
  reason: string;
  attempts: number;
  due_at: string;
  /** Grows with every signal; an entry whose version moved while it was leased is not settled yet. */
  version: number;
  leased_version: number | null;
  lease_owner: string | null;
  lease_until: string | null;
  /** 1 = a real-time field changed. */
  urgent: Generated<number>;
  /** 1 = HubSpot said something about the record. */
  inbound: Generated<number>;
  /** When the first signal that is not settled yet was given, ISO-8601 UTC. */
  since: Generated<string | null>;
  /** Likewise of those that came while it was leased; null = none did. */
  since_again: Generated<string | null>;
}

export interface SyncLogTable {
  id: Generated<number>;
  run_id: string;
  object: SyncObject;
  local_id: number;
  hubspot_id: string | null;
  action: SyncAction;
  outcome: SyncOutcome;
  fields: string;
  marker: string | null;
  error: string | null;
  created_at: string;
  finished_at: string | null;
}

export interface ConflictTable {
  id: Generated<number>;
  object: SyncObject;
  local_id: number;
  field: string;
  base: string | null;
  local: string | null;
  hubspot: string | null;
  status: ConflictStatus;
  version: number;
  created_at: string;
  updated_at: string;
  closed_at: string | null;
  local_at: string | null;
  local_by: string | null;
  hubspot_at: string | null;
  hubspot_by: string | null;
  resolution: Conflict["resolution"];
  note: string | null;
  resolved_by: string | null;
  reason: Generated<Conflict["reason"]>;
  /** JSON text, newest last; null where `reason` says enough. */
  history: Generated<string | null>;
}

/** Filled by triggers alone. */
export interface ChangeLogTable {
  id: Generated<number>;
  object: SyncObject;
  local_id: number;
  field: string;
  before: string | null;
  after: string | null;
  changed_at: string;
  changed_by: string;
}

export interface PlanTable {
  plan_id: string;
  kind: StoredPlan["kind"];
  args: string;
  map_version: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}

export interface PlanRecordTable extends PlannedDigest {
  plan_id: string;
}

export interface CursorTable {
  name: string;
  value: string;
  updated_at: string;
}

export interface WebhookEventTable {
  id: Generated<number>;
  event_id: string;
  subscription_type: string;
  object_id: string;
  occurred_at: string;
  payload: string;
  received_at: string;
  processed_at: string | null;
  object: Generated<string>;
  /** null while it waits. */
  outcome: InboxOutcome | null;
  error: string | null;
}

export interface HubspotQueueTable {
  object: RemoteItem["object"];
  hubspot_id: string;
  kind: RemoteItem["kind"];
  attempts: Generated<number>;
  due_at: string;
  /** Grows with every signal, as in sync_queue. */
  version: Generated<number>;
  leased_version: number | null;
  lease_owner: string | null;
  lease_until: string | null;
  error: string | null;
  /** As in sync_queue. */
  since: Generated<string | null>;
  since_again: Generated<string | null>;
}

export interface TombstoneTable extends Tombstone {}

export interface LeaseTable {
  name: string;
  owner: string;
  until: string;
}

export interface ReconciliationReportTable {
  id: Generated<number>;
  run_id: string;
  object: ReconciliationReport["object"];
  started_at: string;
  finished_at: string | null;
  counts: string;
  report: string | null;
}

export interface SharedStateTable {
  name: string;
  value: string;
  updated_at: string;
}

export interface SchemaMigrationTable {
  version: number;
  name: string;
  applied_at: string;
}

/** Tables that the program's queries touch; the rest exists for documents A and B and for later callers. */
export interface Tables {
  contacts: ContactTable;
  customers: CustomerTable;
  companies: CompanyTable;
  enrichment_cache: EnrichmentCacheTable;
  import_rejects: ImportRejectTable;
  jobs: JobTable;
  links: LinkTable;
  field_state: FieldStateTable;
  sync_queue: SyncQueueTable;
  sync_log: SyncLogTable;
  conflicts: ConflictTable;
  cursors: CursorTable;
  change_log: ChangeLogTable;
  plans: PlanTable;
  plan_records: PlanRecordTable;
  webhook_events: WebhookEventTable;
  hubspot_queue: HubspotQueueTable;
  tombstones: TombstoneTable;
  leases: LeaseTable;
  reconciliation_reports: ReconciliationReportTable;
  shared_state: SharedStateTable;
  schema_migrations: SchemaMigrationTable;
}

/** A connection or a transaction. */
export type Db = Kysely<Tables>;
