/** An Anthropic API that answers structured output deterministically, and can refuse, truncate and limit. */

import { Hono } from "hono";
import { batchRoutes } from "./batch-routes.ts";
import type { Behaviour, BehaviourInput } from "./behaviours.ts";
import { apiError, errorBody } from "./errors.ts";
import { messageRoutes } from "./message-routes.ts";
import { anthropicAccess, sendError } from "./responses.ts";
import { type AnthropicSettings, AnthropicState, type UsageEntry } from "./state.ts";

/** The key that the stand-in accepts unless another is given; it opens nothing but the stand-in. */
export const ANTHROPIC_DEMO_KEY = "anthropic-demo-key";

/** Options of the stand-in: `now` in milliseconds, and any setting at its start. */
export type AnthropicOptions = Partial<AnthropicSettings> & {
  readonly now?: () => number;
  readonly apiKey?: string;
};

/** A running stand-in's handle. */
export type Anthropic = {
  readonly app: Hono;
  /** What the API would answer with that status, for injected faults. */
  errorBody(status: number): { status: number; headers: Record<string, string>; body: string };
  /** Forgets batches, cache, limits, usage and behaviours, and restores the settings. */
  reset(): void;
  configure(patch: Partial<AnthropicSettings>): void;
  settings(): AnthropicSettings;
  /** Switches a behaviour on: once, or `times`, or until cleared (null), for requests that contain `match`. */
  behave(behaviour: BehaviourInput): void;
  clearBehaviours(): void;
  /** Behaviours still to come, the usage of every answer, and how many batches there are; no request text. */
  state(): { behaviours: readonly Behaviour[]; usage: readonly UsageEntry[]; batches: number };
};

const DEFAULTS: AnthropicSettings = {
  rateLimits: { requests: 4_000, inputTokens: 4_000_000, outputTokens: 800_000 },
  retryAfterSeconds: 1,
  batchDelayMs: 300,
};

/** Creates a stand-in that answers well until told otherwise. */
export function createAnthropic(options: AnthropicOptions = {}): Anthropic {
  const { now = Date.now, apiKey = ANTHROPIC_DEMO_KEY, ...given } = options;
  const state = new AnthropicState(now, { ...DEFAULTS, ...given });
  const app = new Hono();
  app.use(anthropicAccess(apiKey));
  app.route("/", messageRoutes(state));
  app.route("/", batchRoutes(state));
  app.notFound(() => sendError(apiError(404)));
  return {
    app,
    errorBody,
    reset: () => state.reset(),
    configure: (patch) => state.configure(patch),
    settings: () => state.settings,
    behave: (behaviour) => state.behaviours.add(behaviour),
    clearBehaviours: () => state.behaviours.clear(),
    state: () => ({
      behaviours: state.behaviours.list(),
      usage: [...state.usage],
      batches: state.batches.size,
    }),
  };
}
