/** Which files a tool may read: regular files below the allowed folders, judged by their real paths. */
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { AppError } from "../core/errors.ts";

/** A file that may be read, with what tells it from a later version of itself. */
export interface ImportFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAtMs: number;
}

/**
 * The real path of a file below one of the roots. Outside them every path gets the same answer, whether it exists or
 * not, so that nobody can look around the disk by asking. A relative path is tried below each root, then below the
 * working folder.
 *
 * @throws AppError `input` when it is outside the roots, missing, no regular file, empty or larger than `maxBytes`
 */
export async function resolveImportPath(
  path: string,
  roots: readonly string[],
  maxBytes: number,
): Promise<ImportFile> {
  if (path.includes("\0")) throw outside(roots);
  const realRoots = (await Promise.all(roots.map(realPathOf))).filter((root) => root !== null);
  const isInside = (real: string): boolean =>
    realRoots.some(
      (root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep),
    );
  const candidates = [...realRoots.map((root) => resolve(root, path)), resolve(path)];
  for (const candidate of candidates) {
    const real = await realPathOf(candidate);
    if (real !== null && isInside(real)) return readable(real, maxBytes);
  }
  const misses = await Promise.all(
    candidates.map((candidate) => isMissingInside(candidate, isInside)),
  );
  throw misses.includes(true) ? missing() : outside(roots);
}

/** True when nothing is there, and the nearest folder that exists really lies inside the roots. */
async function isMissingInside(
  path: string,
  isInside: (real: string) => boolean,
): Promise<boolean> {
  if ((await realPathOf(path)) !== null) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const real = await realPathOf(folder);
    if (real !== null) return isInside(real);
  }
}

async function realPathOf(path: string): Promise<string | null> {
  return await realpath(path).catch(() => null);
}

async function readable(path: string, maxBytes: number): Promise<ImportFile> {
  const found = await stat(path);
  if (!found.isFile())
    throw new AppError("input", "That path is not a file. Name a CSV file.", {
      code: "NOT_A_FILE",
    });
  if (found.size === 0) throw new AppError("input", "The file is empty.", { code: "EMPTY_FILE" });
  if (found.size > maxBytes) {
    throw new AppError(
      "input",
      `The file has ${megabytes(found.size)} MB; at most ${megabytes(maxBytes)} MB are read. Split it and import the parts.`,
      { code: "FILE_TOO_LARGE" },
    );
  }
  return { path, size: found.size, modifiedAtMs: Math.floor(found.mtimeMs) };
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function missing(): AppError {
  return new AppError("input", "There is no such file in the import folders. Check its name.", {
    code: "FILE_NOT_FOUND",
  });
}

function outside(roots: readonly string[]): AppError {
  return new AppError(
    "input",
    `Files are only read from ${roots.length === 0 ? "no folder yet" : roots.join(", ")}. ` +
      "Put the file there, or add its folder to IMPORT_ROOTS.",
    { code: "OUTSIDE_IMPORT_ROOTS", details: { roots } },
  );
}
