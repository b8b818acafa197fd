/** What a tool is: one verb with its schemas, which every door (MCP, REST) shows in its own way. */
import { z } from "zod";
import { argumentError, badArgument } from "../core/argument-error.ts";
import { AppError, toAppError } from "../core/errors.ts";
import type { FieldMaps } from "../core/field-map.ts";
import type { HubspotStanding } from "../core/hubspot-standing.ts";
import { isDeeperThan } from "../core/json-depth.ts";
import { decodeLenient } from "../core/lenient.ts";
import type { Jobs } from "../ports/jobs.ts";
import type { Store } from "../ports/store.ts";
import type { Clock, NewId } from "../ports/world.ts";

/** MCP's hints; all four are always said, because a client assumes the worst of one left out. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What a door tells a tool about the call. */
export interface ToolContext {
  /** Aborts when the caller has gone; ends waiting only, never a job. */
  readonly signal: AbortSignal;
  /** Tells the caller how far the work is; `total` null while unknown. May be called often: doors thin it out. */
  readonly progress: (done: number, total: number | null, message: string) => void;
  /** Who calls, for logs and plans: "stdio", "http", "rest". */
  readonly principal: string;
  /**
   * Puts a question to the person behind the caller and tells the answer; null where nobody can be asked. Throws when no answer
   * comes, which is no consent.
   */
  readonly confirm: ((question: string) => Promise<"accepted" | "declined">) | null;
}

/** What tools stand on. `capabilities` says which providers have a key. */
export interface ToolServices {
  readonly store: Store;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly capabilities: Capabilities;
  /** Whether what is due goes to HubSpot without a call of sync. */
  readonly sendsByItself: boolean;
  /** The field map of contacts and of customers; explains which way each field flows. */
  readonly fieldMaps: FieldMaps;
  readonly version: string;
  /** How HubSpot stands towards us at `now` (ms since the epoch); null without an access token. Left out = nobody knows. */
  readonly standing?: (now: number) => Promise<HubspotStanding | null>;
}

export interface Capabilities {
  readonly hubspot: boolean;
  readonly lemlist: boolean;
  readonly explorium: boolean;
  readonly anthropic: boolean;
}

export type ToolOutput = Readonly<Record<string, unknown>>;

/** A tool as doors see it. `input` and `output` are what is advertised. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  readonly annotations: ToolAnnotations;
  /** Parses the arguments leniently, runs, and checks the answer. Throws nothing but AppError. */
  run(input: unknown, context: ToolContext): Promise<ToolOutput>;
}

interface ToolDefinition<I extends z.ZodObject, O extends z.ZodObject>
  extends Omit<Tool, "input" | "output" | "run"> {
  readonly input: I;
  readonly output: O;
  run(input: z.output<I>, context: ToolContext): Promise<z.input<O>>;
}

// No record is as deep; whatever stores or shows the arguments walks them.
const MAX_LEVELS = 50;

/** Makes a tool of a typed verb: arguments are decoded and parsed before it, its answer is checked after it. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(
  definition: ToolDefinition<I, O>,
): Tool {
  const { input, output } = definition;
  return {
    ...definition,
    run: async (raw, context) => {
      const decoded = decodeLenient(input, raw ?? {});
      if (isDeeperThan(decoded, MAX_LEVELS)) {
        throw badArgument("arguments", `The arguments are nested more than ${MAX_LEVELS} deep.`);
      }
      const parsed = input.safeParse(decoded);
      if (!parsed.success) throw argumentError(input, parsed.error);
      try {
        return output.parse(await definition.run(parsed.data, context));
      } catch (thrown) {
        throw translated(definition.name, thrown);
      }
    },
  };
}

function translated(tool: string, thrown: unknown): AppError {
  if (!(thrown instanceof z.ZodError)) return toAppError(thrown);
  return new AppError("bug", `${tool} gave an answer that its own schema refuses.`, {
    cause: thrown,
  });
}
