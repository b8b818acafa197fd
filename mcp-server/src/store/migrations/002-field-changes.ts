/** Field-level sync: who changed what, urgent entries, decided conflicts, plans, and customers that other programs can add. */
import { crmSyncLog } from "./001-first-tables.ts";
import type { Ddl } from "./ddl.ts";

/** The statements of the second migration, in order. */
export function fieldChanges(ddl: Ddl): readonly string[] {
  return [
    ...conflicts(ddl),
    ...queue,
    ...changes(ddl),
    ...plans(ddl),
    ...customers(ddl),
    ...(ddl.kind === "sqlite" ? keyedBases(ddl) : []),
  ];
}

function conflicts({ text }: Ddl): readonly string[] {
  const added = ["local_at", "local_by", "hubspot_at", "hubspot_by"];
  const decided = ["resolution", "note", "resolved_by"];
  return [...added, ...decided].map(
    (column) => `alter table conflicts add column ${column} ${text}`,
  );
}

const queue = [
  "alter table sync_queue add column urgent integer not null default 0",
  "drop index sync_queue_by_due",
  "create index sync_queue_by_due on sync_queue (object, urgent, due_at, local_id)",
];

/** SQLite has no settings of a transaction, so that the writer's name stands in a row that is gone before others could see it. */
function changes({ kind, text }: Ddl): readonly string[] {
  const writer = `create table local_writer (name ${text} not null)`;
  return [
    `alter table change_log add column changed_by ${text} not null default 'sql'`,
    ...(kind === "sqlite" ? [writer] : []),
  ];
}

function plans({ text, keyed }: Ddl): readonly string[] {
  return [
    `create table plans (
      plan_id ${text} not null primary key,
      kind ${text} not null,
      args ${text} not null,
      map_version ${text} not null,
      created_at ${text} not null,
      expires_at ${text} not null,
      used_at ${text}
    )`,
    `create table plan_records (
      plan_id ${text} not null,
      object ${text} not null,
      local_id bigint not null,
      digest ${text} not null,
      primary key (plan_id, object, local_id)
    ) ${keyed}`,
  ];
}

/** A program that only knows a customer's data must be able to insert it. */
function customers(ddl: Ddl): readonly string[] {
  if (ddl.kind === "sqlite") return rebuiltCustomers(ddl);
  return ["created_at", "updated_at"].map(
    (column) => `alter table customers alter column ${column} set default ${ddl.now}`,
  );
}

/** SQLite cannot change a column's default; the table is copied, with the next id where it was. */
function rebuiltCustomers({ id, text, now }: Ddl): readonly string[] {
  return [
    `create table customers_rebuilt (
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
      created_at ${text} not null default (${now}),
      updated_at ${text} not null default (${now})
    )`,
    "insert into customers_rebuilt select * from customers",
    "delete from sqlite_sequence where name = 'customers_rebuilt'",
    `insert into sqlite_sequence (name, seq)
      select 'customers_rebuilt', seq from sqlite_sequence where name = 'customers'`,
    "drop table customers",
    "alter table customers_rebuilt rename to customers",
  ];
}

/** Bases without an index beside them: there is one for every record that was ever synced. */
function keyedBases({ text, keyed }: Ddl): readonly string[] {
  return [
    "drop view crm_sync_log",
    `create table field_state_rebuilt (
      object ${text} not null,
      local_id bigint not null,
      base ${text} not null,
      synced_at ${text} not null,
      primary key (object, local_id)
    ) ${keyed}`,
    "insert into field_state_rebuilt select * from field_state",
    "drop table field_state",
    "alter table field_state_rebuilt rename to field_state",
    crmSyncLog,
  ];
}
