/** Where things are in HubSpot's date-versioned API. */
import type { CrmObject } from "../ports/crm.ts";

/**
 * The API version, generally available since 2026-09 and supported for 18 months. Operations and schemas equal those of v3; the
 * dated paths also enforce the account's own validation rules on writes (HubSpot migration guide, read 2026-10).
 */
export const API_VERSION = "2026-09";

/** A path and the form of it that may be logged: without ids and other values. */
export interface Route {
  readonly path: string;
  readonly shown: string;
}

/** `read`, `create`, `update` and `upsert` take 100 inputs at most. */
export function objectBatch(
  object: CrmObject,
  action: "read" | "create" | "update" | "upsert",
): Route {
  return plain(`/crm/objects/${API_VERSION}/${object}/batch/${action}`);
}

export function objectList(object: CrmObject): Route {
  return plain(`/crm/objects/${API_VERSION}/${object}`);
}

export function objectSearch(object: CrmObject): Route {
  return plain(`/crm/objects/${API_VERSION}/${object}/search`);
}

/** One record by its id or unique value, which may be an e-mail and so is never shown. */
export function objectRecord(object: CrmObject, id: string): Route {
  const folder = `/crm/objects/${API_VERSION}/${object}`;
  return { path: `${folder}/${encodeURIComponent(id)}`, shown: `${folder}/{id}` };
}

/** `create` takes 2,000 inputs at most, `read` 1,000. */
export function associationBatch(
  from: CrmObject,
  to: CrmObject,
  action: "read" | "create" | "labels/archive",
): Route {
  return plain(`/crm/associations/${API_VERSION}/${from}/${to}/batch/${action}`);
}

export function propertyList(object: CrmObject): Route {
  return plain(`/crm/properties/${API_VERSION}/${object}`);
}

export function propertyBatchCreate(object: CrmObject): Route {
  return plain(`/crm/properties/${API_VERSION}/${object}/batch/create`);
}

export function propertyGroups(object: CrmObject): Route {
  return plain(`/crm/properties/${API_VERSION}/${object}/groups`);
}

export function accountDetails(): Route {
  return plain(`/account-info/${API_VERSION}/details`);
}

function plain(path: string): Route {
  return { path, shown: path };
}
