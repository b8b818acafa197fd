/** What the program asks of the store about values that several processes change together, such as what is left of a limit. */

/** A named value as it is kept. `value` is JSON text; `updated_at` ISO-8601 UTC. */
export interface SharedValue {
  readonly name: string;
  readonly value: string;
  readonly updated_at: string;
}

export interface SharedStore {
  /** null when it was never set. */
  get(name: string): Promise<string | null>;
  /**
   * Reads, decides and writes as one step, so that of two processes the second decides by what the first left. `decide` gets null for
   * a value that was never set, must not do anything but decide, and leaves the value alone by returning it unchanged. Goes before all else that waits for the
   * connection. Not inside a transaction.
   *
   * @param now ISO-8601 UTC, kept as the time of the change
   */
  change<T>(
    name: string,
    decide: (value: string | null) => { readonly value: string | null; readonly result: T },
    now: string,
  ): Promise<T>;
  /** Those whose names begin so, by name. */
  list(prefix: string): Promise<readonly SharedValue[]>;
  remove(names: readonly string[]): Promise<void>;
}
