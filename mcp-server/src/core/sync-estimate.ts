/** How many requests a previewed sync needs, and how long they take at the account's rate. */

// HubSpot's batch sizes (CRM objects and property history guides, read 2026-03).
const BATCH = 100;
const HISTORY_BATCH = 50;
const WINDOW_SECONDS = 10;

/** What a preview counted. `histories`: records whose property times are compared. */
export interface SyncEffort {
  readonly read: number;
  readonly histories: number;
  readonly creates: number;
  readonly updates: number;
  /** Companies to look for and create, associations and notes to write; 0 for customers. */
  readonly companies: number;
  readonly associations: number;
  /** Objects of HubSpot that are set up first, and how many of them lack properties. */
  readonly objectsToCheck: number;
  readonly objectsToMend: number;
}

/** Requests to HubSpot: everything is read once more to see that the plan still holds, and again when it is carried out. */
export function requestsNeeded(effort: SyncEffort): number {
  const batches = (count: number, size = BATCH): number => Math.ceil(count / size);
  // The account and each object's properties, once to see and once to set up; then a group and the properties.
  const setUp =
    effort.objectsToCheck > 0 ? 2 * (1 + effort.objectsToCheck) + 2 * effort.objectsToMend : 0;
  return (
    setUp +
    2 * (batches(effort.read) + batches(effort.histories, HISTORY_BATCH)) +
    batches(effort.creates) +
    batches(effort.updates) +
    2 * batches(effort.companies) +
    2 * batches(effort.associations)
  );
}

/** @param burstLimit requests that may be made in ten seconds */
export function secondsAtRate(requests: number, burstLimit: number): number {
  return Math.ceil((requests / burstLimit) * WINDOW_SECONDS);
}
