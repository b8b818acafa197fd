/** Shows the ready-made requests as MCP prompts. */
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";
import { prompts } from "../tools/prompts.ts";

const filledSchema = z.record(z.string(), z.string());

/** Registers every prompt. */
export function addPrompts(server: McpServer): void {
  for (const { name, title, description, blanks, text } of prompts) {
    server.registerPrompt(name, { title, description, argsSchema: { ...blanks } }, (filled) => ({
      messages: [
        { role: "user", content: { type: "text", text: text(filledSchema.parse(filled)) } },
      ],
    }));
  }
}
