/** How the engines spell what the other does not understand. */

/** The words of data definition that the engines spell differently. */
export interface Ddl {
  readonly kind: "sqlite" | "postgres";
  /** A primary key that counts up and never gives a number twice. */
  readonly id: string;
  /** Text that sorts and compares by bytes on both engines. */
  readonly text: string;
  /** Behind the closing bracket of a small table that is its own primary-key index. */
  readonly keyed: string;
  /** The database's clock as ISO-8601 UTC text with milliseconds; the same all through a statement. */
  readonly now: string;
}
