/** What the program asks of the store about previewed plans, which can be carried out once. */

/** A plan that was shown. Times are ISO-8601 UTC. */
export interface StoredPlan {
  readonly plan_id: string;
  readonly kind: "sync" | "resolve";
  /** The arguments it was made for, as the tool normalised them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** The field map's version when it was made. */
  readonly map_version: string;
  readonly created_at: string;
  readonly expires_at: string;
}

export type PlanTake =
  | { readonly kind: "taken"; readonly plan: StoredPlan }
  /** Never made, or forgotten long after it expired. */
  | { readonly kind: "unknown" }
  | { readonly kind: "used" }
  | { readonly kind: "expired" };

/** One record's part of a plan: `digest` changes with anything that would be written for it. */
export interface PlannedDigest {
  readonly object: "contacts" | "customers" | "conflicts";
  readonly local_id: number;
  readonly digest: string;
}

export interface PlanStore {
  /** Keeps a plan, with the records it is about added by `addRecords`. */
  add(plan: StoredPlan): Promise<void>;
  addRecords(planId: string, records: readonly PlannedDigest[]): Promise<void>;
  /** Reads without using up. */
  find(planId: string, now: string): Promise<PlanTake>;
  /** Uses the plan up: of several callers one gets `taken`. */
  take(planId: string, now: string): Promise<PlanTake>;
  /** By local id, ascending, after `afterId`, of one object. */
  records(
    planId: string,
    page: {
      readonly object: PlannedDigest["object"];
      readonly afterId: number;
      readonly limit: number;
    },
  ): Promise<readonly PlannedDigest[]>;
}
