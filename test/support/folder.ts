/** A folder of files for one test. */
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What a test writes files into. */
export interface TestFolder {
  readonly path: string;
  /** Writes a file, as if it was last changed at the given time (ISO-8601 UTC), and returns its path. */
  write(name: string, content: string | Uint8Array, modifiedAt?: string): Promise<string>;
}

/** An empty folder that is removed when the test ends. */
export async function testFolder(): Promise<TestFolder> {
  const folder = await mkdtemp(join(tmpdir(), "hubspot-sync-files-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return {
    path: folder,
    write: async (name, content, modifiedAt) => {
      const path = join(folder, name);
      await writeFile(path, content);
      if (modifiedAt !== undefined) await utimes(path, new Date(modifiedAt), new Date(modifiedAt));
      return path;
    },
  };
}
