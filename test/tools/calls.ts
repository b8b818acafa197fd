/** Opening services and calling tools in tests; whatever a test opened is closed after it. */
import { afterEach } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import type { JobContext, JobHandler } from "../../mcp-server/src/ports/jobs.ts";
import type { ToolContext, ToolOutput } from "../../mcp-server/src/tools/tool.ts";
import { openServices, type ServiceOptions, type Services } from "../doors/stack.ts";

const opened: Services[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

/** Services that are closed after the test. */
export async function open(options: ServiceOptions = {}): Promise<Services> {
  const services = await openServices(options);
  opened.push(services);
  return services;
}

/** A caller that waits for ever and hears nothing. */
export const silent: ToolContext = {
  signal: new AbortController().signal,
  progress: () => undefined,
  principal: "test",
  confirm: null,
};

/** Calls a tool by name. */
export async function run(from: Services, name: string, input: unknown, context = silent) {
  const tool = from.tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return await tool.run(input, context);
}

/** The error of a call that had to be refused. */
export async function refused(attempt: Promise<ToolOutput>): Promise<AppError> {
  const thrown = await attempt.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error("it was not refused", { cause: thrown });
  return thrown;
}

/** A worker that starts when asked and ends when told. */
export function gatedWorker(): { handler: JobHandler; seen: JobContext[]; finish: () => void } {
  const seen: JobContext[] = [];
  const gate = Promise.withResolvers<void>();
  const handler: JobHandler = async (context) => {
    seen.push(context);
    const { promise, reject } = Promise.withResolvers<never>();
    context.signal.addEventListener("abort", () => reject(context.signal.reason));
    await Promise.race([gate.promise, promise]);
    return { counts: { created: 1 } };
  };
  return { handler, seen, finish: () => gate.resolve() };
}
