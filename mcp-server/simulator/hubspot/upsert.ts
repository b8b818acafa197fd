/** batch/upsert: update what a unique property finds, create what it does not. */
import {
  batchReply,
  emptyBatch,
  isTraced,
  missingErrors,
  type Row,
  refuseDuplicates,
  runRows,
} from "./batch.ts";
import { checkIdProperty, isMergedAway, recordOfInput } from "./batch-writes.ts";
import { batchInputs, type Call, type Reply } from "./call.ts";
import { conflict } from "./errors.ts";
import { inputId, type Pending, type Plan, planCreate, planUpdate } from "./plans.ts";
import type { CrmRecord, Values } from "./records.ts";
import { comparedText } from "./unique.ts";
import { readValues } from "./validation.ts";

type Target = {
  readonly input: Record<string, unknown>;
  readonly id: string;
  readonly property: string | null;
  readonly record: CrmRecord | undefined;
};

function targetsOf(call: Call, inputs: readonly Record<string, unknown>[]): Target[] {
  return inputs.map((input) => {
    const property = checkIdProperty(call, input["idProperty"], true);
    const id = inputId(input, "SimplePublicObjectBatchInputUpsert");
    return { input, id, property, record: recordOfInput(call, id, property) };
  });
}

/** Two inputs are the same when their text compares equal or they find the same record. */
function identityOf(call: Call, target: Target): string {
  if (target.property === null) return target.record?.id ?? target.id;
  return comparedText(call.account, target.property, target.id);
}

function refuseSameRecord(call: Call, targets: readonly Target[]): void {
  refuseDuplicates(targets.map((target) => identityOf(call, target)));
  refuseDuplicates(targets.flatMap(({ record }) => (record === undefined ? [] : [record.id])));
}

function isSecondaryEmail(target: Target, property: string): boolean {
  return property === "email" && target.record?.properties["email"] !== target.id.toLowerCase();
}

/** The identifying value is not a change: an upsert by a secondary e-mail keeps the primary one. */
function updateValues(target: Target, property: string, values: Values): Values {
  const isIdentity = values[property]?.toLowerCase() === target.id.toLowerCase();
  if (!isIdentity) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== property));
}

function planExisting(call: Call, target: Target & { record: CrmRecord }, pending: Pending): Plan {
  const { record, property } = target;
  const values = readValues(target.input["properties"]);
  if (property === null) return asUpsert(planUpdate(call, record, values, pending), false);
  if (
    isSecondaryEmail(target, property) &&
    call.account.settings.upsertBySecondaryEmail === "conflict"
  )
    throw conflict(call.type, record.id);
  const plan = planUpdate(call, record, updateValues(target, property, values), pending);
  return {
    keys: plan.keys,
    commit: () => {
      const answer = plan.commit();
      const properties = { ...answer.properties, [property]: record.properties[property] ?? null };
      const sorted = Object.fromEntries(
        Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      return { ...answer, properties: sorted, new: false };
    },
  };
}

function asUpsert(plan: Plan, isNew: boolean): Plan {
  return { keys: plan.keys, commit: () => ({ ...plan.commit(), new: isNew }) };
}

function planMissing(call: Call, target: Target, property: string, pending: Pending): Plan {
  const properties = { [property]: target.id, ...readValues(target.input["properties"]) };
  return asUpsert(planCreate(call, { properties }, pending), true);
}

function rowOf(call: Call, target: Target): Row[] {
  const { input, record, property } = target;
  if (record !== undefined)
    return [{ input, plan: (pending) => planExisting(call, { ...target, record }, pending) }];
  if (property === null) return [];
  return [{ input, plan: (pending) => planMissing(call, target, property, pending) }];
}

/** Upserts up to 100 records; every result says whether it is new. */
export function batchUpsert(call: Call): Reply {
  const inputs = batchInputs(call, 100);
  if (inputs === null) return emptyBatch(call);
  const targets = targetsOf(call, inputs).filter(
    ({ id, property }) => property !== null || !isMergedAway(call, id),
  );
  refuseSameRecord(call, targets);
  const rows = targets.flatMap((target) => rowOf(call, target));
  const isByEmail = targets.some(({ property }) => property === "email");
  const isWhole = isByEmail && call.account.settings.emailUpserts === "whole";
  const traced = isTraced(inputs) && !isWhole;
  const outcome = runRows(call, rows, traced);
  const missing = targets.filter(
    ({ record, property }) => record === undefined && property === null,
  );
  outcome.errors.push(...missingErrors(call, missing, traced));
  return batchReply(call, outcome, 200);
}
