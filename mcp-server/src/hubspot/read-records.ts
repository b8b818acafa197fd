/** Reads records by id or unique value, and accounts for every one that was asked. */
import { cut, halve } from "../core/batching.ts";
import type { CrmCall, CrmObject, CrmRecord } from "../ports/crm.ts";
import { objectBatch, objectRecord } from "./paths.ts";
import { refusalError, refusalOf } from "./refusal.ts";
import type { Send } from "./requester.ts";
import { sideBySide } from "./side-by-side.ts";
import { parsed, readAnswer, recordBatchSchema, recordSchema } from "./wire.ts";

// HubSpot docs, using object APIs: 100 inputs per batch (read 2026-04).
const MAX_INPUTS = 100;

export interface ReadAsk {
  readonly ids: readonly string[];
  readonly idProperty?: string;
  readonly properties: readonly string[];
  /** Asks for records in the recycle bin instead of live ones; those are only found by id. */
  readonly archived?: boolean;
}

export interface ReadRecords {
  readonly found: readonly CrmRecord[];
  readonly missing: readonly string[];
  /** Asked ids that were merged away, with the ids of the records that live on; those are in `found`. */
  readonly merged: ReadonlyMap<string, string>;
}

interface Reading {
  readonly send: Send;
  readonly object: CrmObject;
  readonly idProperty: string | null;
  readonly properties: readonly string[];
  /** What every request of this reading adds to its query. */
  readonly query: Readonly<Record<string, string>>;
  readonly call: CrmCall | undefined;
  readonly found: Map<string, CrmRecord>;
  /** Record id per key that is settled; null when HubSpot says that there is none. */
  readonly settled: Map<string, string | null>;
}

/** Throws AppError unless every asked value was either found or named as missing by HubSpot. */
export async function readRecords(
  send: Send,
  object: CrmObject,
  ask: ReadAsk,
  call?: CrmCall,
): Promise<ReadRecords> {
  const idProperty = ask.idProperty ?? null;
  const reading: Reading = {
    send,
    object,
    idProperty,
    properties: [...new Set([...ask.properties, ...identifying(object, idProperty)])],
    query: ask.archived === true ? { archived: "true" } : {},
    call,
    found: new Map(),
    settled: new Map(),
  };
  const keys = [...new Set(ask.ids.map((id) => keyOf(reading, id)))].filter((key) => key !== "");
  await sideBySide(cut(keys, MAX_INPUTS), (batch) => readBatch(reading, batch, "first"));
  return summary(reading, ask.ids);
}

/** HubSpot keeps e-mails in lower case; how it compares other unique values is not documented, so they stay as they are. */
function keyOf(reading: Reading, value: string): string {
  return reading.idProperty === "email" ? value.trim().toLowerCase() : value.trim();
}

/** What tells which asked value a result answers: it can come back under another id or another primary e-mail. */
function identifying(object: CrmObject, idProperty: string | null): readonly string[] {
  if (idProperty === null) return object === "notes" ? [] : ["hs_merged_object_ids"];
  return idProperty === "email" ? ["email", "hs_additional_emails"] : [idProperty];
}

async function readBatch(
  reading: Reading,
  keys: readonly string[],
  round: "first" | "again",
): Promise<void> {
  await askBatch(reading, keys);
  const rest = keys.filter((key) => !reading.settled.has(key));
  if (rest.length === 0) return;
  // One report has an empty result set whenever an id is missing; and an answer may be empty by accident. Ask for the rest once more
  // as it is, then in halves, then one by one, which gives each a clear answer of its own.
  if (rest.length < keys.length || round === "first") return readBatch(reading, rest, "again");
  const [only] = rest;
  if (rest.length === 1 && only !== undefined) return readOne(reading, only);
  for (const half of halve(rest)) await readBatch(reading, half, "again");
}

async function askBatch(reading: Reading, keys: readonly string[]): Promise<void> {
  const { idProperty, properties } = reading;
  const answer = await readAnswer(
    reading.send,
    {
      method: "POST",
      route: objectBatch(reading.object, "read"),
      query: reading.query,
      body: {
        inputs: keys.map((id) => ({ id })),
        properties,
        ...(idProperty === null ? {} : { idProperty }),
      },
      lane: "objects",
      effect: "read",
    },
    recordBatchSchema,
    reading.call,
  );
  for (const { record } of answer.results) noteFound(reading, record);
  const asked = new Set(keys);
  for (const fault of answer.errors) {
    if (fault.category !== "OBJECT_NOT_FOUND") continue;
    for (const key of refusalOf(0, fault).ids.map((id) => keyOf(reading, id))) {
      if (asked.has(key) && !reading.settled.has(key)) reading.settled.set(key, null);
    }
  }
  settleOtherCase(
    reading,
    asked,
    answer.results.map(({ record }) => record),
  );
}

/**
 * A record that came although its value is none of the asked ones was found under another case: should HubSpot compare so, no key is
 * asked for again one by one.
 */
function settleOtherCase(
  reading: Reading,
  asked: ReadonlySet<string>,
  records: readonly CrmRecord[],
): void {
  const { idProperty } = reading;
  if (idProperty === null) return;
  const heldBy = (record: CrmRecord) => keyOf(reading, record.properties[idProperty] ?? "");
  const uncalled = records.filter((record) => !asked.has(heldBy(record)));
  const byFolded = new Map(uncalled.map((record) => [heldBy(record).toLowerCase(), record.id]));
  for (const key of asked) {
    const id = byFolded.get(key.toLowerCase());
    if (id !== undefined && !reading.settled.has(key)) reading.settled.set(key, id);
  }
}

function noteFound(reading: Reading, record: CrmRecord): void {
  reading.found.set(record.id, record);
  for (const key of keysOfRecord(reading, record)) {
    // A record's own id is its own; the ids it took over are only its while nobody else answers to them.
    if (key === record.id || !reading.settled.has(key)) reading.settled.set(key, record.id);
  }
}

function keysOfRecord(reading: Reading, record: CrmRecord): readonly string[] {
  const { idProperty } = reading;
  const values = (name: string) =>
    (record.properties[name] ?? "").split(";").map((value) => keyOf(reading, value));
  if (idProperty === null) return [record.id, ...values("hs_merged_object_ids")];
  if (idProperty === "email") return [...values("email"), ...values("hs_additional_emails")];
  return [keyOf(reading, record.properties[idProperty] ?? "")];
}

async function readOne(reading: Reading, key: string): Promise<void> {
  const { idProperty } = reading;
  const reply = await reading.send(
    {
      method: "GET",
      route: objectRecord(reading.object, key),
      query: {
        ...reading.query,
        properties: reading.properties.join(","),
        ...(idProperty === null ? {} : { idProperty }),
      },
      lane: "objects",
      effect: "read",
    },
    reading.call,
  );
  if (reply.kind === "refused") {
    // Only HubSpot's own words for a record make it missing: an unknown path is a 404 too.
    if (reply.refusal.category !== "OBJECT_NOT_FOUND") throw refusalError(reply.refusal);
    reading.settled.set(key, null);
    return;
  }
  if (reply.kind !== "answered") throw reply.error;
  const { record } = parsed(recordSchema, reply.body);
  noteFound(reading, record);
  reading.settled.set(key, record.id);
}

function summary(reading: Reading, ids: readonly string[]): ReadRecords {
  const missing: string[] = [];
  const merged = new Map<string, string>();
  for (const id of new Set(ids)) {
    const recordId = reading.settled.get(keyOf(reading, id)) ?? null;
    if (recordId === null) missing.push(id);
    else if (reading.idProperty === null && recordId !== id.trim()) merged.set(id, recordId);
  }
  return { found: [...reading.found.values()], missing, merged };
}
