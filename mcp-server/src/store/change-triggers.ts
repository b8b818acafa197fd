/** What the generated triggers of both engines have in common. */
import { DEBOUNCE_MS } from "../core/debounce.ts";
import type { CapturedTable } from "./captured-fields.ts";

/** The debounce as SQL intervals have it. */
export const DEBOUNCE_SECONDS = DEBOUNCE_MS / 1_000;

/** All names of generated triggers and functions begin with this. */
export const GENERATED = "hubspot_sync_";

/** One trigger: its name, the table it stands on, and the statements that make it, in order. */
export interface Trigger {
  readonly name: string;
  readonly table: string;
  readonly statements: readonly string[];
}

/** What an engine makes of the tables to watch. `schema` is where they stand, quoted. */
export type TriggerTexts = (tables: readonly CapturedTable[], schema: string) => readonly Trigger[];

/** A customer that is new is looked for in HubSpot; a contact's own state says when it is due. */
export function announcesNew({ object, fields }: CapturedTable): boolean {
  return object === "customers" && fields.length > 0;
}
