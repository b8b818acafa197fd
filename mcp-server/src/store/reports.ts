/** What reconciliations found, one row for each kind of record of a run. */
import type { Selectable } from "kysely";
import type { ReconciliationReport, ReportStore } from "../ports/life-store.ts";
import { fromJson, fromJsonText } from "./json-text.ts";
import type { Db, ReconciliationReportTable } from "./tables.ts";

/** Reports over a connection or a transaction. */
export function reportStore(db: Db): ReportStore {
  return {
    put: async ({ run_id, object, started_at, finished_at, ...found }) => {
      const said = {
        started_at,
        finished_at,
        counts: JSON.stringify(found.counts),
        report: found.report === null ? null : JSON.stringify(found.report),
      };
      await db
        .insertInto("reconciliation_reports")
        .values({ run_id, object, ...said })
        .onConflict((conflict) => conflict.columns(["run_id", "object"]).doUpdateSet(said))
        .execute();
    },
    byRun: async (runId) => {
      const rows = await db
        .selectFrom("reconciliation_reports")
        .selectAll()
        .where("run_id", "=", runId)
        .orderBy("id")
        .execute();
      return rows.map(toReport);
    },
    list: async (limit) => {
      const rows = await db
        .selectFrom("reconciliation_reports")
        .selectAll()
        .orderBy("started_at", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(toReport);
    },
  };
}

function toReport({ id: _, ...row }: Selectable<ReconciliationReportTable>): ReconciliationReport {
  return { ...row, counts: fromJsonText(row.counts), report: fromJson(row.report) };
}
