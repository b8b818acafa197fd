/** What HubSpot says by itself: the inbox's outcomes, records to look at, tombstones, leases and reports. */
import type { Ddl } from "./ddl.ts";

/** A link's HubSpot id as a text that sorts as the number does; an index serves a condition that repeats it to the letter. */
export const hubspotNumber = "substr('00000000000000000000' || hubspot_id, length(hubspot_id) + 1)";

/** The statements of the third migration, in order. */
export function inbound(ddl: Ddl): readonly string[] {
  return [
    ...inbox(ddl),
    ...queues(ddl),
    ...tombstones(ddl),
    ...leases(ddl),
    ...companies(ddl),
    // One part a kind of record in each run.
    "create unique index reconciliation_reports_by_run on reconciliation_reports (run_id, object)",
    // HubSpot lists records by number, so that both sides can be walked side by side.
    `create index links_by_number on links (object, ${hubspotNumber})`,
  ];
}

function inbox({ text }: Ddl): readonly string[] {
  return [
    `alter table webhook_events add column object ${text} not null default ''`,
    `alter table webhook_events add column outcome ${text}`,
    `alter table webhook_events add column error ${text}`,
    "create index webhook_events_done on webhook_events (processed_at, outcome) where processed_at is not null",
  ];
}

/** `hubspot_queue` holds HubSpot records to look at that no queue entry of a local record can stand for. */
function queues({ text, keyed }: Ddl): readonly string[] {
  return [
    "alter table sync_queue add column inbound integer not null default 0",
    // Where nothing is sent by itself, everything else in the queue may be due for weeks.
    "create index sync_queue_inbound on sync_queue (object, urgent, due_at, local_id) where inbound = 1",
    `create table hubspot_queue (
      object ${text} not null,
      hubspot_id ${text} not null,
      kind ${text} not null,
      attempts integer not null default 0,
      due_at ${text} not null,
      version integer not null default 1,
      leased_version integer,
      lease_owner ${text},
      lease_until ${text},
      error ${text},
      primary key (object, hubspot_id)
    ) ${keyed}`,
    "create index hubspot_queue_by_due on hubspot_queue (due_at, object, hubspot_id)",
  ];
}

/** Nothing in it names a person: keys are kept as keyed hashes. */
function tombstones({ text, keyed }: Ddl): readonly string[] {
  return [
    `create table tombstones (
      object ${text} not null,
      hubspot_id ${text} not null,
      local_id bigint,
      key_hash ${text},
      reason ${text} not null,
      policy ${text} not null,
      created_at ${text} not null,
      primary key (object, hubspot_id)
    ) ${keyed}`,
    "create index tombstones_by_local_id on tombstones (object, local_id) where local_id is not null",
    "create index tombstones_by_key on tombstones (object, key_hash) where key_hash is not null",
  ];
}

/** What became of companies in HubSpot, so that what was merged or deleted there is not made anew. */
function companies({ text }: Ddl): readonly string[] {
  return [
    "alter table companies add column merged_into bigint",
    `alter table companies add column hubspot_deleted_id ${text}`,
    "create index companies_merged on companies (merged_into) where merged_into is not null",
    "create index companies_deleted on companies (hubspot_deleted_id) where hubspot_deleted_id is not null",
  ];
}

function leases({ text, keyed }: Ddl): readonly string[] {
  return [
    `create table leases (
      name ${text} not null primary key,
      owner ${text} not null,
      until ${text} not null
    ) ${keyed}`,
  ];
}
