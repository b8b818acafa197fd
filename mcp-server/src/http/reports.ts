/** Reports of reconciliations for people and programs: the latest runs, and one whole as JSON or as a page of Markdown. */
import type { Context } from "hono";
import { AppError } from "../core/errors.ts";
import { reconcileMarkdown } from "../core/reconcile-markdown.ts";
import { storedReport } from "../core/reconcile-report.ts";
import type { ReconciliationReport } from "../ports/life-store.ts";
import type { ToolServices } from "../tools/tool.ts";

const LISTED = 50;

/** GET /api/reconciliations: the newest parts, a line each. */
export async function listReports({ store }: ToolServices): Promise<Response> {
  const reports = await store.reports.list(LISTED);
  return Response.json({ reconciliations: reports.map(lineOf) });
}

/** GET /api/reconciliations/{run_id}; with `.md` behind the id, or when the Accept header asks for Markdown, the same as a page. */
export async function readReport({ store }: ToolServices, c: Context): Promise<Response> {
  const asked = c.req.param("run_id") ?? "";
  const isPage = asked.endsWith(".md") || c.req.header("accept")?.includes("text/markdown");
  const rows = await store.reports.byRun(asked.replace(/\.md$/, ""));
  const [first] = rows;
  if (!first) throw new AppError("not-found", "There is no reconciliation of that id.");
  const report = storedReport(first.run_id, rows);
  if (!isPage) return Response.json(report);
  return new Response(reconcileMarkdown(report), {
    headers: { "content-type": "text/markdown; charset=utf-8" },
  });
}

function lineOf({ run_id, object, started_at, finished_at, counts }: ReconciliationReport) {
  return { run_id, object, started_at, finished_at, counts };
}
