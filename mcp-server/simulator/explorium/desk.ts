/** The desk every Explorium call passes: key, body, quota, credits, and the headers of each answer. */

import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "hono";
import { Directory } from "./directory.ts";
import {
  type Answer,
  correlationId,
  type FieldProblem,
  gatewayError,
  OUT_OF_CREDITS,
  rateLimited,
  validationError,
} from "./errors.ts";
import { Purse, type Quota, type QuotaUnit, SlidingWindow } from "./limits.ts";
import { isObject, type Json, problem } from "./requests.ts";
import type { RowDisorder } from "./row-disorder.ts";

/** Credits per entity that had a result; the real table is not public. */
export type Costs = {
  readonly match: number;
  readonly enrichment: number;
  readonly events: number;
  readonly email: number;
  readonly phone: number;
};

/** Behaviour that can be changed while the stand-in runs. */
export type ExploriumSettings = {
  readonly quotaUnit: QuotaUnit;
  readonly quota: { readonly limit: number; readonly windowMs: number };
  /** Which of the two documented 429 bodies is sent; "alternate" sends them in turn. */
  readonly rateLimitBody: "error" | "code" | "alternate";
  readonly credits: number;
  readonly outOfCreditsBody: "details" | "error";
  readonly costs: Costs;
  readonly rows: RowDisorder;
  /** Milliseconds that a match takes. */
  readonly slowMatchMs: number;
  /** A match row whose name or domain contains one of these fails by itself. */
  readonly failingRows: readonly string[];
};

/** A change of settings, down to single members of a group. */
export type ExploriumPatch = Partial<Omit<ExploriumSettings, "quota" | "costs" | "rows">> & {
  readonly quota?: Partial<ExploriumSettings["quota"]>;
  readonly costs?: Partial<Costs>;
  readonly rows?: Partial<RowDisorder>;
};

/** What a call came to: its answer, its price, and how many results were paid for. */
export type Outcome = { readonly body: Json; readonly credits: number; readonly results: number };

/** A call after its body was read: either problems, or the work with its weight for the quota. */
export type Plan =
  | { readonly kind: "invalid"; readonly problems: readonly FieldProblem[] }
  | {
      readonly kind: "ready";
      readonly entities: number;
      readonly isSlow?: boolean;
      readonly work: () => Outcome;
    };

/** State and rules that all routes share. */
export class Desk {
  readonly directory = new Directory();
  readonly now: () => number;
  readonly #apiKey: string;
  readonly #initial: ExploriumSettings;
  readonly #window = new SlidingWindow();
  readonly #purse = new Purse();
  #settings: ExploriumSettings;
  #refusals = 0;

  constructor(options: { apiKey: string; now: () => number; settings: ExploriumSettings }) {
    this.#apiKey = options.apiKey;
    this.now = options.now;
    this.#initial = options.settings;
    this.#settings = options.settings;
  }

  /** The settings in force. */
  get settings(): ExploriumSettings {
    return this.#settings;
  }

  /** Credits that are left. */
  get remainingCredits(): number {
    return this.#purse.remaining(this.#settings.credits);
  }

  /** Changes some settings; inside a group, what is not named stays. */
  configure(patch: ExploriumPatch): void {
    const { quota, costs, rows } = this.#settings;
    this.#settings = {
      ...this.#settings,
      ...patch,
      quota: { ...quota, ...patch.quota },
      costs: { ...costs, ...patch.costs },
      rows: { ...rows, ...patch.rows },
    };
  }

  /** Quota, credits and settings as at the start; ids that were given out stay known. */
  reset(): void {
    this.#settings = this.#initial;
    this.#window.clear();
    this.#purse.clear();
    this.#refusals = 0;
  }

  /** Answers a POST whose JSON body `plan` understands. */
  async serve(c: Context, plan: (body: Json) => Plan): Promise<Response> {
    const refusal = this.#refuseKey(c);
    if (refusal !== null) return this.#send(refusal, this.#weigh(0));
    const body = parseBody(await c.req.text());
    const planned = Array.isArray(body) ? invalid(body) : plan(body);
    const quota = this.#weigh(planned.kind === "ready" ? planned.entities : 1);
    if (!quota.isAllowed) return this.#send(this.#limited(quota), quota);
    if (planned.kind === "invalid") return this.#send(validationError(planned.problems), quota);
    if (planned.isSlow === true) await wait(this.#settings.slowMatchMs);
    return this.#send(this.#charge(c, planned.work()), quota);
  }

  /** Answers a GET that costs no credits. */
  read(c: Context, answer: () => Json): Response {
    const refusal = this.#refuseKey(c);
    if (refusal !== null) return this.#send(refusal, this.#weigh(0));
    const quota = this.#weigh(1);
    if (!quota.isAllowed) return this.#send(this.#limited(quota), quota);
    return this.#send({ status: 200, body: answer() }, quota);
  }

  #refuseKey(c: Context): Answer | null {
    const key = c.req.header("api_key");
    if (key === this.#apiKey) return null;
    const headers = "X-Context-Partner-ID, partner-id, partner_id";
    const details = key
      ? "Partner ID is invalid."
      : `Partner ID is missing. Please set it in one of these headers: ${headers}.`;
    return gatewayError(401, details);
  }

  #weigh(entities: number): Quota {
    const { quotaUnit, quota } = this.#settings;
    const weight = quotaUnit === "requests" ? Math.min(1, entities) : entities;
    return this.#window.take(weight, this.now(), quota);
  }

  #limited(quota: Quota): Answer {
    const seconds = Math.max(1, Math.ceil((quota.resetAt - this.now()) / 1000));
    this.#refusals += 1;
    const { rateLimitBody } = this.#settings;
    const inTurn = this.#refusals % 2 === 1 ? "error" : "code";
    return rateLimited(seconds, rateLimitBody === "alternate" ? inTurn : rateLimitBody);
  }

  #charge(c: Context, outcome: Outcome): Answer {
    const isEmpty = this.remainingCredits <= 0;
    if (isEmpty || !this.#purse.charge(outcome.credits, this.#settings.credits)) {
      if (this.#settings.outOfCreditsBody === "details") return gatewayError(403, OUT_OF_CREDITS);
      return { status: 403, body: { error: OUT_OF_CREDITS } };
    }
    const usage = { total_credits: outcome.credits, total_results: outcome.results };
    const isAsked = c.req.header("credit-usage")?.toLowerCase() === "true";
    const body = isAsked ? { ...outcome.body, credit_usage: usage } : outcome.body;
    return { status: 200, body };
  }

  #send(answer: Answer, quota: Quota): Response {
    return new Response(JSON.stringify(answer.body), {
      status: answer.status,
      headers: {
        "Content-Type": "application/json",
        "X-RateLimit-Limit": String(quota.limit),
        "X-RateLimit-Remaining": String(quota.remaining),
        "X-RateLimit-Reset": String(Math.ceil(quota.resetAt / 1000)),
        ...answer.headers,
      },
    });
  }
}

function parseBody(text: string): Json | FieldProblem[] {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
    return [problem(["body"], "value is not a valid dict", "type_error.dict")];
  } catch {
    const msg = "Expecting value: line 1 column 1 (char 0)";
    return [problem(["body", 0], msg, "value_error.jsondecode")];
  }
}

/** A plan that ends in 422. */
export function invalid(problems: readonly FieldProblem[]): Plan {
  return { kind: "invalid", problems };
}

/** The context that opens every answer; a miss is a 200 too. */
export function responseContext(isHit: boolean) {
  return {
    correlation_id: correlationId(),
    request_status: isHit ? "success" : "miss",
    time_took_in_seconds: 0.041,
  };
}
