/** A log that keeps its lines for a test to read. */
import type { Log } from "../../mcp-server/src/ports/world.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface KeptLog extends Log {
  readonly lines: readonly { readonly fields: Fields; readonly message: string }[];
}

export function keptLog(): KeptLog {
  const lines: { fields: Fields; message: string }[] = [];
  const write = (fields: Fields, message: string): void => {
    lines.push({ fields, message });
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}
