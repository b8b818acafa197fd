/** The Intelligence port over Claude: one request per company, directly or through Message Batches. */
import { createHash } from "node:crypto";
import { AppError, toAppError } from "../core/errors.ts";
import type {
  BriefAnswer,
  BriefAnswers,
  CompanyBrief,
  Intelligence,
  ModelUsage,
} from "../ports/enrichment.ts";
import type { Clock } from "../ports/world.ts";
import {
  type BatchResult,
  batchResults,
  discardBatch,
  startBatch,
  waitForBatch,
} from "./claude-batches.ts";
import { ClaudeClient, type ClaudeClientOptions } from "./claude-client.ts";
import { briefRequest, PROMPT_VERSION } from "./intelligence-prompt.ts";
import { NO_USAGE, PRICE_LIST, type PriceList, pricedUsage, type Tier } from "./model-prices.ts";
import { failedAnswer, joined, judgeMessage, toAnswer, unusable } from "./written-answer.ts";

export interface IntelligenceOptions extends Omit<ClaudeClientOptions, "timeoutMs"> {
  readonly model: string;
  readonly timeoutMs?: number;
  /** Requests in flight at once. */
  readonly concurrency?: number;
  /** More briefs than this go through Message Batches: half the price, minutes to hours of waiting. */
  readonly batchThreshold?: number;
  readonly prices?: PriceList;
  /** Hears of every try: the answer's status, null when none came. */
  readonly onAnswer?: (status: number | null) => void;
}

/** Claude as our intelligence; one client per key, so make it once. */
export function createIntelligence(options: IntelligenceOptions): Intelligence {
  const { model } = options;
  const threshold = options.batchThreshold ?? 200;
  const prices = options.prices ?? PRICE_LIST;
  const client = new ClaudeClient({ ...options, timeoutMs: options.timeoutMs ?? 120_000 });
  const desk: Desk = {
    client,
    model,
    prices,
    threshold,
    concurrency: options.concurrency ?? 8,
    clock: options.clock,
  };
  return {
    model,
    digest: (value) => sha256(JSON.stringify([PROMPT_VERSION, model, value])),
    estimate: (size) => estimated(desk, size),
    write: (briefs, run) => new Writing(desk, run).write(briefs),
    discardBatch: (batchId) => discardBatch(client, batchId),
  };
}

interface Desk {
  readonly client: ClaudeClient;
  readonly clock: Clock;
  readonly model: string;
  readonly prices: PriceList;
  readonly concurrency: number;
  readonly threshold: number;
}

type Run = Parameters<Intelligence["write"]>[1];

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// Measured sizes of a request: instruction and schema, a company's facts, one person in and out.
const TYPICAL = { instruction: 900, company: 700, personIn: 120, personOut: 300 };

function estimated(desk: Desk, size: { briefs: number; contacts: number }): ModelUsage {
  const tokens = {
    input_tokens:
      size.briefs * (TYPICAL.instruction + TYPICAL.company) + size.contacts * TYPICAL.personIn,
    output_tokens: size.contacts * TYPICAL.personOut,
  };
  const tier = size.briefs > desk.threshold ? "batch" : "direct";
  return pricedUsage(tokens, { model: desk.model, tier, prices: desk.prices });
}

// What ends the run for all briefs: no key, no money, no such model. `not-found` can only mean the model here.
const STOPPING: ReadonlySet<string> = new Set(["auth", "no-credits", "not-found"]);

/** One run over some briefs. */
class Writing {
  readonly #desk: Desk;
  readonly #run: Run;
  readonly #answers = new Map<string, BriefAnswer>();
  #stopped: AppError | null = null;

  constructor(desk: Desk, run: Run) {
    this.#desk = desk;
    this.#run = run;
  }

  async write(briefs: readonly CompanyBrief[]): Promise<BriefAnswers> {
    const { resumeBatch } = this.#run;
    if (resumeBatch !== undefined) await this.#collectIfThere(resumeBatch, briefs);
    const open = briefs.filter((brief) => !this.#answers.has(brief.id));
    const [first, ...rest] = open;
    if (first) {
      // One goes ahead: it fills the prompt cache, and a wrong key or request shows before all the others are sent.
      await this.#askDirectly([first]);
      if (rest.length > this.#desk.threshold) await this.#askInBatch(rest);
      else await this.#askDirectly(rest);
    }
    return { answers: this.#answers, stopped: this.#stopped };
  }

  async #askDirectly(briefs: readonly CompanyBrief[]): Promise<void> {
    const queue = [...briefs];
    const worker = async (): Promise<void> => {
      for (;;) {
        const brief = this.#stopped === null ? queue.shift() : undefined;
        if (brief === undefined) return;
        const answer = await this.#guarded(brief, () => this.#ask(brief));
        if (answer !== null) this.#answers.set(brief.id, answer);
      }
    };
    const hands = Math.min(this.#desk.concurrency, queue.length);
    await Promise.all(Array.from({ length: hands }, worker));
  }

  /** The work's answer; a failed one if it failed by itself; null if the whole run has to stop. */
  async #guarded(
    brief: CompanyBrief,
    work: () => Promise<BriefAnswer>,
  ): Promise<BriefAnswer | null> {
    try {
      return await work();
    } catch (thrown) {
      this.#run.signal.throwIfAborted();
      const error = toAppError(thrown);
      if (!STOPPING.has(error.kind)) return failedAnswer(brief, error);
      this.#stopped ??= error;
      return null;
    }
  }

  async #ask(brief: CompanyBrief): Promise<BriefAnswer> {
    const message = await this.#message(brief);
    return await this.#settle(brief, message, "direct");
  }

  #message(brief: CompanyBrief): Promise<unknown> {
    const request = briefRequest(this.#desk.model, brief);
    const { signal } = this.#run;
    return this.#desk.client.call((api, options) => api.messages.create(request, options), {
      signal,
      repeatable: true,
    });
  }

  /** Turns a message into an answer: a cut one is asked again in halves, a doubtful one once more as it is. */
  async #settle(brief: CompanyBrief, message: unknown, tier: Tier): Promise<BriefAnswer> {
    const { answer, kind } = this.#read(brief, message, tier);
    if (kind === "cut") return await this.#withHalves(brief, answer);
    if (kind !== "doubtful" && kind !== "unreadable") return answer;
    const again = await this.#guarded(brief, () => this.#askOnceMore(brief));
    return again === null ? answer : joined(answer, again);
  }

  #read(brief: CompanyBrief, message: unknown, tier: Tier) {
    const { judged, tokens } = judgeMessage(message, brief);
    const { model, prices } = this.#desk;
    const usage = tokens === null ? NO_USAGE : pricedUsage(tokens, { model, tier, prices });
    const checked = "checked" in judged ? judged.checked : null;
    const otherwise = judged.kind === "refused" ? ({ kind: "refused" } as const) : unusable();
    return { kind: judged.kind, answer: toAnswer(brief, { checked, otherwise }, { model, usage }) };
  }

  async #withHalves(brief: CompanyBrief, cut: BriefAnswer): Promise<BriefAnswer> {
    const middle = Math.ceil(brief.contacts.length / 2);
    const halves = [brief.contacts.slice(0, middle), brief.contacts.slice(middle)];
    let answer = cut;
    for (const contacts of brief.contacts.length > 1 ? halves : []) {
      const half = { ...brief, contacts };
      const more = this.#stopped === null ? await this.#guarded(half, () => this.#ask(half)) : null;
      if (more !== null) answer = joined(answer, more);
    }
    return answer;
  }

  async #askOnceMore(brief: CompanyBrief): Promise<BriefAnswer> {
    return this.#read(brief, await this.#message(brief), "direct").answer;
  }

  async #askInBatch(briefs: readonly CompanyBrief[]): Promise<void> {
    if (this.#stopped !== null) return;
    const { model, client } = this.#desk;
    const { signal, onBatch } = this.#run;
    const items = briefs.map((brief) => ({
      custom_id: brief.id,
      params: briefRequest(model, brief),
    }));
    const batchId = await this.#orFail(briefs, () => startBatch(client, items, signal));
    if (batchId === null) return;
    // If the id cannot be saved, the run must end: waiting on would lose the batch at the next crash.
    await onBatch?.(batchId);
    await this.#orFail(briefs, () => this.#collect(batchId, briefs));
  }

  /** Picks up a batch of an earlier run. One that is gone leaves its briefs open, to be asked anew. */
  async #collectIfThere(batchId: string, briefs: readonly CompanyBrief[]): Promise<void> {
    await this.#orFail(briefs, async () => {
      try {
        await this.#collect(batchId, briefs);
      } catch (thrown) {
        if (!(thrown instanceof AppError && thrown.kind === "not-found")) throw thrown;
      }
    });
  }

  /** The work's value, or null: then the briefs without an answer failed, or the whole run has to stop. */
  async #orFail<T>(briefs: readonly CompanyBrief[], work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (thrown) {
      this.#run.signal.throwIfAborted();
      const error = toAppError(thrown);
      if (error.kind === "auth" || error.kind === "no-credits") this.#stopped ??= error;
      else this.#failOpen(briefs, error);
      return null;
    }
  }

  #failOpen(briefs: readonly CompanyBrief[], error: AppError): void {
    for (const brief of briefs) {
      if (!this.#answers.has(brief.id)) this.#answers.set(brief.id, failedAnswer(brief, error));
    }
  }

  async #collect(batchId: string, briefs: readonly CompanyBrief[]): Promise<void> {
    const { client, clock } = this.#desk;
    const { signal } = this.#run;
    const batch = await waitForBatch(client, clock, { id: batchId, signal });
    const results = await batchResults(client, batch, signal);
    for (const brief of briefs) {
      const result = results.get(brief.id);
      if (result) await this.#take(brief, result);
    }
  }

  async #take(brief: CompanyBrief, result: BatchResult): Promise<void> {
    const answer =
      result.kind === "failed"
        ? failedAnswer(brief, result.error)
        : await this.#settle(brief, result.message, "batch");
    this.#answers.set(brief.id, answer);
  }
}
