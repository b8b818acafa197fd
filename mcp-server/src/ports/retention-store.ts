/** What the program asks of the store to forget what is old, a small piece at a time. */

/**
 * What is forgotten by age. `events`: processed notifications. `log`: rows of the sync log with nothing left to tell (core/retention.ts).
 * `conflicts`: settled ones. `reports`: of reconciliations, but for the newest. `jobs`: finished ones with the rows they rejected. `plans`: expired
 * previews. `cache`: expired answers. `leases`: of processes that are gone.
 */
export const keptKinds = [
  "events",
  "log",
  "conflicts",
  "reports",
  "jobs",
  "plans",
  "cache",
  "leases",
] as const;
export type KeptKind = (typeof keptKinds)[number];

/** A piece of a walk: `limit` bounds what is looked at and forgotten; `afterId` is where the piece before came to, 0 at first. */
export interface PrunePiece {
  /** ISO-8601 UTC: what is younger stays. */
  readonly before: string;
  readonly afterId: number;
  readonly limit: number;
}

/** How far a piece came. `more`: whether another one may find something. */
export interface Pruned {
  readonly forgotten: number;
  readonly at: number;
  readonly more: boolean;
}

/** Each may be called again at any time, by any process: doing it twice forgets nothing more. */
export type RetentionStore = Readonly<Record<KeptKind, (piece: PrunePiece) => Promise<Pruned>>>;
