/** Conflicts between the two sides: at most one open one for a field of a record. */
import { type ExpressionBuilder, type Selectable, sql } from "kysely";
import type { LoopChange } from "../core/loop-breaker.ts";
import type {
  Conflict,
  ConflictFilter,
  ConflictStore,
  OpenConflict,
} from "../ports/conflict-store.ts";
import type { Engine } from "./engine.ts";
import { fromJsonText } from "./json-text.ts";
import { lastByKey } from "./last-by-key.ts";
import type { ConflictTable, Db, Tables } from "./tables.ts";

const columns = {
  object: "text",
  local_id: "bigint",
  field: "text",
  base: "text",
  local: "text",
  hubspot: "text",
  local_at: "text",
  local_by: "text",
  hubspot_at: "text",
  hubspot_by: "text",
  reason: "text",
  history: "text",
} as const;

// A literal, because a partial index only serves a condition that repeats its own words.
const isOpen = sql<boolean>`status = 'open'`;

/** Conflicts over a connection or a transaction. */
export function conflictStore(db: Db, engine: Engine): ConflictStore {
  return {
    open: (conflicts, now) => openConflicts(db, engine, conflicts, now),
    closeAgreed: (object, closed, now) => closeConflicts(db, engine, { object, closed }, now),
    countOpen: (reason) => countConflicts(db, engine, reason ? { reason } : {}),
    list: async (filter, page) => ({
      total: await countConflicts(db, engine, filter),
      conflicts: await listConflicts(db, engine, filter, page),
    }),
    findByIds: async (ids) => {
      const rows = await db
        .selectFrom("conflicts")
        .selectAll()
        .where(engine.amongIds(sql.ref("id"), ids))
        .execute();
      return rows.map(toConflict);
    },
    resolve: (end, now) => resolveConflict(db, end, now),
  };
}

/**
 * The version moves only when a value did, so that a decision on what is still true is not refused as stale. A time that was known
 * stays known as long as its value stays.
 */
async function openConflicts(
  db: Db,
  engine: Engine,
  conflicts: readonly OpenConflict[],
  now: string,
): Promise<void> {
  const key = (row: OpenConflict) => `${row.object} ${row.local_id} ${row.field}`;
  const rows = engine.lockOrder(lastByKey(conflicts, key), key).map(toRow);
  const names = Object.keys(columns);
  await engine.forRows(
    db,
    { columns, rows },
    (v) => sql`
      insert into conflicts
        (${sql.join(names.map((name) => sql.id(name)))}, status, created_at, updated_at)
      select ${sql.join(names.map((name) => sql.id("v", name)))}, 'open',
        cast(${now} as text), cast(${now} as text)
      from ${v} where true
      on conflict (object, local_id, field) where status = 'open' do update set
        base = excluded.base, local = excluded.local, hubspot = excluded.hubspot,
        local_at = ${kept("local", "local_at")}, local_by = ${kept("local", "local_by")},
        hubspot_at = ${kept("hubspot", "hubspot_at")}, hubspot_by = ${kept("hubspot", "hubspot_by")},
        reason = excluded.reason, history = ${kept("reason", "history")},
        version = conflicts.version + case when ${valueMoved} then 1 else 0 end,
        updated_at = excluded.updated_at
      where ${valueMoved}
        or conflicts.local_at is distinct from coalesce(excluded.local_at, conflicts.local_at)
        or conflicts.hubspot_at is distinct from coalesce(excluded.hubspot_at, conflicts.hubspot_at)`,
  );
}

function toRow({ reason = "both_changed", history = null, ...row }: OpenConflict) {
  return { ...row, reason, history: history && JSON.stringify(history) };
}

const valueMoved = sql<boolean>`(conflicts.reason is distinct from excluded.reason
  or conflicts.base is distinct from excluded.base
  or conflicts.local is distinct from excluded.local
  or conflicts.hubspot is distinct from excluded.hubspot)`;

/** What was known beside a value stays known as long as the value stays. */
function kept(side: "local" | "hubspot" | "reason", column: string) {
  const [before, after] = [sql.id("conflicts", column), sql.id("excluded", column)];
  return sql`case when ${sql.id("conflicts", side)} is distinct from ${sql.id("excluded", side)}
    then ${after} else coalesce(${after}, ${before}) end`;
}

interface Closed {
  readonly object: OpenConflict["object"];
  readonly closed: readonly { readonly local_id: number; readonly field: string }[];
}

async function closeConflicts(db: Db, engine: Engine, { object, closed }: Closed, now: string) {
  await engine.forRows(
    db,
    { columns: { local_id: "bigint", field: "text" }, rows: closed },
    (v) => sql`
      update conflicts set status = 'closed', closed_at = ${now}, updated_at = ${now}
      from ${v}
      where conflicts.status = 'open' and conflicts.object = ${object}
        and conflicts.local_id = v.local_id and conflicts.field = v.field`,
  );
}

async function countConflicts(db: Db, engine: Engine, filter: ConflictFilter): Promise<number> {
  const row = await db
    .selectFrom("conflicts")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .where((eb) => matching(eb, engine, filter))
    .executeTakeFirst();
  return row?.count ?? 0;
}

async function listConflicts(
  db: Db,
  engine: Engine,
  filter: ConflictFilter,
  page: { readonly afterId: number; readonly limit: number },
): Promise<readonly Conflict[]> {
  const rows = await db
    .selectFrom("conflicts")
    .selectAll()
    .where((eb) => matching(eb, engine, filter))
    .where("id", ">", page.afterId)
    .orderBy("id")
    .limit(page.limit)
    .execute();
  return rows.map(toConflict);
}

function matching(
  eb: ExpressionBuilder<Tables, "conflicts">,
  engine: Engine,
  { object, field, status = "open", reason, local_ids }: ConflictFilter,
) {
  const found = [status === "open" ? isOpen : eb("status", "=", status)];
  if (object !== undefined) found.push(eb("object", "=", object));
  if (field !== undefined) found.push(eb("field", "=", field));
  if (reason !== undefined) found.push(eb("reason", "=", reason));
  const conditions = eb.and(found);
  return local_ids === undefined
    ? conditions
    : eb.and([conditions, engine.amongIds(sql.ref("local_id"), local_ids)]);
}

async function resolveConflict(
  db: Db,
  { conflict_id, version, ...decision }: Parameters<ConflictStore["resolve"]>[0],
  now: string,
): Promise<boolean> {
  const ended = await db
    .updateTable("conflicts")
    .set({ ...decision, status: "resolved", closed_at: now, updated_at: now })
    .where("id", "=", conflict_id)
    .where("version", "=", version)
    .where("status", "=", "open")
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

function toConflict({ id, history, ...row }: Selectable<ConflictTable>): Conflict {
  const changes = history === null ? null : fromJsonText<readonly LoopChange[]>(history);
  return { conflict_id: id, ...row, history: changes };
}
