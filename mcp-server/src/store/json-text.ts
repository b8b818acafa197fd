/** JSON columns: text that only this program writes, so what comes back has the type that went in. */

/** null stays null: the column is empty. */
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}

/** A column that is never empty. */
export function fromJsonText<T>(text: string): T {
  return JSON.parse(text);
}
