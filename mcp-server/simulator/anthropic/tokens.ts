/** Token counts and prompt caching: about four characters a token, prefixes cached from a model's minimum on. */

import { createHash } from "node:crypto";
import { isObject, type Json, listAt } from "./json.ts";
import { minimumPrefix } from "./models.ts";

const CHARACTERS_PER_TOKEN = 4;
const TTL_MS: Readonly<Record<string, number>> = { "5m": 5 * 60_000, "1h": 60 * 60_000 };

/** About how many tokens a text has. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** The characters that a number of tokens covers. */
export function charactersOf(tokens: number): number {
  return tokens * CHARACTERS_PER_TOKEN;
}

/** One block of the rendered prompt, with its cache marker if it has one. */
type Block = { readonly text: string; readonly ttl: string | null };

/** The input side of `usage`. */
export type InputUsage = {
  readonly input_tokens: number;
  readonly cache_creation: {
    readonly ephemeral_5m_input_tokens: number;
    readonly ephemeral_1h_input_tokens: number;
  } | null;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
};

/** Everything of a request that the model reads, in the order it is rendered: tools, system, messages. */
export function renderPrompt(params: Json): readonly Block[] {
  const { output_config: output, system } = params;
  // The schema becomes part of the prompt, before everything else: changing it invalidates the cache.
  const format = isObject(output) ? JSON.stringify(output) : "";
  const tools = listAt(params, "tools").map((tool) => blockOf(tool));
  const systems = typeof system === "string" ? [{ text: system, ttl: null }] : blocksOf(system);
  const messages = listAt(params, "messages").flatMap((message) => {
    const content = isObject(message) ? message["content"] : undefined;
    return typeof content === "string" ? [{ text: content, ttl: null }] : blocksOf(content);
  });
  const blocks = [{ text: format, ttl: null }, ...tools, ...systems, ...messages];
  return withAutomaticMarker(blocks, params["cache_control"]);
}

function withAutomaticMarker(blocks: readonly Block[], control: unknown): readonly Block[] {
  const last = blocks.at(-1);
  if (!isObject(control) || last === undefined) return blocks;
  return [...blocks.slice(0, -1), { ...last, ttl: ttlOf(control) }];
}

function blocksOf(content: unknown): Block[] {
  return Array.isArray(content) ? content.map((block) => blockOf(block)) : [];
}

function blockOf(block: unknown): Block {
  if (!isObject(block)) return { text: "", ttl: null };
  const { cache_control: control, ...rest } = block;
  const text = typeof rest["text"] === "string" ? rest["text"] : JSON.stringify(rest);
  return { text, ttl: isObject(control) ? ttlOf(control) : null };
}

function ttlOf(control: Json): string {
  return typeof control["ttl"] === "string" ? control["ttl"] : "5m";
}

/** How many cache markers a request carries. */
export function countMarkers(params: Json): number {
  return renderPrompt(params).filter(({ ttl }) => ttl !== null).length;
}

/** All input tokens of a request. */
export function countInput(params: Json): number {
  return renderPrompt(params).reduce((sum, { text }) => sum + countTokens(text), 0);
}

/** Prefixes that earlier requests wrote, until their time to live is over; reading one renews it. */
export class PromptCache {
  readonly #entries = new Map<string, { expiresAt: number; ttlMs: number }>();

  /** Usage of a request; writes the prefixes it marks. */
  use(params: Json, model: string, now: number): InputUsage {
    let tokens = 0;
    let read = 0;
    let written = 0;
    let ttl = "5m";
    const hash = createHash("sha256").update(model);
    for (const block of renderPrompt(params)) {
      tokens += countTokens(block.text);
      hash.update(`\u0000${block.text}`);
      if (block.ttl === null || tokens < minimumPrefix(model)) continue;
      const key = hash.copy().digest("hex");
      if (this.#renew(key, now)) read = tokens;
      else {
        written = tokens;
        ttl = block.ttl;
        const ttlMs = TTL_MS[ttl] ?? 0;
        this.#entries.set(key, { expiresAt: now + ttlMs, ttlMs });
      }
    }
    return inputUsage({ total: tokens, read, created: Math.max(0, written - read), ttl });
  }

  /** Forgets every prefix. */
  clear(): void {
    this.#entries.clear();
  }

  #renew(key: string, now: number): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt <= now) return false;
    entry.expiresAt = now + entry.ttlMs;
    return true;
  }
}

/** Usage without any caching. */
export function uncachedUsage(params: Json): InputUsage {
  return inputUsage({ total: countInput(params), read: 0, created: 0, ttl: "5m" });
}

function inputUsage(of: { total: number; read: number; created: number; ttl: string }): InputUsage {
  const creation = {
    ephemeral_5m_input_tokens: of.ttl === "5m" ? of.created : 0,
    ephemeral_1h_input_tokens: of.ttl === "1h" ? of.created : 0,
  };
  return {
    input_tokens: of.total - of.read - of.created,
    cache_creation: of.created > 0 ? creation : null,
    cache_creation_input_tokens: of.created,
    cache_read_input_tokens: of.read,
  };
}
