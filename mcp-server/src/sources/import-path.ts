/** Which files a tool may read: regular files below the allowed folders, judged by their real paths. */
import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { AppError } from "../core/errors.ts";

/** A file that may be read, with what tells it from a later version of itself. */
export interface ImportFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAtMs: number;
  /** The very file, whatever its path leads to later. */
  readonly identity: string;
}

// A link in the place of the file is not followed, and a pipe in its place does not make us wait for a writer. Windows knows neither.
const HOW = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

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
    if (real !== null && isInside(real)) {
      return readable(real, { maxBytes, isInside, refusal: () => outside(roots) });
    }
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

/**
 * Opens the file that was judged, for whoever reads it. The caller closes it.
 *
 * @throws AppError `input` when something else stands in its place by now
 */
export async function openImportFile({
  path,
  identity,
}: Pick<ImportFile, "path" | "identity">): Promise<FileHandle> {
  const file = await open(path, HOW).catch((cause: unknown) => {
    throw exchanged(cause);
  });
  if ((await identityOf(file)) === identity) return file;
  await file.close();
  throw exchanged(null);
}

/** Throws `input` when the file is not as it was when it was judged: what was read is then neither the old content nor the new one. */
export async function expectUnchanged(
  file: FileHandle,
  { size, modifiedAtMs }: Pick<ImportFile, "size" | "modifiedAtMs">,
): Promise<void> {
  const found = await file.stat();
  if (found.size === size && Math.floor(found.mtimeMs) === modifiedAtMs) return;
  throw new AppError(
    "input",
    "The file changed while it was read. Import it again when it has its final content; rows that were read already will not change.",
    { code: "FILE_CHANGED" },
  );
}

interface Judge {
  readonly maxBytes: number;
  readonly isInside: (real: string) => boolean;
  readonly refusal: () => AppError;
}

/** Judged once more through the open file: between looking at a path and opening it, a folder in it can become a link to elsewhere. */
async function readable(path: string, { maxBytes, isInside, refusal }: Judge): Promise<ImportFile> {
  // Looked at before it is opened, because opening a device may set something off.
  if (!(await stat(path)).isFile()) throw notAFile();
  const file = await open(path, HOW).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  try {
    const found = await file.stat();
    if (!isInside(await whereIs(file, path))) throw refusal();
    if (!found.isFile()) throw notAFile();
    if (found.size === 0) throw new AppError("input", "The file is empty.", { code: "EMPTY_FILE" });
    if (found.size > maxBytes) throw tooLarge(found.size, maxBytes);
    const identity = await identityOf(file);
    return { path, size: found.size, modifiedAtMs: Math.floor(found.mtimeMs), identity };
  } finally {
    await file.close();
  }
}

/** Linux tells where an open file lies; elsewhere its path is followed a second time. */
async function whereIs(file: FileHandle, path: string): Promise<string> {
  return await readlink(`/proc/self/fd/${file.fd}`).catch(() => realpath(path));
}

async function identityOf(file: FileHandle): Promise<string> {
  const { dev, ino } = await file.stat({ bigint: true });
  return `${dev}:${ino}`;
}

function notAFile(): AppError {
  return new AppError("input", "That path is not a file. Name a CSV file.", { code: "NOT_A_FILE" });
}

function tooLarge(size: number, maxBytes: number): AppError {
  return new AppError(
    "input",
    `The file has ${megabytes(size)} MB; at most ${megabytes(maxBytes)} MB are read. Split it and import the parts.`,
    { code: "FILE_TOO_LARGE" },
  );
}

function unreadable(cause: unknown): AppError {
  return new AppError(
    "input",
    "The file cannot be opened. Let the user that hubspot-sync runs as read it.",
    { code: "FILE_UNREADABLE", cause },
  );
}

function exchanged(cause: unknown): AppError {
  return new AppError(
    "input",
    "The file was replaced while it was being opened. Import it again when it has its final content.",
    { code: "FILE_REPLACED", cause },
  );
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
