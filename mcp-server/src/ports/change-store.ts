/** What the program asks of the store about local changes, which triggers record in the writer's own transaction. */
import type { FieldMaps } from "../core/field-map.ts";

/** What kinds of record change by themselves. */
export type ChangingObject = "contacts" | "customers";

/**
 * Who writes, for the triggers. `sync`: nothing is recorded, both sides hold the value already. `import`, `enrich` and `person` (a value
 * set through a tool): recorded, without the values, because other tables keep them. Unnamed writers, any other program among them: recorded with values, and the
 * record is queued for sync where a changed field may leave.
 */
export type Writer = "sync" | "import" | "enrich" | "person";

/** The newest change of one field. */
export interface FieldChange {
  readonly id: number;
  readonly local_id: number;
  /** The map's name of the field. */
  readonly field: string;
  /** Value before, as the column or leaf held it; null when it was empty or is kept elsewhere. */
  readonly before: string | null;
  /** ISO-8601 UTC with milliseconds, by the database's clock. */
  readonly changed_at: string;
  /** A `Writer`, or "sql" for another program. */
  readonly changed_by: string;
}

export interface ChangeStore {
  /**
   * Makes the triggers fit the maps; does nothing, and locks nothing, when they do already. Safe with other processes at once.
   */
  capture(maps: FieldMaps): Promise<void>;
  /** The newest change of each field that was recorded, for these records; in no order. */
  latest(object: ChangingObject, localIds: readonly number[]): Promise<readonly FieldChange[]>;
  /** Forgets the changes of a record's fields up to and including the given ids: both sides agree on them now. */
  forget(
    object: ChangingObject,
    upTo: readonly { readonly local_id: number; readonly field: string; readonly id: number }[],
  ): Promise<void>;
}
