/** Single records and lists: create, get, patch, delete, list, privacy deletion. */
import { apiSource, recordsOf } from "./account.ts";
import { archivedRecord, readIdProperty } from "./batch-read.ts";
import { recordOfInput } from "./batch-writes.ts";
import { asObject, type Call, limitParam, listParam, type Reply } from "./call.ts";
import { ApiFailure, invalid, missingAttributes, recordNotFound } from "./errors.ts";
import { gdprTarget } from "./merge.ts";
import { findObjectType } from "./object-types.ts";
import { liveRecord, planCreate, planUpdate } from "./plans.ts";
import { type CrmRecord, isInBin, positionOf } from "./records.ts";
import {
  type RecordBody,
  renderAssociations,
  renderHistory,
  renderRead,
  shownProperties,
} from "./render.ts";
import { afterNoteMoved } from "./rollups.ts";
import { readValues } from "./validation.ts";
import { archiveRecord, purgeRecord } from "./write.ts";

const MAX_PAGE = 100;
const MAX_PAGE_WITH_HISTORY = 50;

/** POST: 201 and everything the new record holds. */
export function create(call: Call): Reply {
  return { status: 201, body: planCreate(call, asObject(call.body), new Set()).commit() };
}

function withExtras(call: Call, record: CrmRecord, names: readonly string[]): RecordBody {
  const { account, type } = call;
  const history = listParam(call, "propertiesWithHistory") ?? [];
  const associated = listParam(call, "associations") ?? [];
  for (const name of associated) {
    if (findObjectType(name) === undefined)
      throw new ApiFailure(400, { message: `Unable to infer object type from: ${name}` });
  }
  const associations = renderAssociations(account, type, record, associated);
  return {
    ...renderRead(account, type, record, names),
    ...(history.length === 0
      ? {}
      : { propertiesWithHistory: renderHistory(account, type, record, history) }),
    ...(Object.keys(associations).length === 0 ? {} : { associations }),
  };
}

function findOne(call: Call, id: string): CrmRecord | undefined {
  const property = readIdProperty(call, call.query.get("idProperty") ?? undefined);
  if (call.query.get("archived") !== "true") return recordOfInput(call, id, property);
  return archivedRecord(call, id);
}

/** GET of one; a merged-away id answers with the survivor. */
export function get(call: Call): Reply {
  const [id = ""] = call.params;
  const record = findOne(call, id);
  if (record === undefined) throw recordNotFound(id);
  const names = shownProperties(call.account, call.type, listParam(call, "properties"));
  return { status: 200, body: withExtras(call, record, names) };
}

/** PATCH of one. */
export function patch(call: Call): Reply {
  const [id = ""] = call.params;
  const property = readIdProperty(call, call.query.get("idProperty") ?? undefined);
  const record = recordOfInput(call, id, property);
  if (record === undefined) throw recordNotFound(id);
  const body = asObject(call.body);
  if (body["properties"] === undefined)
    throw missingAttributes("SimplePublicObjectInput", ["properties"]);
  const plan = planUpdate(call, record, readValues(body["properties"]), new Set());
  return { status: 200, body: plan.commit() };
}

/** DELETE of one: to the recycle bin. Asking twice, or for nothing, is 204 as well. */
export function archive(call: Call): Reply {
  const record = liveRecord(call, call.params[0] ?? "");
  if (record !== undefined) {
    archiveRecord(call.account, call.type, record, apiSource(call.account));
    if (call.type.name === "notes") afterNoteMoved(call.account, record.id);
  }
  return { status: 204 };
}

/** POST …/gdpr-delete. */
export function gdprDelete(call: Call): Reply {
  const record = gdprTarget(call);
  if (record !== undefined) purgeRecord(call.account, call.type, record, apiSource(call.account));
  return { status: 204 };
}

function startOf(call: Call): number {
  const after = call.query.get("after");
  if (after === null || after === "") return 0;
  if (!/^\d+$/.test(after)) throw invalid(`Invalid paging cursor ${after}`);
  return positionOf(recordsOf(call.account, call.type), Number(after));
}

/** The records of a page, and the first one after it if there is one. */
function pageFrom(call: Call, limit: number): { page: CrmRecord[]; next: CrmRecord | undefined } {
  const { ordered } = recordsOf(call.account, call.type);
  const now = call.account.now();
  const isWanted =
    call.query.get("archived") === "true"
      ? (record: CrmRecord) => isInBin(record, now)
      : (record: CrmRecord) => record.archivedAt === null;
  const page: CrmRecord[] = [];
  for (let index = startOf(call); index < ordered.length; index += 1) {
    const record = ordered[index];
    if (record === undefined || !isWanted(record)) continue;
    if (page.length === limit) return { page, next: record };
    page.push(record);
  }
  return { page, next: undefined };
}

function nextLink(call: Call, after: string): string {
  const link = new URL(call.url);
  link.searchParams.delete("after");
  link.searchParams.set("after", after);
  return link.href;
}

/** GET of a page, ordered by id; `after` is the id of the next record. */
export function list(call: Call): Reply {
  const hasHistory = listParam(call, "propertiesWithHistory") !== null;
  const limit = limitParam(call, 10, hasHistory ? MAX_PAGE_WITH_HISTORY : MAX_PAGE);
  const names = shownProperties(call.account, call.type, listParam(call, "properties"));
  const { page, next } = pageFrom(call, limit);
  const results = page.map((record) => withExtras(call, record, names));
  const paging =
    next === undefined
      ? {}
      : { paging: { next: { after: next.id, link: nextLink(call, next.id) } } };
  return { status: 200, body: { results, ...paging } };
}
