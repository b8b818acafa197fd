import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { resolveImportPath } from "../../mcp-server/src/sources/import-path.ts";

const MAX = 1_000;
let base = "";
let root = "";

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "import-path-")));
  root = join(base, "allowed");
  await mkdir(join(root, "sub"), { recursive: true });
  await mkdir(join(base, "secret"));
  await writeFile(join(root, "a.csv"), "email\n");
  await writeFile(join(root, "sub", "b.csv"), "email\n");
  await writeFile(join(root, "empty.csv"), "");
  await writeFile(join(root, "big.csv"), "x".repeat(MAX + 1));
  await writeFile(join(base, "secret", "c.csv"), "email\n");
  await writeFile(join(base, "allowed-not.csv"), "email\n");
  await symlink(join(base, "secret", "c.csv"), join(root, "escape.csv"));
  await symlink(join(base, "secret"), join(root, "door"));
  await symlink(join(root, "a.csv"), join(root, "alias.csv"));
});

afterAll(() => rm(base, { recursive: true, force: true }));

async function refusal(path: string): Promise<AppError> {
  const thrown = await resolveImportPath(path, [root], MAX).catch((error: unknown) => error);
  if (thrown instanceof AppError) return thrown;
  throw new Error(`${path} was not refused`);
}

test("takes absolute paths, and relative ones below the root, with size and time", async () => {
  const file = await resolveImportPath(join(root, "a.csv"), [root], MAX);

  expect(file).toMatchObject({ path: join(root, "a.csv"), size: 6 });
  expect(file.modifiedAtMs).toBeGreaterThan(Date.now() - 60_000);
  expect((await resolveImportPath("sub/b.csv", [root], MAX)).path).toBe(join(root, "sub", "b.csv"));
});

test("takes a path relative to the working folder when it leads into a root", async () => {
  const path = relative(process.cwd(), join(root, "a.csv"));

  expect((await resolveImportPath(path, [root], MAX)).path).toBe(join(root, "a.csv"));
});

test("follows a link that stays inside", async () => {
  expect((await resolveImportPath("alias.csv", [root], MAX)).path).toBe(join(root, "a.csv"));
});

test("works when the root itself is named by a link", async () => {
  const alias = join(base, "root-link");
  await symlink(root, alias);

  expect((await resolveImportPath(join(alias, "a.csv"), [alias], MAX)).path).toBe(
    join(root, "a.csv"),
  );
});

describe("refuses", () => {
  test.each(["escape.csv", "door/c.csv", "../secret/c.csv", "../allowed-not.csv"])(
    "%s, naming the folders and how to add one",
    async (path) => {
      const error = await refusal(path);

      expect(error.kind).toBe("input");
      expect(error.message).toContain(root);
      expect(error.message).toContain("IMPORT_ROOTS");
    },
  );

  test("paths outside with one answer, whether something is there or not", async () => {
    const existing = await refusal(join(base, "secret", "c.csv"));
    const missing = await refusal(join(base, "secret", "nothing.csv"));
    const throughDoor = await refusal("door/nothing.csv");

    expect(missing.message).toBe(existing.message);
    expect(throughDoor.message).toBe(existing.message);
  });

  test.each([
    ["a missing file", "nope.csv", "FILE_NOT_FOUND"],
    ["a folder", "sub", "NOT_A_FILE"],
    ["the root itself", ".", "NOT_A_FILE"],
    ["an empty file", "empty.csv", "EMPTY_FILE"],
    ["a file over the bound", "big.csv", "FILE_TOO_LARGE"],
    ["a path with a NUL", "a.csv\0.txt", "OUTSIDE_IMPORT_ROOTS"],
  ])("%s", async (_, path, code) => {
    expect((await refusal(path)).code).toBe(code);
  });

  test("everything when there are no roots", async () => {
    const thrown = await resolveImportPath(join(root, "a.csv"), [], MAX).catch((e: unknown) => e);

    expect(thrown).toMatchObject({ code: "OUTSIDE_IMPORT_ROOTS" });
  });
});
