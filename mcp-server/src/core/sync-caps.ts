/** How much one run may change before a person has to agree: counted before anything is written. */
import { AppError } from "./errors.ts";
import type { PlannedField } from "./plan.ts";
import type { PlannedRecord } from "./sync-record.ts";

/** Records created in HubSpot, records changed on either side, and field values emptied on either side. */
export interface RunChanges {
  readonly creates: number;
  readonly updates: number;
  readonly clears: number;
}

/** The most a single run may change. */
export type RunCaps = RunChanges;

export const noChanges: RunChanges = { creates: 0, updates: 0, clears: 0 };

const variables: Readonly<Record<keyof RunChanges, string>> = {
  creates: "SYNC_MAX_CREATES",
  updates: "SYNC_MAX_UPDATES",
  clears: "SYNC_MAX_CLEARS",
};

const sayings: Readonly<Record<keyof RunChanges, (count: number) => string>> = {
  creates: (count) => `create at least ${count} record(s) in HubSpot`,
  updates: (count) => `change at least ${count} record(s)`,
  clears: (count) => `empty at least ${count} field value(s)`,
};

/** What plans would change, on top of what a run has changed already. */
export function addChanges(before: RunChanges, planned: readonly PlannedRecord[]): RunChanges {
  let { creates, updates, clears } = before;
  for (const { sides, plan } of planned) {
    const pushes = Object.keys(plan.push).length > 0;
    if (pushes && sides.hubspotId === null) creates += 1;
    else if (pushes || Object.keys(plan.pull).length > 0) updates += 1;
    clears += plan.fields.filter(isClear).length;
  }
  return { creates, updates, clears };
}

function isClear({ decision }: PlannedField): boolean {
  return (decision.kind === "push" || decision.kind === "pull") && decision.value === null;
}

/**
 * @param written what the run has written before
 * @throws AppError `input`, RUN_CAP_EXCEEDED, that names the limit and how to raise it
 */
export function checkCaps(changes: RunChanges, caps: RunCaps, written: RunChanges): void {
  for (const what of ["creates", "updates", "clears"] as const) {
    if (changes[what] <= caps[what]) continue;
    const hasWritten = written.creates + written.updates > 0;
    const rest = hasWritten ? "The run stopped before these" : "Nothing was written";
    throw new AppError(
      "input",
      `This sync would ${sayings[what](changes[what])}, and ${variables[what]} allows ${caps[what]} in one run. ${rest}. ` +
        `Look at it with dry_run; then sync fewer records at a time, or raise ${variables[what]} and restart.`,
      { code: "RUN_CAP_EXCEEDED", details: { variable: variables[what], limit: caps[what] } },
    );
  }
}
