/** Reports of reconciliations as MCP resources: a page that a person can attach to a conversation. */
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { reconcileMarkdown } from "../core/reconcile-markdown.ts";
import { reportSchema } from "../core/reconcile-report.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { asked, type Call, quiet } from "./ask-tool.ts";

const MARKDOWN = "text/markdown";
const REPORT_URI = /^reconciliation:\/\/([A-Za-z0-9_-]{1,100})$/;

/** Registers `reconciliation://{run_id}` for reading and listing, if the tools to read reports by are there. */
export function addReportResources(server: McpServer, tools: readonly Tool[], call: Call): void {
  const status = tools.find((tool) => tool.name === "job-status");
  const health = tools.find((tool) => tool.name === "sync-health");
  if (!status || !health) return;
  server.registerResource(
    "reconciliation",
    new ResourceTemplate("reconciliation://{run_id}", {
      list: (extra) => listed(health, { ...call, ...quiet(extra.signal) }),
    }),
    {
      title: "Reconciliation report",
      description: "What a reconciliation found and repaired, as a page",
      mimeType: MARKDOWN,
    },
    async (uri, _variables, extra) => ({
      contents: [await readReport(status, uri.href, { ...call, ...quiet(extra.signal) })],
    }),
  );
}

const lastSchema = z.object({
  hubspot: z.object({
    last_reconciliation: z.object({ run_id: z.string(), started_at: z.string() }).nullable(),
  }),
});

/** The latest one; earlier ones are read by the id of their job. */
async function listed(health: Tool, context: ToolContext) {
  const last = lastSchema.parse(await asked(health, {}, context)).hubspot.last_reconciliation;
  if (!last) return { resources: [] };
  const { run_id, started_at } = last;
  return {
    resources: [
      {
        uri: `reconciliation://${run_id}`,
        name: "Last reconciliation",
        description: `Started ${started_at}`,
        mimeType: MARKDOWN,
      },
    ],
  };
}

async function readReport(status: Tool, uri: string, context: ToolContext) {
  const job_id = REPORT_URI.exec(uri)?.[1];
  if (job_id === undefined) throw notThere();
  const { result } = await asked(status, { job_id, wait_seconds: 0 }, context);
  const report = reportSchema.safeParse(result);
  if (!report.success) throw notThere();
  return { uri, mimeType: MARKDOWN, text: reconcileMarkdown(report.data) };
}

function notThere(): McpError {
  return new McpError(
    ErrorCode.InvalidParams,
    "There is no report of that id, or the reconciliation has not ended.",
  );
}
