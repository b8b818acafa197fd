/** Association endpoints, on the v4 paths and on the date-versioned ones. */
import {
  batchArchiveAssociations,
  batchArchiveLabels,
  batchAssociateDefault,
  batchCreateAssociations,
  batchReadAssociations,
} from "./association-batches.ts";
import { deletePair, listAssociated, listTypes, putDefault, putLabels } from "./associations.ts";
import type { Route } from "./routing.ts";

const read = { lane: "associations", access: "read" } as const;
const write = { lane: "associations", access: "write" } as const;

function batches(prefix: string): Route[] {
  const at = `${prefix}/{type}/{to}`;
  return [
    { method: "POST", path: `${at}/batch/create`, ...write, run: batchCreateAssociations },
    { method: "POST", path: `${at}/batch/associate/default`, ...write, run: batchAssociateDefault },
    { method: "POST", path: `${at}/batch/read`, ...read, run: batchReadAssociations },
    { method: "POST", path: `${at}/batch/archive`, ...write, run: batchArchiveAssociations },
    { method: "POST", path: `${at}/batch/labels/archive`, ...write, run: batchArchiveLabels },
    { method: "GET", path: `${at}/labels`, ...read, run: listTypes },
  ];
}

function pairs(prefix: string): Route[] {
  const at = `${prefix}/{type}/{}/associations`;
  return [
    { method: "PUT", path: `${at}/default/{to}/{}`, ...write, run: putDefault },
    { method: "PUT", path: `${at}/{to}/{}`, ...write, run: putLabels },
    { method: "DELETE", path: `${at}/{to}/{}`, ...write, run: deletePair },
    { method: "GET", path: `${at}/{to}`, ...read, run: listAssociated },
  ];
}

/** All association endpoints. */
export const associationRoutes: readonly Route[] = [
  ...["/crm/v4/associations", "/crm/associations/2026-03", "/crm/associations/2026-09"].flatMap(
    batches,
  ),
  ...["/crm/v4/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"].flatMap(pairs),
];
