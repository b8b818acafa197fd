/** A log that keeps its lines for a test to read. */
import type { Log } from "../../mcp-server/src/ports/world.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface KeptLog extends Log {
  readonly lines: readonly {
    readonly level: "debug" | "info" | "warn" | "error";
    readonly fields: Fields;
    readonly message: string;
  }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog["lines"][number][] = [];
  const writeAs =
    (level: KeptLog["lines"][number]["level"]) => (fields: Fields, message: string) => {
      lines.push({ level, fields, message });
    };
  return {
    lines,
    debug: writeAs("debug"),
    info: writeAs("info"),
    warn: writeAs("warn"),
    error: writeAs("error"),
  };
}
