/** One MCP server per connection over the shared list of tools. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { type AppError, toAppError, treatments } from "../core/errors.ts";
import type { Log } from "../ports/world.ts";
import { inputSchemaOf, type JsonSchema, outputSchemaOf } from "../tools/advertised.ts";
import type { Tool, ToolContext } from "../tools/tool.ts";
import { confirmation } from "./confirmation.ts";
import { addJobResources } from "./job-resources.ts";
import { thinnedProgress } from "./progress.ts";
import { addPrompts } from "./prompts.ts";
import { addReportResources } from "./report-resources.ts";
import { failure, success } from "./result.ts";

export interface McpServerOptions {
  readonly name: string;
  readonly version: string;
  /** What the client's model reads first; clients cut it at 2,048 characters. */
  readonly instructions: string;
  readonly log: Log;
  /** Who the calls of this connection are made for: "stdio" or "http". */
  readonly principal: string;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** A server with all tools registered, ready to connect to one transport. Making it touches nothing outside. */
export function buildServer(tools: readonly Tool[], options: McpServerOptions): McpServer {
  const server = new McpServer(
    { name: options.name, version: options.version },
    { instructions: options.instructions, capabilities: { logging: {} } },
  );
  addPrompts(server);
  addJobResources(server, tools, { principal: options.principal });
  addReportResources(server, tools, { principal: options.principal });
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: shownAs(inputSchemaOf(tool)),
        outputSchema: shownAs(outputSchemaOf(tool)),
        annotations: { ...tool.annotations },
      },
      (input, extra) => call(tool, input, { server, options, extra }),
    );
  }
  return server;
}

interface Connection {
  readonly server: McpServer;
  readonly options: McpServerOptions;
  readonly extra: Extra;
}

/** Never throws: the SDK would send the message of whatever is thrown to the model word for word. */
async function call(tool: Tool, input: unknown, connection: Connection) {
  try {
    return success(await tool.run(input, contextOf(connection)));
  } catch (thrown) {
    const error = toAppError(thrown);
    const fields = { tool: tool.name, code: error.code, err: error.cause };
    if (treatments[error.kind].alert) {
      connection.options.log.error(fields, "tool call failed");
      await tellClient(connection.server, tool, error);
    } else connection.options.log.info(fields, "tool call refused");
    return failure(error);
  }
}

/** What somebody must mend also goes to the client's own log, if it asked for errors; losing it harms nobody. */
async function tellClient(server: McpServer, tool: Tool, error: AppError): Promise<void> {
  const data = { tool: tool.name, code: error.code, message: error.message };
  await server.sendLoggingMessage({ level: "error", data }).catch(() => undefined);
}

function contextOf({ server, options, extra }: Connection): ToolContext {
  return {
    signal: extra.signal,
    progress: progressOf(extra),
    principal: options.principal,
    confirm: confirmation(server, extra),
  };
}

function progressOf(extra: Extra): ToolContext["progress"] {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  return thinnedProgress(
    (notice) => {
      const sent = extra.sendNotification({
        method: "notifications/progress",
        params: { progressToken, ...notice },
      });
      // A client that left needs no progress.
      sent.catch(() => undefined);
    },
    () => performance.now(),
  );
}

/**
 * A schema that is shown as the given JSON Schema and lets everything through: the tool itself parses, leniently and with
 * errors in our own words, where the SDK would answer with the validator's.
 */
function shownAs(schema: JsonSchema): z.ZodObject {
  return z.looseObject({}).meta({ additionalProperties: true, ...schema });
}
