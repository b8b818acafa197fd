/** Composes one message: thinking if the model thinks, the answer, the stop reason and the usage. */

import type { BehaviourName } from "./behaviours.ts";
import { lastUserText, readBriefing } from "./briefing.ts";
import { newId } from "./errors.ts";
import { isObject, type Json, listAt, objectAt, textAt } from "./json.ts";
import { thinksByDefault } from "./models.ts";
import { charactersOf, countTokens, type InputUsage } from "./tokens.ts";
import { breakSchema, writeForSchema } from "./writer.ts";

const THINKING_TOKENS = 24;

/** The tiers that usage reports. */
export type ServiceTier = "standard" | "batch";

/** The message that answers checked parameters. */
export function composeMessage(
  params: Json,
  context: {
    readonly behaviour: BehaviourName | null;
    readonly input: InputUsage;
    readonly tier: ServiceTier;
  },
) {
  const { behaviour, input, tier } = context;
  const answer = behaviour === "refuse" ? refusal() : written(params, behaviour);
  return {
    id: newId("msg"),
    type: "message",
    role: "assistant",
    model: params["model"],
    container: null,
    diagnostics: null,
    content: answer.content,
    stop_reason: answer.stopReason,
    stop_details: answer.stopDetails,
    stop_sequence: null,
    usage: {
      ...input,
      output_tokens: answer.outputTokens,
      inference_geo: null,
      output_tokens_details:
        answer.thinkingTokens === 0 ? null : { thinking_tokens: answer.thinkingTokens },
      server_tool_use: null,
      service_tier: tier,
      speed: null,
    },
  };
}

function refusal() {
  return {
    content: [],
    stopReason: "refusal",
    stopDetails: {
      type: "refusal",
      category: "general_harms",
      explanation: "The request was declined by the safety classifiers.",
    },
    outputTokens: 1,
    thinkingTokens: 0,
  };
}

function written(params: Json, behaviour: BehaviourName | null) {
  const text = writeAnswer(params, behaviour);
  const thinkingTokens = isThinking(params) ? THINKING_TOKENS : 0;
  const maxTokens = Number(params["max_tokens"]);
  const room = Math.max(0, maxTokens - thinkingTokens);
  const isForced = behaviour === "truncate";
  const kept = isForced ? Math.min(room, Math.floor(countTokens(text) / 2)) : room;
  const isCut = isForced || countTokens(text) > room;
  const shown = isCut ? text.slice(0, charactersOf(kept)) : text;
  const thinking = { type: "thinking", thinking: "", signature: "c3RhbmQtaW4=" };
  return {
    content: [
      ...(thinkingTokens > 0 ? [thinking] : []),
      ...(shown === "" ? [] : [{ type: "text", text: shown, citations: null }]),
    ],
    stopReason: isCut ? "max_tokens" : "end_turn",
    stopDetails: null,
    outputTokens: Math.min(maxTokens, thinkingTokens + countTokens(shown)),
    thinkingTokens: Math.min(maxTokens, thinkingTokens),
  };
}

// The current models think unless the request turns it off.
function isThinking(params: Json): boolean {
  const type = textAt(params["thinking"], "type");
  if (type === null) return thinksByDefault(String(params["model"]));
  return type !== "disabled";
}

function writeAnswer(params: Json, behaviour: BehaviourName | null): string {
  const briefing = readBriefing(lastUserText(listAt(params, "messages")));
  const format = objectAt(params["output_config"], "format");
  const schema = format["schema"];
  if (!isObject(schema)) {
    const facts = briefing.facts.map(({ text }) => text).filter((text) => text !== "");
    return facts.length > 0 ? `${briefing.company}: ${facts.join("; ")}.` : "Understood.";
  }
  const flaws = {
    badEvidence: behaviour === "bad-evidence",
    urlInText: behaviour === "url-in-text",
  };
  const value = writeForSchema(schema, briefing, flaws);
  return JSON.stringify(behaviour === "invalid" ? breakSchema(value) : value);
}
