/** batch/create, batch/update and batch/archive. */
import { apiSource, propertiesOf, recordsOf } from "./account.ts";
import {
  batchReply,
  emptyBatch,
  isTraced,
  missingErrors,
  type Row,
  refuseDuplicates,
  runRows,
} from "./batch.ts";
import { batchInputs, type Call, type Reply } from "./call.ts";
import { invalid } from "./errors.ts";
import { inputId, liveRecord, planCreate, planUpdate } from "./plans.ts";
import { identifiesRecords } from "./property-store.ts";
import type { CrmRecord } from "./records.ts";
import { afterNoteMoved } from "./rollups.ts";
import { findByUnique } from "./unique.ts";
import { readValues } from "./validation.ts";
import { archiveRecord } from "./write.ts";

const MAX_INPUTS = 100;

/** Creates up to 100 records. */
export function batchCreate(call: Call): Reply {
  const inputs = batchInputs(call, MAX_INPUTS);
  if (inputs === null) return emptyBatch(call);
  const rows = inputs.map(
    (input): Row => ({ input, plan: (pending) => planCreate(call, input, pending) }),
  );
  return batchReply(call, runRows(call, rows, isTraced(inputs)), 201);
}

/** As HubSpot words a lookup by a property that does not identify records. */
export function nonUniqueProperty(call: Call, property: string): Error {
  return invalid(
    `Unable to perform update/upsert by non-unique ${call.type.id} property ${property} in portal ID ${call.account.portalId}`,
  );
}

/** Checks the `idProperty` of each input. Contact e-mails serve upserts but not updates. */
export function checkIdProperty(call: Call, property: unknown, allowEmail: boolean): string | null {
  if (property === undefined || property === null || property === "") return null;
  const name = String(property);
  const isEmail = call.type.identifiers.includes(name);
  const isUnique = identifiesRecords(propertiesOf(call.account, call.type), name);
  if (!isUnique || (isEmail && !allowEmail)) throw nonUniqueProperty(call, name);
  return name;
}

/** The record that an input names, by id or by a unique property. */
export function recordOfInput(
  call: Call,
  id: string,
  property: string | null,
): CrmRecord | undefined {
  if (property === null) return liveRecord(call, id);
  const found = findByUnique(call.account, call.type, property, id);
  return found === undefined ? undefined : liveRecord(call, found);
}

type Target = { input: Record<string, unknown>; id: string; record: CrmRecord | undefined };

function targetsOf(call: Call, inputs: readonly Record<string, unknown>[]): Target[] {
  return inputs.map((input) => {
    const property = checkIdProperty(call, input["idProperty"], false);
    const id = inputId(input, "SimplePublicObjectBatchInput");
    return { input, id, record: recordOfInput(call, id, property) };
  });
}

/** An id that was merged away: HubSpot drops its row without a word. */
export function isMergedAway(call: Call, id: string): boolean {
  return recordsOf(call.account, call.type).aliases.has(id);
}

/**
 * Updates up to 100 records. Unknown ids become one error beside the updated rows, also without
 * trace ids; rows of merged-away ids vanish.
 */
export function batchUpdate(call: Call): Reply {
  const inputs = batchInputs(call, MAX_INPUTS);
  if (inputs === null) return emptyBatch(call);
  const targets = targetsOf(call, inputs).filter(({ id }) => !isMergedAway(call, id));
  refuseDuplicates(targets.map(({ id, record }) => record?.id ?? id));
  const rows = targets.flatMap(({ input, record }): Row[] =>
    record === undefined
      ? []
      : [
          {
            input,
            plan: (pending) => planUpdate(call, record, readValues(input["properties"]), pending),
          },
        ],
  );
  const traced = isTraced(inputs);
  const outcome = runRows(call, rows, traced);
  const missing = targets.filter(({ record }) => record === undefined);
  outcome.errors.push(...missingErrors(call, missing, traced));
  return batchReply(call, outcome, 200);
}

/** Archives up to 100 records. Unknown ids are passed over; the answer is 204 either way. */
export function batchArchive(call: Call): Reply {
  const inputs = batchInputs(call, MAX_INPUTS) ?? [];
  for (const id of inputs.map((input) => inputId(input, "SimplePublicObjectId"))) {
    const record = liveRecord(call, id);
    if (record === undefined) continue;
    archiveRecord(call.account, call.type, record, apiSource(call.account));
    if (call.type.name === "notes") afterNoteMoved(call.account, record.id);
  }
  return { status: 204 };
}
