/** How resources are read: by the tools, so that everything looks the same at every door. */
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { toAppError } from "../core/errors.ts";
import type { Tool, ToolContext, ToolOutput } from "../tools/tool.ts";

/** Who reads. */
export type Call = Pick<ToolContext, "principal">;

/** A tool's answer; its refusal becomes a protocol error with our own sentence and nothing else. */
export async function asked(tool: Tool, input: unknown, context: ToolContext): Promise<ToolOutput> {
  try {
    return await tool.run(input, context);
  } catch (thrown) {
    throw new McpError(ErrorCode.InvalidParams, toAppError(thrown).message);
  }
}

/** The rest of a call's context where nobody watches the progress or can be asked. */
export function quiet(signal: AbortSignal): Omit<ToolContext, "principal"> {
  return { signal, progress: () => undefined, confirm: null };
}
