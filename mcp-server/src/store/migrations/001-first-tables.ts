/** The first schema: contacts and what imports, enrichment and sync know of them. */
import type { Ddl } from "./ddl.ts";

/** The statements of the first migration, in order. */
export function firstTables(ddl: Ddl): readonly string[] {
  return [
    ...contacts(ddl),
    ...companies(ddl),
    ...customers(ddl),
    ...enrichmentCache(ddl),
    ...jobs(ddl),
    ...sync(ddl),
    ...history(ddl),
    ...later(ddl),
    crmSyncLog,
  ];
}

function contacts({ id, text }: Ddl): readonly string[] {
  return [
    `create table contacts (
      id ${id},
      email ${text} not null unique,
      first_name ${text},
      last_name ${text},
      company ${text},
      domain ${text},
      job_title ${text},
      phone ${text},
      country ${text},
      city ${text},
      website ${text},
      linkedin_url ${text},
      custom ${text},
      email_status ${text},
      engagement_state ${text},
      unsubscribed integer not null default 0,
      status ${text} not null,
      source ${text} not null,
      provenance ${text},
      intelligence ${text},
      quality_score double precision,
      quality_reasons ${text},
      enrichment_note ${text},
      failed_stage ${text},
      error ${text},
      retry_at ${text},
      attempts integer not null default 0,
      imported_at ${text} not null,
      enriched_at ${text},
      synced_at ${text},
      updated_at ${text} not null
    )`,
    "create index contacts_by_status on contacts (status, id)",
    "create index contacts_to_retry on contacts (failed_stage, retry_at) where status = 'failed'",
    "create index contacts_synced_early on contacts (id) where status = 'synced' and enriched_at is null",
  ];
}

function companies({ id, text }: Ddl): readonly string[] {
  return [
    `create table companies (
      id ${id},
      domain ${text} not null unique,
      name ${text},
      firmographics ${text},
      summary ${text},
      updated_at ${text} not null
    )`,
  ];
}

function customers({ id, text }: Ddl): readonly string[] {
  return [
    `create table customers (
      id ${id},
      ban ${text} not null unique,
      current_balance numeric,
      prepaid_balance numeric,
      status ${text},
      tier ${text},
      credit_limit numeric,
      payment_terms ${text},
      company_name ${text},
      legal_name ${text},
      contact ${text},
      address ${text},
      external_ids ${text},
      created_at ${text} not null,
      updated_at ${text} not null
    )`,
  ];
}

function enrichmentCache({ text }: Ddl): readonly string[] {
  return [
    `create table enrichment_cache (
      type ${text} not null,
      key ${text} not null,
      data ${text} not null,
      cached_at ${text} not null,
      expires_at ${text} not null,
      primary key (type, key)
    )`,
  ];
}

function jobs({ id, text }: Ddl): readonly string[] {
  return [
    `create table jobs (
      job_id ${text} not null primary key,
      kind ${text} not null,
      status ${text} not null,
      args ${text} not null,
      progress ${text} not null,
      counts ${text} not null,
      errors ${text} not null,
      notes ${text} not null,
      result ${text},
      next ${text},
      checkpoint ${text},
      cancel_requested integer not null default 0,
      lease_owner ${text},
      lease_until ${text},
      created_at ${text} not null,
      started_at ${text},
      finished_at ${text}
    )`,
    "create index jobs_by_age on jobs (created_at, job_id)",
    "create index jobs_unfinished on jobs (kind) where status in ('queued', 'running')",
    `create table import_rejects (
      id ${id},
      job_id ${text} not null,
      "row" integer not null,
      raw ${text} not null,
      code ${text} not null,
      message ${text} not null,
      field ${text},
      created_at ${text} not null,
      unique (job_id, "row")
    )`,
  ];
}

function sync({ text, keyed }: Ddl): readonly string[] {
  return [
    `create table links (
      object ${text} not null,
      local_id bigint not null,
      hubspot_id ${text} not null,
      linked_at ${text} not null,
      primary key (object, local_id),
      unique (object, hubspot_id)
    ) ${keyed}`,
    `create table field_state (
      object ${text} not null,
      local_id bigint not null,
      base ${text} not null,
      synced_at ${text} not null,
      primary key (object, local_id)
    )`,
    `create table sync_queue (
      object ${text} not null,
      local_id bigint not null,
      reason ${text} not null,
      attempts integer not null default 0,
      due_at ${text} not null,
      version integer not null default 1,
      leased_version integer,
      lease_owner ${text},
      lease_until ${text},
      primary key (object, local_id)
    ) ${keyed}`,
    "create index sync_queue_by_due on sync_queue (object, due_at, local_id)",
    `create table cursors (
      name ${text} not null primary key,
      value ${text} not null,
      updated_at ${text} not null
    ) ${keyed}`,
  ];
}

function history({ id, text }: Ddl): readonly string[] {
  return [
    `create table sync_log (
      id ${id},
      run_id ${text} not null,
      object ${text} not null,
      local_id bigint not null,
      hubspot_id ${text},
      action ${text} not null,
      outcome ${text} not null,
      fields ${text} not null,
      marker ${text},
      error ${text},
      created_at ${text} not null,
      finished_at ${text}
    )`,
    "create index sync_log_by_record on sync_log (object, local_id, id)",
    "create unique index sync_log_by_marker on sync_log (marker) where marker is not null",
    "create index sync_log_failures on sync_log (finished_at) where error is not null",
    `create table conflicts (
      id ${id},
      object ${text} not null,
      local_id bigint not null,
      field ${text} not null,
      base ${text},
      local ${text},
      hubspot ${text},
      status ${text} not null,
      version integer not null default 1,
      created_at ${text} not null,
      updated_at ${text} not null,
      closed_at ${text}
    )`,
    "create unique index conflicts_open on conflicts (object, local_id, field) where status = 'open'",
  ];
}

/** Named by the documents; their callers come with change detection, webhooks and reconciliation. */
function later({ id, text }: Ddl): readonly string[] {
  return [
    `create table change_log (
      id ${id},
      object ${text} not null,
      local_id bigint not null,
      field ${text} not null,
      before ${text},
      after ${text},
      changed_at ${text} not null
    )`,
    "create index change_log_by_field on change_log (object, local_id, field, id)",
    `create table webhook_events (
      id ${id},
      event_id ${text} not null,
      subscription_type ${text} not null,
      object_id ${text} not null,
      occurred_at ${text} not null,
      payload ${text} not null,
      received_at ${text} not null,
      processed_at ${text}
    )`,
    "create index webhook_events_new on webhook_events (id) where processed_at is null",
    `create table reconciliation_reports (
      id ${id},
      run_id ${text} not null,
      object ${text} not null,
      started_at ${text} not null,
      finished_at ${text},
      counts ${text} not null,
      report ${text}
    )`,
  ];
}

/** Document A's log, answered from what links and field_state hold. */
export const crmSyncLog = `create view crm_sync_log as
  select 'contact' as type, contacts.email as identifier, links.hubspot_id as hubspot_id,
    coalesce(field_state.synced_at, links.linked_at) as synced_at
  from links
  join contacts on contacts.id = links.local_id
  left join field_state on field_state.object = links.object and field_state.local_id = links.local_id
  where links.object = 'contacts'
  union all
  select 'company' as type, companies.domain as identifier, links.hubspot_id as hubspot_id,
    coalesce(field_state.synced_at, links.linked_at) as synced_at
  from links
  join companies on companies.id = links.local_id
  left join field_state on field_state.object = links.object and field_state.local_id = links.local_id
  where links.object = 'companies'`;
