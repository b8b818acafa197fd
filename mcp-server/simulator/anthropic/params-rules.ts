/** Checks of a message request in the API's words; the first problem is the answer. */

import { type ApiError, apiError, invalidRequest } from "./errors.ts";
import { isObject, type Json, listAt, objectAt, textAt } from "./json.ts";
import { alwaysThinks, modelFamily, refusesPrefill } from "./models.ts";
import { unsupportedInSchema } from "./schema-rules.ts";
import { countMarkers } from "./tokens.ts";

/** The API version that the current client sends. */
export const CURRENT_VERSION = "2026-10-21";

/** Every version the stand-in accepts. */
export const KNOWN_VERSIONS: readonly string[] = ["2023-06-01", CURRENT_VERSION];

const SAMPLING = ["temperature", "top_p", "top_k"];
const KNOWN_PARAMS = new Set(
  "max_tokens,messages,model,cache_control,container,diagnostics,inference_geo,metadata,output_config,service_tier,speed,stop_sequences,stream,system,thinking,tool_choice,tools".split(
    ",",
  ),
);

type Rule = (params: Json, version: string) => ApiError | null;

/** Problems of a request to create a message, or null. */
export function checkParams(params: Json, version: string): ApiError | null {
  return firstProblem([checkMaxTokens, ...SHARED_RULES], params, version);
}

/** Problems of a request to count tokens, or null; it has no `max_tokens`. */
export function checkCountParams(params: Json, version: string): ApiError | null {
  return firstProblem(SHARED_RULES, params, version);
}

function firstProblem(rules: readonly Rule[], params: Json, version: string): ApiError | null {
  for (const rule of rules) {
    const found = rule(params, version);
    if (found !== null) return found;
  }
  return null;
}

const checkMaxTokens: Rule = (params) => {
  const max = params["max_tokens"];
  if (max === undefined) return invalidRequest("max_tokens: Field required");
  if (typeof max !== "number" || !Number.isInteger(max)) {
    return invalidRequest("max_tokens: Input should be a valid integer");
  }
  return max < 1 ? invalidRequest("max_tokens: Input should be greater than or equal to 1") : null;
};

const checkModel: Rule = (params) => {
  const model = params["model"];
  if (model === undefined) return invalidRequest("model: Field required");
  if (typeof model !== "string") return invalidRequest("model: Input should be a valid string");
  return modelFamily(model) === null ? apiError(404, `model: ${model}`) : null;
};

// From 2026-10-21 on the sampling parameters are gone; before, they were accepted.
const checkKnownParams: Rule = (params, version) => {
  const isCurrent = version === CURRENT_VERSION;
  const sampling = SAMPLING.find((name) => isCurrent && params[name] !== undefined);
  if (sampling !== undefined) {
    return invalidRequest(`${sampling}: This parameter is not supported in API version ${version}`);
  }
  const extra = Object.keys(params).find(
    (name) => !KNOWN_PARAMS.has(name) && !SAMPLING.includes(name),
  );
  if (extra !== undefined) return invalidRequest(`${extra}: Extra inputs are not permitted`);
  return params["stream"] === true
    ? invalidRequest("stream: Streaming is not available on this server")
    : null;
};

const checkMessages: Rule = (params, version) => {
  if (params["messages"] === undefined) return invalidRequest("messages: Field required");
  const messages = listAt(params, "messages");
  if (messages.length === 0) return invalidRequest("messages: at least one message is required");
  for (const [index, message] of messages.entries()) {
    const found = checkMessage(message, `messages.${index}`, version);
    if (found !== null) return found;
  }
  const lastRole = textAt(messages.at(-1), "role");
  const isPrefilled = lastRole === "assistant" && refusesPrefill(String(params["model"]));
  return isPrefilled
    ? invalidRequest("This model does not support assistant message prefill.")
    : null;
};

function checkMessage(message: unknown, at: string, version: string): ApiError | null {
  const role = textAt(message, "role");
  if (role !== "user" && role !== "assistant") {
    return invalidRequest(`${at}.role: Input should be 'user' or 'assistant'`);
  }
  const text = textAt(message, "content");
  const blocks = listAt(message, "content");
  if (text === "" || (text === null && blocks.length === 0)) {
    return invalidRequest(`${at}: all messages must have non-empty content`);
  }
  return version === CURRENT_VERSION ? checkBlocks(blocks, role, at) : null;
}

function checkBlocks(blocks: readonly unknown[], role: string, at: string): ApiError | null {
  const isDocument = blocks.some((block) => textAt(block, "type") === "document");
  if (role === "assistant" && isDocument) {
    return invalidRequest(`${at}.content: document blocks are not allowed in assistant messages`);
  }
  const isCited = blocks.some(
    (block) => textAt(block, "type") === "text" && listAt(block, "citations").length > 0,
  );
  return role === "user" && isCited
    ? invalidRequest(`${at}.content: citations are not allowed on user text blocks`)
    : null;
}

const checkThinking: Rule = (params) => {
  if (textAt(params["thinking"], "type") !== "disabled") return null;
  const effort = textAt(params["output_config"], "effort") ?? "medium";
  const model = String(params["model"]);
  if (alwaysThinks(model)) {
    return invalidRequest("thinking: This model does not support disabling thinking");
  }
  return effort === "xhigh" || effort === "max"
    ? invalidRequest(`thinking: Thinking cannot be disabled at effort '${effort}'`)
    : null;
};

const checkOutput: Rule = (params) => {
  const format = isObject(params["output_config"]) ? params["output_config"]["format"] : undefined;
  if (format === undefined || format === null) return null;
  if (textAt(format, "type") !== "json_schema") {
    return invalidRequest("output_config.format.type: Input should be 'json_schema'");
  }
  const schema = isObject(format) ? format["schema"] : undefined;
  if (!isObject(schema)) return invalidRequest("output_config.format.schema: Field required");
  const problem = unsupportedInSchema(schema);
  return problem === null ? null : invalidRequest(`output_config.format.schema: ${problem}`);
};

const checkCache: Rule = (params) => {
  if (countMarkers(params) > 4) {
    return invalidRequest("A maximum of 4 blocks with cache_control may be provided.");
  }
  const blocks = [...listAt(params, "system"), ...listAt(params, "tools")];
  const ttls = blocks.map((block) => textAt(objectAt(block, "cache_control"), "ttl"));
  return ttls.every((ttl) => ttl === null || ttl === "5m" || ttl === "1h")
    ? null
    : invalidRequest("cache_control.ttl: Input should be '5m' or '1h'");
};

const SHARED_RULES: readonly Rule[] = [
  checkModel,
  checkKnownParams,
  checkMessages,
  checkThinking,
  checkOutput,
  checkCache,
];
