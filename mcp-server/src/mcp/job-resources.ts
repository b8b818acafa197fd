/** Jobs as MCP resources: a person can attach one to a conversation, and a client can be told when it moves. */
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { isFinished, jobLineSchema, jobSchema } from "../tools/job-view.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { asked, type Call, quiet } from "./ask-tool.ts";

const MAX_WATCHED = 20;
const JSON_TYPE = "application/json";
const JOB_URI = /^job:\/\/([A-Za-z0-9_-]{1,100})$/;

/** The verbs that resources are read by, so that a job looks the same everywhere. */
interface JobTools {
  readonly status: Tool;
  readonly health: Tool;
}

/** Registers `job://{job_id}` for reading, listing and subscribing, if the tools to read jobs by are there. */
export function addJobResources(server: McpServer, tools: readonly Tool[], call: Call): void {
  const status = tools.find((tool) => tool.name === "job-status");
  const health = tools.find((tool) => tool.name === "sync-health");
  if (!status || !health) return;
  const jobs = { status, health };
  server.registerResource(
    "job",
    new ResourceTemplate("job://{job_id}", {
      list: (extra) => listed(jobs, { ...call, ...quiet(extra.signal) }),
    }),
    {
      title: "Job",
      description: "A job of import, enrich or sync, as job-status shows it",
      mimeType: JSON_TYPE,
    },
    async (uri, _variables, extra) => ({
      contents: [await readJob(jobs, uri.href, { ...call, ...quiet(extra.signal) })],
    }),
  );
  server.server.registerCapabilities({ resources: { subscribe: true } });
  addSubscriptions(server, jobs, call);
}

const recentSchema = z.object({ jobs: z.object({ recent: z.array(jobLineSchema) }) });

async function listed(jobs: JobTools, context: ToolContext) {
  const { recent } = recentSchema.parse(await asked(jobs.health, {}, context)).jobs;
  return {
    resources: recent.map((job) => ({
      uri: `job://${job.job_id}`,
      name: `${job.kind} ${job.status}`,
      description: `Started ${job.created_at}`,
      mimeType: JSON_TYPE,
    })),
  };
}

async function readJob(jobs: JobTools, uri: string, context: ToolContext) {
  const job_id = jobIdOf(uri);
  if (job_id === null) throw new McpError(ErrorCode.InvalidParams, "There is no such job.");
  const job = await asked(jobs.status, { job_id, wait_seconds: 0 }, context);
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(job) };
}

/** Subscribing to anything is allowed; what is not a job never changes. */
function addSubscriptions(server: McpServer, jobs: JobTools, call: Call): void {
  const watched = new Map<string, AbortController>();
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }) => {
    const jobId = jobIdOf(uri);
    if (jobId === null || watched.has(uri) || watched.size >= MAX_WATCHED) return {};
    const stop = new AbortController();
    watched.set(uri, stop);
    const tell = (): void => {
      if (stop.signal.aborted) return;
      server.server.sendResourceUpdated({ uri }).catch(() => stop.abort());
    };
    watchJob(jobs.status, jobId, { ...call, signal: stop.signal, tell })
      .finally(() => {
        if (watched.get(uri) === stop) watched.delete(uri);
      })
      // The job is not there (any more): there is nothing to tell, and reading it says so.
      .catch(() => undefined);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params: { uri } }) => {
    watched.get(uri)?.abort();
    watched.delete(uri);
    return {};
  });
}

interface Watch extends Call {
  readonly signal: AbortSignal;
  readonly tell: () => void;
}

/** Tells of every change until the job has ended or nobody listens. */
async function watchJob(status: Tool, job_id: string, { tell, ...call }: Watch): Promise<void> {
  let seen: string | null = null;
  const look = (...state: readonly unknown[]): void => {
    const now = JSON.stringify(state);
    if (seen !== null && seen !== now) tell();
    seen = now;
  };
  while (!call.signal.aborted) {
    const output = await status.run(
      { job_id, wait_seconds: 20 },
      {
        ...call,
        ...quiet(call.signal),
        progress: look,
      },
    );
    if (isFinished(jobSchema.parse(output))) {
      tell();
      return;
    }
  }
}

function jobIdOf(uri: string): string | null {
  return JOB_URI.exec(uri)?.[1] ?? null;
}
