/** Property endpoints for batches of definitions. */
import { propertiesOf } from "./account.ts";
import { batchReply, emptyBatch } from "./batch.ts";
import { asObject, batchInputs, type Call, idText, type Reply } from "./call.ts";
import { ApiFailure, type BatchError, missingAttributes } from "./errors.ts";
import { add, isReadable, notFound, refuseArchive } from "./properties.ts";
import { readProperty } from "./property-input.ts";
import { renderBare } from "./property-render.ts";
import { liveProperty, type PropertyDefinition } from "./property-store.ts";

const MAX_INPUTS = 100;

function asBatchError(failure: unknown): BatchError {
  if (!(failure instanceof ApiFailure) || failure.fault.category === undefined) throw failure;
  return { status: "error", ...failure.fault };
}

/** Runs each input; what fails becomes an error beside the results. */
function each(call: Call, run: (row: Record<string, unknown>) => PropertyDefinition | null) {
  const results: unknown[] = [];
  const errors: BatchError[] = [];
  for (const row of batchInputs(call, MAX_INPUTS) ?? []) {
    try {
      const definition = run(row);
      if (definition !== null) results.push(renderBare(definition));
    } catch (failure) {
      errors.push(asBatchError(failure));
    }
  }
  return { results, errors };
}

/** Fails the whole request, before anything is created, where an input does not parse. */
function refuseUnparsable(call: Call, inputs: readonly Record<string, unknown>[]): void {
  const store = propertiesOf(call.account, call.type);
  for (const row of inputs) {
    try {
      readProperty(call.account, store, row);
    } catch (failure) {
      asBatchError(failure);
    }
  }
}

/** batch/create: existing names become errors in a 207, the others are created. */
export function batchCreateProperties(call: Call): Reply {
  const inputs = batchInputs(call, MAX_INPUTS);
  if (inputs === null) return emptyBatch(call);
  refuseUnparsable(call, inputs);
  return batchReply(
    call,
    each(call, (row) => add(call, row)),
    201,
  );
}

function inputName(row: Record<string, unknown>): string {
  const name = idText(row["name"]);
  if (name === undefined) throw missingAttributes("PropertyName", ["name"]);
  return name;
}

/** batch/read: unknown names become errors in a 207. */
export function batchReadProperties(call: Call): Reply {
  if (batchInputs(call, MAX_INPUTS) === null) return emptyBatch(call);
  const wantsArchived = asObject(call.body)["archived"] === true;
  const store = propertiesOf(call.account, call.type);
  const outcome = each(call, (row) => {
    const name = inputName(row);
    const definition = store.definitions.get(name);
    if (definition === undefined || (definition.archivedAt !== null) !== wantsArchived)
      throw notFound(name);
    if (!isReadable(call, definition)) throw notFound(name);
    return definition;
  });
  return batchReply(call, outcome, 200);
}

/** batch/archive: unknown names are passed over; one that must stay keeps all of them. */
export function batchArchiveProperties(call: Call): Reply {
  const store = propertiesOf(call.account, call.type);
  const found = (batchInputs(call, MAX_INPUTS) ?? [])
    .map((row) => liveProperty(store, inputName(row)))
    .filter((definition) => definition !== undefined);
  for (const definition of found) refuseArchive(call, definition);
  for (const definition of found) definition.archivedAt = call.account.now();
  return { status: 204 };
}
