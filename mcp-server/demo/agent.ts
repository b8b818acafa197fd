/** The demo's agent: the official MCP client, talking to the real server over standard input and output. */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { z } from "zod";

const jobSchema = z.object({
  job_id: z.string(),
  status: z.string(),
  progress: z.object({ done: z.number(), total: z.number().nullable(), phase: z.string() }),
  counts: z.record(z.string(), z.number()),
  errors: z.array(z.object({ code: z.string(), message: z.string(), count: z.number() })),
  notes: z.array(z.string()),
  result: z.record(z.string(), z.unknown()).nullable(),
});
export type DemoJob = z.infer<typeof jobSchema>;

export interface Agent {
  /** Tool names, as the server lists them. */
  tools(): Promise<readonly string[]>;
  call(name: string, args: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /** Calls a tool that starts a job and asks job-status until it has ended. */
  job(name: string, args: Readonly<Record<string, unknown>>): Promise<DemoJob>;
  close(): Promise<void>;
}

/** Starts the server with exactly this environment and connects to it. */
export async function startAgent(environment: Readonly<Record<string, string>>): Promise<Agent> {
  const client = new Client({ name: "hubspot-sync-demo", version: "1.0.0" });
  const server = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [server, "stdio"],
      env: { ...environment },
      stderr: "inherit",
    }),
  );
  const call: Agent["call"] = async (name, args) => {
    const answer = await client.callTool({ name, arguments: { ...args } });
    if (answer.isError) throw new Error(`${name}: ${JSON.stringify(answer.content)}`);
    return z.record(z.string(), z.unknown()).parse(answer.structuredContent);
  };
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call,
    job: async (name, args) => {
      let job = jobSchema.parse(await call(name, { ...args, wait_seconds: 20 }));
      while (job.status === "queued" || job.status === "running") {
        job = jobSchema.parse(await call("job-status", { job_id: job.job_id, wait_seconds: 20 }));
      }
      return job;
    },
    close: () => client.close(),
  };
}
