/** What tests of reconciliations share: contacts that both sides hold alike, edits that left no signal, and reports as found. */
import { expect } from "vitest";
import type { Job } from "../../mcp-server/src/core/job.ts";
import {
  type ReconcileReport,
  type ReportPart,
  reportSchema,
} from "../../mcp-server/src/core/reconcile-report.ts";
import { type SceneOptions, type SyncScene, syncScene } from "./sync-scene.ts";

export interface ReconcileScene extends SyncScene {
  /** Runs one to its end, of contacts unless said otherwise. */
  reconcile(args?: Readonly<Record<string, unknown>>): Promise<Job>;
  /** Adds contacts, syncs them, and returns their ids. */
  synced(...emails: readonly string[]): Promise<readonly number[]>;
  /** Changes a contact here as if no trigger had ever seen it. */
  editUnseen(id: number, field: string, value: string | null): void;
}

/** A scene for reconciliations; `close` ends it. */
export async function reconcileScene(options: SceneOptions = {}): Promise<ReconcileScene> {
  const scene = await syncScene(options);
  return {
    ...scene,
    reconcile: (args) => scene.sync({ mode: "reconcile", object: "contacts", ...args }),
    synced: async (...emails) => {
      const ids: number[] = [];
      for (const email of emails)
        ids.push(await scene.contact(email, { first_name: "Ada", city: "Bonn" }));
      await scene.sync({ object: "contacts" });
      scene.forget();
      return ids;
    },
    editUnseen: (id, field, value) => {
      scene.sql(`update contacts set ${field} = ? where id = ?`, value, id);
      scene.sql("delete from change_log where local_id = ?", id);
      scene.sql("delete from sync_queue where local_id = ?", id);
    },
  };
}

/** The report of a reconciliation that completed. */
export function reportOf(job: Job): ReconcileReport {
  expect(job).toMatchObject({ status: "completed" });
  return reportSchema.parse(job.result);
}

/** Its part about contacts. */
export function contactsOf(job: Job): ReportPart {
  const part = reportOf(job).parts.find(({ object }) => object === "contacts");
  if (!part) throw new Error("contacts were not compared");
  return part;
}

/** What differed and why, as "city: changed_here 1". */
export function causesOf({ findings }: ReportPart): readonly string[] {
  return findings.fields.map(({ field, cause, count }) => `${field}: ${cause} ${count}`);
}
