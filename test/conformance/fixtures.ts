/** The fixtures that the official MCP conformance suite asks for, put on top of our own server; tests only. */
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { z } from "zod";

// One red pixel.
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
// A WAV header without samples.
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
const STEP_MS = 50;

const image = { type: "image", data: PNG, mimeType: "image/png" } as const;

/** Adds every fixture; call it before the server is connected. */
export function addConformanceFixtures(server: McpServer): McpServer {
  server.server.registerCapabilities({ completions: {} });
  addContentTools(server);
  addTalkingTools(server);
  addElicitingTools(server);
  addResources(server);
  addPrompts(server);
  return server;
}

function addContentTools(server: McpServer): void {
  server.registerTool("test_simple_text", { description: "Text" }, () => ({
    content: [{ type: "text", text: "This is a simple text response for testing." }],
  }));
  server.registerTool("test_image_content", { description: "An image" }, () => ({
    content: [image],
  }));
  server.registerTool("test_audio_content", { description: "A sound" }, () => ({
    content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  }));
  server.registerTool("test_embedded_resource", { description: "A resource" }, () => ({
    content: [
      {
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      },
    ],
  }));
  server.registerTool("test_multiple_content_types", { description: "Several kinds" }, () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      image,
      {
        type: "resource",
        resource: {
          uri: "test://mixed-content-resource",
          mimeType: "application/json",
          text: '{"test":"data","value":123}',
        },
      },
    ],
  }));
  server.registerTool("test_error_handling", { description: "Always fails" }, () => ({
    isError: true,
    content: [{ type: "text", text: "This tool intentionally returns an error for testing" }],
  }));
}

function addTalkingTools(server: McpServer): void {
  server.registerTool("test_tool_with_logging", { description: "Logs" }, async (extra) => {
    for (const data of [
      "Tool execution started",
      "Tool processing data",
      "Tool execution completed",
    ]) {
      await extra.sendNotification({
        method: "notifications/message",
        params: { level: "info", data },
      });
      await pause();
    }
    return text("Logged three messages.");
  });
  server.registerTool("test_tool_with_progress", { description: "Reports" }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined) {
        await extra.sendNotification({
          method: "notifications/progress",
          params: { progressToken, progress, total: 100 },
        });
      }
      await pause();
    }
    return text("Reported its progress.");
  });
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { requestId }) => {
      const answer = await server.server.createMessage(
        { messages: [{ role: "user", content: { type: "text", text: prompt } }], maxTokens: 100 },
        { relatedRequestId: requestId },
      );
      return text(`LLM response: ${JSON.stringify(answer.content)}`);
    },
  );
}

function addElicitingTools(server: McpServer): void {
  server.registerTool(
    "test_elicitation",
    { description: "Asks the person", inputSchema: z.object({ message: z.string() }) },
    ({ message }, { requestId }) =>
      elicit(server, requestId, {
        message,
        requestedSchema: {
          type: "object",
          properties: {
            username: { type: "string", description: "User's response" },
            email: { type: "string", description: "User's email address" },
          },
          required: ["username", "email"],
        },
      }),
  );
  server.registerTool(
    "test_elicitation_sep1034_defaults",
    { description: "Asks with defaults" },
    ({ requestId }) =>
      elicit(server, requestId, {
        message: "Please check the values",
        requestedSchema: { type: "object", properties: defaults },
      }),
  );
  server.registerTool(
    "test_elicitation_sep1330_enums",
    { description: "Asks with every kind of choice" },
    ({ requestId }) =>
      elicit(server, requestId, {
        message: "Please choose",
        requestedSchema: { type: "object", properties: choices },
      }),
  );
}

const defaults = {
  name: { type: "string" as const, default: "John Doe" },
  age: { type: "integer" as const, default: 30 },
  score: { type: "number" as const, default: 95.5 },
  status: {
    type: "string" as const,
    enum: ["active", "inactive", "pending"],
    default: "active",
  },
  verified: { type: "boolean" as const, default: true },
};

const plainChoices = ["option1", "option2", "option3"];
const titled = (word: string) =>
  ["First", "Second", "Third"].map((nth, index) => ({
    const: `value${index + 1}`,
    title: `${nth} ${word}`,
  }));

const choices = {
  untitledSingle: { type: "string" as const, enum: plainChoices },
  titledSingle: { type: "string" as const, oneOf: titled("Option") },
  legacyEnum: {
    type: "string" as const,
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array" as const, items: { type: "string" as const, enum: plainChoices } },
  titledMulti: { type: "array" as const, items: { anyOf: titled("Choice") } },
};

function addResources(server: McpServer): void {
  server.registerResource(
    "static-text",
    "test://static-text",
    { mimeType: "text/plain" },
    ({ href }) => ({
      contents: [
        {
          uri: href,
          mimeType: "text/plain",
          text: "This is the content of the static text resource.",
        },
      ],
    }),
  );
  server.registerResource(
    "static-binary",
    "test://static-binary",
    { mimeType: "image/png" },
    ({ href }) => ({ contents: [{ uri: href, mimeType: "image/png", blob: PNG }] }),
  );
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { mimeType: "application/json" },
    ({ href }, { id }) => ({
      contents: [
        {
          uri: href,
          mimeType: "application/json",
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
}

function addPrompts(server: McpServer): void {
  server.registerPrompt("test_simple_prompt", { description: "Plain" }, () => ({
    messages: [userText("This is a simple prompt for testing.")],
  }));
  const word = completable(z.string(), (start) =>
    ["paris", "park", "party"].filter((candidate) => candidate.startsWith(start)),
  );
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "With arguments", argsSchema: { arg1: word, arg2: z.string() } },
    ({ arg1, arg2 }) => ({
      messages: [userText(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "With a resource", argsSchema: { resourceUri: z.string() } },
    ({ resourceUri }) => ({
      messages: [
        {
          role: "user",
          content: {
            type: "resource",
            resource: {
              uri: resourceUri,
              mimeType: "text/plain",
              text: "Embedded resource content for testing.",
            },
          },
        },
        userText("Please process the embedded resource above."),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "With an image" }, () => ({
    messages: [{ role: "user", content: image }, userText("Please analyze the image above.")],
  }));
}

type ElicitRequest = Parameters<McpServer["server"]["elicitInput"]>[0];

async function elicit(server: McpServer, relatedRequestId: string | number, ask: ElicitRequest) {
  const answer = await server.server.elicitInput(ask, { relatedRequestId });
  return text(
    `Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content)}`,
  );
}

function userText(words: string) {
  return { role: "user" as const, content: { type: "text" as const, text: words } };
}

function text(words: string) {
  return { content: [{ type: "text" as const, text: words }] };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, STEP_MS));
}
