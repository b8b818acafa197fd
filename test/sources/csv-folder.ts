/** A folder of CSV files for tests, and the ways in which they are read. */
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ImportRow, SourceDescription } from "../../mcp-server/src/core/import-row.ts";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";

/** Everything that came out of a file. */
export interface ReadCsv {
  readonly description: SourceDescription;
  readonly rows: readonly ImportRow[];
  readonly checkpoints: readonly string[];
}

/** A folder that is removed when the test ends. */
export async function csvFolder() {
  const folder = await mkdtemp(join(tmpdir(), "csv-source-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const open = createCsvSource({ roots: [folder] });
  return {
    folder,
    open,
    async write(content: string | Uint8Array, modifiedAt?: string): Promise<string> {
      const path = join(folder, "contacts.csv");
      await writeFile(path, content);
      if (modifiedAt !== undefined) await utimes(path, new Date(modifiedAt), new Date(modifiedAt));
      return path;
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
