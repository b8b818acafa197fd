/** Serves an Anthropic stand-in over real HTTP for one test, with the official client pointed at it. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { getRequestListener } from "@hono/node-server";
import { onTestFinished } from "vitest";
import {
  ANTHROPIC_DEMO_KEY,
  type AnthropicOptions,
  createAnthropic,
} from "../../../mcp-server/simulator/anthropic/anthropic.ts";

/** The object that the product asks for, as plain JSON Schema. */
export const INSIGHT_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["company_summary", "contacts"],
  properties: {
    company_summary: { type: "string" },
    contacts: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: [
          "key",
          "pain_points",
          "personalization_hooks",
          "summary",
          "confidence",
          "evidence_ids",
        ],
        properties: {
          key: { type: "string" },
          pain_points: { type: "array", items: { type: "string" } },
          personalization_hooks: { type: "array", items: { type: "string" } },
          summary: { type: "string" },
          confidence: { type: "number" },
          evidence_ids: { type: "array", items: { type: "string" } },
        },
      },
    },
  },
};

/** Company data as a user turn carries it: records as JSON between delimiters. */
export const COMPANY_DATA = {
  company: { name: "Acme Robotics" },
  facts: [
    { id: "F1", text: "Has 201-500 employees in the United States" },
    { id: "F2", text: "Hires four people for its sales department" },
    { id: "F3", text: "Opened an office in Austin, see https://acme-robotics.com/news" },
  ],
  contacts: [
    { key: "c_1", first_name: "Ada", title: "VP Sales" },
    { key: "c_2", title: "Head of Operations" },
  ],
};

/** Parameters of one structured request about some data. */
export function insightParams(data: object = COMPANY_DATA, maxTokens = 4_000) {
  return {
    model: "claude-haiku-5-5",
    max_tokens: maxTokens,
    thinking: { type: "disabled" as const },
    system: "Write short notes from the facts.",
    messages: [{ role: "user" as const, content: `<<a1>>\n${JSON.stringify(data)}\n<<a1>>` }],
    output_config: { format: { type: "json_schema" as const, schema: INSIGHT_SCHEMA } },
  };
}

/** Starts the stand-in on a free port; it stops with the test. */
export async function serveAnthropic(options: AnthropicOptions = {}) {
  const anthropic = createAnthropic(options);
  const server = createServer(getRequestListener(anthropic.app.fetch));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = new Anthropic({ apiKey: ANTHROPIC_DEMO_KEY, baseURL: url, maxRetries: 0 });
  const call = async (path: string, body?: object, headers: Record<string, string | null> = {}) => {
    const all: Record<string, string | null> = {
      authorization: `Bearer ${ANTHROPIC_DEMO_KEY}`,
      "anthropic-version": "2026-10-21",
      "content-type": "application/json",
      ...headers,
    };
    const sent = Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]);
    const answer = await fetch(`${url}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: sent,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: JSON.parse(await answer.text()),
    };
  };
  return { anthropic, client, call, url };
}

/** The parsed JSON of a message's text block. */
export function insightOf(message: Anthropic.Message) {
  const block = message.content.find((each) => each.type === "text");
  return JSON.parse(block?.text ?? "");
}
