/** Questions to the person behind an MCP client, where the client can put them. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { ElicitRequestFormParams } from "@modelcontextprotocol/sdk/types.js";
import { AppError } from "../core/errors.ts";
import type { ToolContext } from "../tools/tool.ts";

// People read before they agree. Clients that give up on the call earlier end the question with it.
const ANSWER_MS = 5 * 60_000;

// The box is not ticked beforehand: a client that accepts a form by itself has asked nobody.
const yesOrNo = {
  type: "object",
  properties: {
    confirm: { type: "boolean", title: "Yes, go ahead" },
  },
  required: ["confirm"],
} satisfies ElicitRequestFormParams["requestedSchema"];

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
    const isYes = answer.action === "accept" && answer.content?.["confirm"] === true;
    return isYes ? "accepted" : "declined";
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
