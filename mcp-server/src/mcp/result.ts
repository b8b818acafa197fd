/** Tool answers and failures in MCP's form. */
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { type AppError, treatments } from "../core/errors.ts";
import type { ToolOutput } from "../tools/tool.ts";

/** The same answer twice, each complete: some clients show only the structured part, others only the text. */
export function success(output: ToolOutput): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(output) }],
    structuredContent: { ...output },
  };
}

/**
 * A failure as text, because clients drop the structured part of errors: the code, what happened with its mend, and when to
 * try again. Only our own sentence; whatever caused it stays in the log.
 */
export function failure(error: AppError): CallToolResult {
  return {
    isError: true,
    content: [{ type: "text", text: `${error.code}: ${error.message}${retryAdvice(error)}` }],
  };
}

function retryAdvice(error: AppError): string {
  if (error.retryAfterMs !== null) {
    const seconds = Math.ceil(error.retryAfterMs / 1_000);
    return ` Try again in ${seconds} s (retry_after_seconds: ${seconds}).`;
  }
  return treatments[error.kind].retry ? " Try again in a moment." : "";
}
