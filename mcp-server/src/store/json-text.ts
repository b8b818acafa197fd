/** JSON columns: text that this program writes, so what comes back has the type that went in, and text that others may write. */

/** null stays null: the column is empty. */
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : JSON.parse(text);
}

/** A column that is never empty. */
export function fromJsonText<T>(text: string): T {
  return JSON.parse(text);
}

/**
 * A column that other programs may write, too: what is no JSON, or no object (or list), is undefined instead of an error, so that one
 * row harms only itself. null stays null.
 */
export function fromForeignJson<T extends object>(text: string | null): T | null | undefined {
  if (text === null) return null;
  try {
    const value: T | null = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}
