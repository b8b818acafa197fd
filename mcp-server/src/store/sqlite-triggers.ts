/**
 * The triggers of SQLite. A program of any age and in any language may fire them, so they keep to functions that SQLite has had
 * for years, and a column that is no JSON must not make its statement fail.
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

const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
const SOON = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+${DEBOUNCE_SECONDS} seconds')`;
const SYNC_WRITES = "exists (select 1 from local_writer where name = 'sync')";
const SOMEBODY_NAMED_WRITES = "exists (select 1 from local_writer)";

/** The triggers for the tables; a table without watched fields has none. */
export const sqliteTriggers: TriggerTexts = (tables) =>
  tables
    .filter((table) => table.fields.length > 0)
    .flatMap((table) => [changed(table), ...(announcesNew(table) ? [created(table)] : [])]);

function changed({ object, fields }: CapturedTable): Trigger {
  const columns = [...new Set(fields.map((field) => field.column))];
  const name = `${GENERATED}${object}_changed`;
  const body = [...fields.map((field) => logged(object, field)), ...queued(object, fields)];
  const text = `create trigger ${name}
after update of ${columns.map(quoted).join(", ")} on ${object} for each row
when (${columns.map(columnChanged).join(" or ")}) and not ${SYNC_WRITES}
begin
${body.join("\n")}
end`;
  return { name, table: object, statements: [text] };
}

function logged(object: string, field: CapturedField): string {
  return `insert into change_log (object, local_id, field, before, after, changed_at, changed_by)
select ${literal(object)}, new.id, ${literal(field.field)},
  case when writer.name is null then ${valueIn("old", field)} end,
  case when writer.name is null then ${valueIn("new", field)} end,
  ${NOW}, coalesce(writer.name, 'sql')
from (select (select name from local_writer) as name) as writer
where ${fieldChanged(field)};`;
}

function queued(object: string, fields: readonly CapturedField[]): readonly string[] {
  const isSent = anyChanged(fields.filter((field) => field.isSent));
  const isUrgent = anyChanged(fields.filter((field) => field.isRealTime));
  if (isSent === null) return [];
  const due = isUrgent === null ? SOON : `case when ${isUrgent} then ${NOW} else ${SOON} end`;
  return [
    `insert into sync_queue (object, local_id, reason, due_at, urgent, since)
select ${literal(object)}, new.id, 'changed', ${due}, ${isUrgent ?? "0"}, ${NOW}
where not ${SOMEBODY_NAMED_WRITES} and ${isSent}
${MARKED_AGAIN};`,
  ];
}

function created({ object }: CapturedTable): Trigger {
  const name = `${GENERATED}${object}_created`;
  const text = `create trigger ${name}
after insert on ${object} for each row
when not ${SYNC_WRITES}
begin
insert into sync_queue (object, local_id, reason, due_at, since)
select ${literal(object)}, new.id, 'created', ${SOON}, ${NOW} where true
${MARKED_AGAIN};
end`;
  return { name, table: object, statements: [text] };
}

function anyChanged(fields: readonly CapturedField[]): string | null {
  return fields.length === 0 ? null : `(${fields.map(fieldChanged).join(" or ")})`;
}

/** A column that holds no JSON object now says nothing of its entries, so that they have not changed. */
function fieldChanged(field: CapturedField): string {
  const column = columnChanged(field.column);
  if (field.key === null) return column;
  return `(${column} and ${saysSomething(field.column)} and ${valueIn("old", field)} is not ${valueIn("new", field)})`;
}

function columnChanged(column: string): string {
  return `old.${quoted(column)} is not new.${quoted(column)}`;
}

function saysSomething(column: string): string {
  const now = `new.${quoted(column)}`;
  return `case when json_valid(${now}) then json_type(${now}) = 'object' else ${now} is null end`;
}

/** Found by comparing keys, because a path cannot spell every key in every version of SQLite. */
function valueIn(row: "old" | "new", { column, key }: CapturedField): string {
  const cell = `${row}.${quoted(column)}`;
  if (key === null) return cell;
  return `(select case type when 'true' then 'true' when 'false' then 'false' else value end
  from json_each(case when json_valid(${cell}) then ${cell} else '{}' end) where key = ${literal(key)})`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
