/** Property endpoints, on the v3 path and on the date-versioned ones. */
import {
  archiveProperty,
  createProperty,
  getProperty,
  listProperties,
  patchProperty,
} from "./properties.ts";
import {
  batchArchiveProperties,
  batchCreateProperties,
  batchReadProperties,
} from "./property-batches.ts";
import { archiveGroup, createGroup, getGroup, listGroups, patchGroup } from "./property-groups.ts";
import type { Route } from "./routing.ts";

const PREFIXES = ["/crm/v3/properties", "/crm/properties/2026-03", "/crm/properties/2026-09"];

function endpoints(prefix: string): Route[] {
  const at = `${prefix}/{type}`;
  const read = { lane: "objects", access: "schema-read" } as const;
  const write = { lane: "objects", access: "schema-write" } as const;
  return [
    { method: "GET", path: at, ...read, run: listProperties },
    { method: "POST", path: at, ...write, run: createProperty },
    { method: "GET", path: `${at}/{}`, ...read, run: getProperty },
    { method: "PATCH", path: `${at}/{}`, ...write, run: patchProperty },
    { method: "DELETE", path: `${at}/{}`, ...write, run: archiveProperty },
    { method: "POST", path: `${at}/batch/create`, ...write, run: batchCreateProperties },
    { method: "POST", path: `${at}/batch/read`, ...read, run: batchReadProperties },
    { method: "POST", path: `${at}/batch/archive`, ...write, run: batchArchiveProperties },
    { method: "GET", path: `${at}/groups`, ...read, run: listGroups },
    { method: "POST", path: `${at}/groups`, ...write, run: createGroup },
    { method: "GET", path: `${at}/groups/{}`, ...read, run: getGroup },
    { method: "PATCH", path: `${at}/groups/{}`, ...write, run: patchGroup },
    { method: "DELETE", path: `${at}/groups/{}`, ...write, run: archiveGroup },
  ];
}

/** All property endpoints. */
export const propertyRoutes: readonly Route[] = PREFIXES.flatMap(endpoints);
