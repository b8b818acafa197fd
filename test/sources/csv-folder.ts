/** A folder of CSV files for tests, and the ways in which they are read. */
import type { ImportRow, SourceDescription } from "../../mcp-server/src/core/import-row.ts";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";
import { testFolder } from "../support/folder.ts";

/** Everything that came out of a file. */
export interface ReadCsv {
  readonly description: SourceDescription;
  readonly rows: readonly ImportRow[];
  readonly checkpoints: readonly string[];
}

/** A folder that is removed when the test ends. */
export async function csvFolder() {
  const files = await testFolder();
  const open = createCsvSource({ roots: [files.path] });
  return {
    folder: files.path,
    open,
    write(content: string | Uint8Array, modifiedAt?: string): Promise<string> {
      return files.write("contacts.csv", content, modifiedAt);
    },
    async read(
      content: string | Uint8Array,
      options: { column_map?: Record<string, string>; checkpoint?: string } = {},
    ): Promise<ReadCsv> {
      const path = await this.write(content, "2026-11-01T10:00:00.000Z");
      const { checkpoint = null, ...rest } = options;
      const signal = AbortSignal.timeout(20_000);
      const source = await open({ source: "csv", path, ...rest }, { checkpoint, signal });
      const rows: ImportRow[] = [];
      const checkpoints: string[] = [];
      for await (const batch of source.batches()) {
        rows.push(...batch.rows);
        checkpoints.push(batch.checkpoint);
      }
      return { description: source.description, rows, checkpoints };
    },
  };
}
