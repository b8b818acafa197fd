/** A log that keeps its lines for a test to read. */
import type { Log } from "../../mcp-server/src/ports/world.ts";

export interface KeptLog extends Log {
  readonly lines: readonly { readonly fields: object; readonly message: string }[];
}

export function keptLog(): KeptLog {
  const lines: { fields: object; message: string }[] = [];
  const write = (fields: object, message: string): void => {
    lines.push({ fields, message });
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}
