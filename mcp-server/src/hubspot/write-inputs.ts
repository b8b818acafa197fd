/** The wire form of rows to write, each with a trace id of its own. */
import { randomUUID } from "node:crypto";
import type { Crm } from "../ports/crm.ts";
import type { WriteInput } from "./settle-batch.ts";

/** A row of the port's `update`. */
export type UpdateRow = Parameters<Crm["update"]>[1][number];
/** A row of the port's `upsert`. */
export type UpsertRow = Parameters<Crm["upsert"]>[2][number];
/** A row of the port's `create`. */
export type CreateRow = Parameters<Crm["create"]>[1][number];

export function updateInput(row: UpdateRow): WriteInput {
  return input(row, lower(row.id), { id: row.id.trim() });
}

export function upsertInput(idProperty: string, row: UpsertRow): WriteInput {
  return input(row, lower(row.id), { id: row.id.trim(), idProperty });
}

export function createInput(row: CreateRow): WriteInput {
  const associations = row.associations.map(({ toId, typeId }) => ({
    to: { id: toId },
    types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId: typeId }],
  }));
  return input(row, null, { associations });
}

/** What two rows share that must not stand in one batch. Only an e-mail is known to be unique when creating. */
export function twinKeyOf(row: WriteInput): string | null {
  const email = row.properties["email"];
  return row.key ?? (email === undefined ? null : lower(email));
}

/** As HubSpot compares e-mails and ids. */
export function lower(value: string): string {
  return value.trim().toLowerCase();
}

// A trace id on every input is what makes HubSpot write the good rows of a batch and name the bad ones (error handling, read 2026-04).
function input(
  row: { readonly ref: string; readonly properties: Readonly<Record<string, string>> },
  key: string | null,
  rest: Readonly<Record<string, unknown>>,
): WriteInput {
  const traceId = randomUUID();
  const { ref, properties } = row;
  return {
    ref,
    traceId,
    key,
    properties,
    wire: { ...rest, properties, objectWriteTraceId: traceId },
  };
}
