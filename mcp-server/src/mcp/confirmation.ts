/** Questions to the person behind an MCP client, where the client can put them. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { AppError } from "../core/errors.ts";
import type { ToolContext } from "../tools/tool.ts";

// People read before they agree. Clients that give up on the call earlier end the question with it.
const ANSWER_MS = 5 * 60_000;

// A plain yes or no: accepting says it, and the box is there for clients that show no form without a field.
const yesOrNo = {
  type: "object",
  properties: {
    confirm: { type: "boolean", title: "Go ahead", default: true },
  },
} as const;

/** The call that a question belongs to. */
export interface AskingCall {
  readonly requestId: string | number;
  readonly signal: AbortSignal;
}

/** How to ask the person behind this client; null when the client did not say that it can show a form. */
export function confirmation(server: McpServer, call: AskingCall): ToolContext["confirm"] {
  if (!server.server.getClientCapabilities()?.elicitation?.form) return null;
  return async (question) => {
    const answer = await ask(server, call, question);
    if (answer.action !== "accept") return "declined";
    return answer.content?.["confirm"] === false ? "declined" : "accepted";
  };
}

async function ask(server: McpServer, { requestId, signal }: AskingCall, message: string) {
  try {
    return await server.server.elicitInput(
      { message, requestedSchema: yesOrNo },
      { relatedRequestId: requestId, signal, timeout: ANSWER_MS },
    );
  } catch (cause) {
    throw new AppError(
      "cancelled",
      "The question got no usable answer from the client, so nothing was done; call again to be asked again.",
      { code: "NOT_CONFIRMED", cause },
    );
  }
}
