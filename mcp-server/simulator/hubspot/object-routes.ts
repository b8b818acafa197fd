/** Object endpoints, on the v3 paths and on the date-versioned ones. */
import { batchRead } from "./batch-read.ts";
import { batchArchive, batchCreate, batchUpdate } from "./batch-writes.ts";
import { merge } from "./merge.ts";
import { archive, create, gdprDelete, get, list, patch } from "./objects.ts";
import type { Route } from "./routing.ts";
import { search } from "./search.ts";
import { batchUpsert } from "./upsert.ts";

const PREFIXES = ["/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"];

function endpoints(prefix: string): Route[] {
  const at = `${prefix}/{type}`;
  const read = { lane: "objects", access: "read" } as const;
  const write = { lane: "objects", access: "write" } as const;
  return [
    { method: "GET", path: at, ...read, run: list },
    { method: "POST", path: at, ...write, run: create },
    { method: "GET", path: `${at}/{}`, ...read, run: get },
    { method: "PATCH", path: `${at}/{}`, ...write, run: patch },
    { method: "DELETE", path: `${at}/{}`, ...write, run: archive },
    { method: "POST", path: `${at}/batch/read`, ...read, run: batchRead },
    { method: "POST", path: `${at}/batch/create`, ...write, run: batchCreate },
    { method: "POST", path: `${at}/batch/update`, ...write, run: batchUpdate },
    { method: "POST", path: `${at}/batch/upsert`, ...write, run: batchUpsert },
    { method: "POST", path: `${at}/batch/archive`, ...write, run: batchArchive },
    { method: "POST", path: `${at}/search`, lane: "search", access: "read", run: search },
    { method: "POST", path: `${at}/merge`, ...write, run: merge },
    { method: "POST", path: `${at}/gdpr-delete`, ...write, run: gdprDelete },
  ];
}

/** All object endpoints. */
export const objectRoutes: readonly Route[] = PREFIXES.flatMap(endpoints);
