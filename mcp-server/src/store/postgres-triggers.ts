/**
 * The triggers of PostgreSQL. They run with the rights of the tables' owner and name everything with its schema, so that a program
 * with rights on one table and a search path of its own can still write.
 */
import type { CapturedField, CapturedTable } from "./captured-fields.ts";
import {
  announcesNew,
  DEBOUNCE_SECONDS,
  GENERATED,
  type Trigger,
  type TriggerTexts,
} from "./change-triggers.ts";
import { MARKED_AGAIN } from "./queue-signal.ts";

const FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const NOW = `to_char(clock_timestamp() at time zone 'UTC', ${FORMAT})`;
const SOON = `to_char((clock_timestamp() + interval '${DEBOUNCE_SECONDS} seconds') at time zone 'UTC', ${FORMAT})`;
const SETTING = "current_setting('hubspot_sync.writer', true)";

/** The triggers for the tables; a table without watched fields has none. */
export const postgresTriggers: TriggerTexts = (tables, schema) =>
  tables
    .filter((table) => table.fields.length > 0)
    .flatMap((table) => [
      changed(table, schema),
      ...(announcesNew(table) ? [created(table, schema)] : []),
    ]);

function changed(table: CapturedTable, schema: string): Trigger {
  const { object, fields } = table;
  const name = `${GENERATED}${object}_changed`;
  const columns = [...new Set(fields.map((field) => field.column))];
  return {
    name,
    table: object,
    statements: [
      jsonReader(schema),
      ...triggerFunction(`${schema}.${name}`, changedBody(table, schema)),
      `create trigger ${name}
after update of ${columns.map(quoted).join(", ")} on ${schema}.${object} for each row
when (${SETTING} is distinct from 'sync' and (${columns.map(columnChanged).join(" or ")}))
execute function ${schema}.${name}()`,
    ],
  };
}

function created({ object }: CapturedTable, schema: string): Trigger {
  const name = `${GENERATED}${object}_created`;
  const body = `begin
insert into ${schema}.sync_queue (object, local_id, reason, due_at, since)
values (${literal(object)}, new.id, 'created', ${SOON}, ${NOW})
${MARKED_AGAIN};
return null;
end`;
  return {
    name,
    table: object,
    statements: [
      ...triggerFunction(`${schema}.${name}`, body),
      `create trigger ${name} after insert on ${schema}.${object} for each row
when (${SETTING} is distinct from 'sync')
execute function ${schema}.${name}()`,
    ],
  };
}

/** The body is a text like any other: no word of a field's name can end it. */
function triggerFunction(name: string, body: string): readonly string[] {
  return [
    `create or replace function ${name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as ${literal(body)}`,
    `revoke all on function ${name}() from public`,
  ];
}

/** The JSON object in a text; null when it is none, whatever else it may be. */
function jsonReader(schema: string): string {
  const body = `begin
if jsonb_typeof(document::jsonb) = 'object' then return document::jsonb; end if;
return null;
exception when others then return null;
end`;
  return `create or replace function ${schema}.${GENERATED}object(document text) returns jsonb
language plpgsql immutable parallel safe as ${literal(body)}`;
}

function changedBody({ object, fields }: CapturedTable, schema: string): string {
  const columns = Map.groupBy(fields, (field) => field.column);
  const checks = [...columns].map(([column, here]) => columnCheck(column, here, object, schema));
  return `declare
  writer text := nullif(${SETTING}, '');
  written_at text := ${NOW};
  is_sent boolean := false;
  is_urgent boolean := false;
  was jsonb;
  is_now jsonb;
begin
${checks.join("\n")}
if is_sent and writer is null then
  insert into ${schema}.sync_queue (object, local_id, reason, due_at, urgent, since)
  values (${literal(object)}, new.id, 'changed', case when is_urgent then written_at else ${SOON} end, is_urgent::integer, written_at)
  ${MARKED_AGAIN};
end if;
return null;
end`;
}

type Watched = readonly CapturedField[];

/** A column that holds no JSON object now says nothing of its entries, so that they have not changed. */
function columnCheck(column: string, fields: Watched, object: string, schema: string): string {
  const whole = fields.filter((field) => field.key === null);
  const entries = fields.filter((field) => field.key !== null);
  const log = (field: CapturedField) => logged(field, object, schema);
  const parsed = `was := ${schema}.${GENERATED}object(old.${quoted(column)}::text);
is_now := ${schema}.${GENERATED}object(new.${quoted(column)}::text);
if new.${quoted(column)} is null or is_now is not null then
${entries.map((field) => `if ${entry("was", field)} is distinct from ${entry("is_now", field)} then\n${log(field)}\nend if;`).join("\n")}
end if;`;
  return `if ${columnChanged(column)} then
${[...whole.map(log), ...(entries.length > 0 ? [parsed] : [])].join("\n")}
end if;`;
}

function logged(field: CapturedField, object: string, schema: string): string {
  const [before, after] =
    field.key === null
      ? [`old.${quoted(field.column)}::text`, `new.${quoted(field.column)}::text`]
      : [entry("was", field), entry("is_now", field)];
  return `insert into ${schema}.change_log (object, local_id, field, before, after, changed_at, changed_by)
values (${literal(object)}, new.id, ${literal(field.field)},
  case when writer is null then ${before} end, case when writer is null then ${after} end,
  written_at, coalesce(writer, 'sql'));${field.isSent ? "\nis_sent := true;" : ""}${field.isRealTime ? "\nis_urgent := true;" : ""}`;
}

function entry(variable: "was" | "is_now", { key }: CapturedField): string {
  return `(${variable} ->> ${literal(key ?? "")})`;
}

function columnChanged(column: string): string {
  return `old.${quoted(column)} is distinct from new.${quoted(column)}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Escaped for every setting of the server, because the field map's words are people's. */
function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
