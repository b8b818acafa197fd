/** What the program asks of the store about customers. */
import type { Customer, CustomerFields, CustomerPatch } from "../core/customer.ts";

/** What an import says of a customer; fields that it leaves out keep what is stored. */
export type CustomerRow = Partial<CustomerFields> & Pick<CustomerFields, "ban">;

export interface CustomerStore {
  /** In no order; unknown ids are left out. */
  findByIds(ids: readonly number[]): Promise<readonly Customer[]>;
  findByBans(bans: readonly string[]): Promise<readonly Customer[]>;
  /**
   * Creates or updates by `ban`, one entry per row in the order given; of two rows with one ban the later wins. A row that changes nothing
   * writes nothing. JSON columns are merged key by key into what is stored.
   */
  upsert(
    rows: readonly CustomerRow[],
    now: string,
  ): Promise<
    readonly { readonly ban: string; readonly outcome: "created" | "updated" | "unchanged" }[]
  >;
  /** Sets the given fields of each customer, and `updated_at` to `now`. */
  update(
    patches: readonly { readonly id: number; readonly set: CustomerPatch }[],
    now: string,
  ): Promise<void>;
  /** All ids, ascending, after `afterId`, at most `limit`. */
  ids(afterId: number, limit: number): Promise<readonly number[]>;
  /** Whether there is any customer; cheap. */
  any(): Promise<boolean>;
  /** Deletes customers with their links, bases, changes and queue entries; the log of what happened to them stays. */
  remove(ids: readonly number[]): Promise<void>;
}
