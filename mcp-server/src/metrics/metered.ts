/** Ports that count what goes through them: what was written to HubSpot, and what providers were asked and paid. */
import { statusClass } from "../core/metric-catalogue.ts";
import type { Crm, CrmObject } from "../ports/crm.ts";
import type { CompanyData, Intelligence, ModelUsage } from "../ports/enrichment.ts";
import type { Meter } from "../ports/meter.ts";

/** One try of a request to HubSpot. `status` null when no answer came; times in milliseconds. */
export interface RequestFigures {
  readonly lane: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly waitedMs: number;
}

/** Counts a try. */
export function countApiRequest(meter: Meter, seen: RequestFigures): void {
  const { lane } = seen;
  meter.count("apiRequests", { lane, status: statusClass(seen.status) });
  meter.observe("apiDuration", { lane }, seen.durationMs / 1_000);
  if (seen.waitedMs > 0) meter.count("apiWait", { lane }, seen.waitedMs / 1_000);
}

/** HubSpot, with what became of each write counted. */
export function meteredCrm(crm: Crm, meter: Meter): Crm {
  const count = (object: CrmObject, action: string, outcome: string): void =>
    meter.count("writes", { object, action, outcome });
  return {
    ...crm,
    update: async (object, inputs, call) => {
      const outcomes = await crm.update(object, inputs, call);
      for (const { kind } of outcomes) count(object, "update", kind);
      return outcomes;
    },
    upsert: async (object, idProperty, inputs, call) => {
      const outcomes = await crm.upsert(object, idProperty, inputs, call);
      for (const { kind } of outcomes) count(object, "upsert", kind);
      return outcomes;
    },
    create: async (object, inputs, call) => {
      const outcomes = await crm.create(object, inputs, call);
      for (const { kind } of outcomes) count(object, "create", kind);
      return outcomes;
    },
    associate: async (from, to, pairs, call) => {
      const outcomes = await crm.associate(from, to, pairs, call);
      for (const { error } of outcomes) count(from, "associate", error ? "failed" : "written");
      return outcomes;
    },
    dissociate: async (from, to, pairs, call) => {
      const outcomes = await crm.dissociate(from, to, pairs, call);
      for (const { error } of outcomes) count(from, "dissociate", error ? "failed" : "written");
      return outcomes;
    },
  };
}

/** Company data, with what was asked and what it cost counted. */
export function meteredCompanyData(companyData: CompanyData, meter: Meter): CompanyData {
  const provider = "explorium";
  return {
    ...companyData,
    lookup: async (companies, signal) => {
      const lookups = await companyData.lookup(companies, signal);
      meter.count("providerEntities", { provider }, lookups.results.size);
      meter.count("providerCredits", { provider }, lookups.credits);
      return lookups;
    },
  };
}

/** The model, with tokens and their price counted. */
export function meteredIntelligence(intelligence: Intelligence, meter: Meter): Intelligence {
  const { model } = intelligence;
  const spend = ({ input_tokens, output_tokens, cost_usd }: ModelUsage): void => {
    meter.count("modelTokens", { model, kind: "input" }, input_tokens);
    meter.count("modelTokens", { model, kind: "output" }, output_tokens);
    meter.count("modelCost", { model }, cost_usd ?? 0);
  };
  return {
    model,
    digest: (value) => intelligence.digest(value),
    estimate: (size) => intelligence.estimate(size),
    discardBatch: (batchId) => intelligence.discardBatch(batchId),
    write: async (briefs, run) => {
      const written = await intelligence.write(briefs, run);
      for (const { usage } of written.answers.values()) spend(usage);
      return written;
    },
  };
}
