/** Previewed plans, each of which can be carried out once. */
import { type Selectable, sql } from "kysely";
import type { PlanStore, PlanTake, StoredPlan } from "../ports/plan-store.ts";
import type { Engine } from "./engine.ts";
import { fromJsonText } from "./json-text.ts";
import { lastByKey } from "./last-by-key.ts";
import type { Db, PlanTable } from "./tables.ts";

const columns = { object: "text", local_id: "bigint", digest: "text" } as const;

/** Plans over a connection or a transaction. */
export function planStore(db: Db, engine: Engine): PlanStore {
  return {
    add: async (plan) => {
      await db
        .insertInto("plans")
        .values({ ...plan, args: JSON.stringify(plan.args), used_at: null })
        .execute();
    },
    addRecords: async (planId, records) => {
      const rows = lastByKey(records, (row) => `${row.object} ${row.local_id}`);
      await engine.forRows(
        db,
        { columns, rows },
        (v) => sql`
          insert into plan_records (plan_id, object, local_id, digest)
          select cast(${planId} as text), v.object, v.local_id, v.digest from ${v} where true
          on conflict (plan_id, object, local_id) do update set digest = excluded.digest`,
      );
    },
    find: (planId, now) => findPlan(db, planId, now),
    take: (planId, now) => takePlan(db, planId, now),
    records: (planId, { object, afterId, limit }) =>
      db
        .selectFrom("plan_records")
        .select(["object", "local_id", "digest"])
        .where("plan_id", "=", planId)
        .where("object", "=", object)
        .where("local_id", ">", afterId)
        .orderBy("local_id")
        .limit(limit)
        .execute(),
  };
}

async function findPlan(db: Db, planId: string, now: string): Promise<PlanTake> {
  const row = await db
    .selectFrom("plans")
    .selectAll()
    .where("plan_id", "=", planId)
    .executeTakeFirst();
  if (row === undefined) return { kind: "unknown" };
  if (row.used_at !== null) return { kind: "used" };
  return row.expires_at <= now ? { kind: "expired" } : { kind: "taken", plan: toPlan(row) };
}

/** One statement, so that of several processes at once only one finds it unused. */
async function takePlan(db: Db, planId: string, now: string): Promise<PlanTake> {
  const row = await db
    .updateTable("plans")
    .set({ used_at: now })
    .where("plan_id", "=", planId)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? findPlan(db, planId, now) : { kind: "taken", plan: toPlan(row) };
}

function toPlan({ used_at: _, ...row }: Selectable<PlanTable>): StoredPlan {
  return { ...row, args: fromJsonText<Record<string, unknown>>(row.args) };
}
