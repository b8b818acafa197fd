/** Where the processes of one database keep what they know together of an account's limits. */
import type { SharedStore } from "../ports/shared-store.ts";

/** One shared value. */
export interface LimitBook {
  /** As SharedStore.change, of this value. */
  change<T>(
    decide: (value: string | null) => { readonly value: string | null; readonly result: T },
    now: string,
  ): Promise<T>;
}

/** The book of an account, on the database. */
export function storedBook(store: Pick<SharedStore, "change">, name: string): LimitBook {
  return { change: (decide, now) => store.change(name, decide, now) };
}

/** A book that nobody else reads. */
export function privateBook(): LimitBook {
  let kept: string | null = null;
  return {
    change: async (decide) => {
      const { value, result } = decide(kept);
      kept = value;
      return result;
    },
  };
}
