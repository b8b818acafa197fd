/** batch/read: by id or by a unique property, with history for at most 50. */
import { propertiesOf, recordsOf } from "./account.ts";
import { batchReply, emptyBatch } from "./batch.ts";
import { recordOfInput } from "./batch-writes.ts";
import { batchInputs, bodyObject, type Call, type Reply, stringList } from "./call.ts";
import { batchNotFound, invalid } from "./errors.ts";
import { inputId } from "./plans.ts";
import { identifiesRecords } from "./property-store.ts";
import { type CrmRecord, isInBin, resolveId } from "./records.ts";
import { renderHistory, renderRead, shownProperties } from "./render.ts";

const MAX_INPUTS = 100;
const MAX_WITH_HISTORY = 50;

/** A lookup property that may be used for reads; null means the record id. */
export function readIdProperty(call: Call, given: unknown): string | null {
  if (given === undefined || given === null || given === "" || given === "hs_object_id")
    return null;
  const name = String(given);
  if (!identifiesRecords(propertiesOf(call.account, call.type), name))
    throw invalid(
      `Unable to read by non-unique ${call.type.id} property ${name} in portal ID ${call.account.portalId}`,
    );
  return name;
}

/** The record in the recycle bin that an id names; undefined when it is live or purged. */
export function archivedRecord(call: Call, id: string): CrmRecord | undefined {
  const record = resolveId(recordsOf(call.account, call.type), id);
  return record !== undefined && isInBin(record, call.account.now()) ? record : undefined;
}

function historyAsked(call: Call, inputCount: number): string[] {
  const asked = stringList(bodyObject(call)["propertiesWithHistory"]);
  if (asked.length > 0 && inputCount > MAX_WITH_HISTORY)
    throw invalid(
      `The maximum number of inputs supported in a batch request for property histories is ${MAX_WITH_HISTORY}. Please reduce the number of items and try again`,
    );
  return asked;
}

/** Finds the asked records once each, and the ids that found none. */
function findAll(call: Call, ids: readonly string[], property: string | null) {
  const found = new Map<string, CrmRecord>();
  const missing: string[] = [];
  const wantsArchived = call.query.get("archived") === "true";
  for (const id of new Set(ids)) {
    const record = wantsArchived ? archivedRecord(call, id) : recordOfInput(call, id, property);
    if (record === undefined) missing.push(id);
    else found.set(record.id, record);
  }
  return { found: [...found.values()], missing };
}

/** Reads up to 100 records; unknown ids become one error in a 207. */
export function batchRead(call: Call): Reply {
  const { account, type } = call;
  const inputs = batchInputs(call, MAX_INPUTS);
  if (inputs === null) return emptyBatch(call);
  const history = historyAsked(call, inputs.length);
  const body = bodyObject(call);
  const property = readIdProperty(call, body["idProperty"]);
  const ids = inputs.map((input) => inputId(input, "SimplePublicObjectId"));
  const { found, missing } = findAll(call, ids, property);
  const asked = body["properties"];
  const names = shownProperties(account, type, Array.isArray(asked) ? stringList(asked) : null);
  const results = found.map((record) => ({
    ...renderRead(account, type, record, names),
    ...(history.length === 0
      ? {}
      : { propertiesWithHistory: renderHistory(account, type, record, history) }),
  }));
  if (missing.length === 0) return batchReply(call, { results, errors: [] }, 200);
  const isEmptied = account.settings.batchReadMissing === "empty";
  const errors = [batchNotFound(type, missing)];
  return batchReply(call, { results: isEmptied ? [] : results, errors }, 207);
}
