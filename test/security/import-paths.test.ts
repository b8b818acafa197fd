/** Which files an import opens: none outside its folders, by no spelling, no link and no quick hand. */
import { execFile } from "node:child_process";
import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AppError } from "../../mcp-server/src/core/errors.ts";
import { createCsvSource } from "../../mcp-server/src/sources/csv.ts";
import { openImportFile, resolveImportPath } from "../../mcp-server/src/sources/import-path.ts";

const SECRET = "secret@outside.example";
const MAX = 1_000;
let base = "";
let root = "";
let outside = "";

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "import-paths-")));
  root = join(base, "allowed");
  outside = join(base, "outside");
  await mkdir(join(root, "sub"), { recursive: true });
  await mkdir(outside);
  await writeFile(join(root, "a.csv"), "email\nada@acme.com\n");
  await writeFile(join(root, "sub", "b.csv"), "email\n");
  await writeFile(join(outside, "c.csv"), `email\n${SECRET}\n`);
  await symlink(join(outside, "c.csv"), join(root, "link.csv"));
  await symlink(outside, join(root, "door"));
  await symlink("../../outside/c.csv", join(root, "sub", "relative.csv"));
  await symlink(join(root, "link.csv"), join(root, "chain.csv"));
  await symlink("loop.csv", join(root, "loop.csv"));
  await symlink("/proc/self/environ", join(root, "environ.csv"));
  await symlink("/dev/stdin", join(root, "stdin.csv"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

async function refusal(path: string, roots: readonly string[] = [root]): Promise<AppError> {
  const thrown = await resolveImportPath(path, roots, MAX).catch((error: unknown) => error);
  if (thrown instanceof AppError) return thrown;
  throw new Error(`${path} was not refused`);
}

describe("refuses", () => {
  test.each([
    "../outside/c.csv",
    "sub/../../outside/c.csv",
    "./././../outside/c.csv",
    "//etc/passwd",
    "/etc/passwd",
    "/proc/self/environ",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/package.json",
    "/dev/fd/0",
    "link.csv",
    "chain.csv",
    "door/c.csv",
    "sub/relative.csv",
    "environ.csv",
  ])("%s, which leads outside", async (path) => {
    const error = await refusal(path);

    expect(error.code).toBe("OUTSIDE_IMPORT_ROOTS");
    expect(error.message).not.toContain(path);
  });

  // Nothing decodes a path: each of these is the name of a file that is not there.
  test.each([
    "..%2foutside%2fc.csv",
    "%2e%2e/outside/c.csv",
    "..%252foutside/c.csv",
    "..%c0%afoutside/c.csv",
    "..\\outside\\c.csv",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\a.csv",
    "file:///etc/passwd",
    "~/.ssh/id_rsa",
    "$HOME/.ssh/id_rsa",
    "．．/outside/c.csv",
    "door/../outside/c.csv",
    "stdin.csv",
    "loop.csv",
    "a.csv\n",
    "a".repeat(5_000),
    "../".repeat(1_000),
  ])("%j as a file that is not there, or not allowed", async (path) => {
    expect((await refusal(path)).code).toBeOneOf(["FILE_NOT_FOUND", "OUTSIDE_IMPORT_ROOTS"]);
  });

  test.each(["a.csv\0", "\0", "a.csv\0/../../outside/c.csv"])("a NUL in %j", async (path) => {
    expect((await refusal(path)).code).toBe("OUTSIDE_IMPORT_ROOTS");
  });

  test("a folder whose name merely begins like an allowed one", async () => {
    await mkdir(join(base, "allowed-too"));
    await writeFile(join(base, "allowed-too", "d.csv"), "email\n");

    expect((await refusal(join(base, "allowed-too", "d.csv"))).code).toBe("OUTSIDE_IMPORT_ROOTS");
  });

  test("a pipe at once, without waiting for somebody to write into it", async () => {
    await promisify(execFile)("mkfifo", [join(root, "pipe.csv")]);

    expect((await refusal("pipe.csv")).code).toBe("NOT_A_FILE");
  });

  test("paths outside with one answer, so that nobody learns what is there", async () => {
    const answers = await Promise.all(
      ["c.csv", "nothing.csv", "c.csv/x"].map((name) => refusal(join(outside, name))),
    );

    expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
  });
});

test("a second name of a file in the folder is that file: links without a path of their own cannot be told apart", async () => {
  await link(join(root, "a.csv"), join(root, "twin.csv"));

  const [one, two] = [
    await resolveImportPath("a.csv", [root], MAX),
    await resolveImportPath("twin.csv", [root], MAX),
  ];
  expect(two.identity).toBe(one.identity);
});

describe("between judging and reading", () => {
  const judged = async (name: string) => {
    await writeFile(join(root, name), "email\nada@acme.com\n");
    return resolveImportPath(name, [root], MAX);
  };

  test("a file that became a link is refused", async () => {
    const file = await judged("swapped.csv");
    await rm(file.path);
    await symlink(join(outside, "c.csv"), file.path);

    await expect(openImportFile(file)).rejects.toMatchObject({ code: "FILE_REPLACED" });
  });

  test("a folder that became a link is refused", async () => {
    await mkdir(join(root, "later"));
    await writeFile(join(root, "later", "c.csv"), "email\n");
    const file = await resolveImportPath("later/c.csv", [root], MAX);
    await rename(join(root, "later"), join(root, "earlier"));
    await symlink(outside, join(root, "later"));

    await expect(openImportFile(file)).rejects.toMatchObject({ code: "FILE_REPLACED" });
  });

  test("another file under the same name is refused", async () => {
    const file = await judged("renamed.csv");
    await writeFile(join(root, "other.csv"), "email\n");
    await rename(join(root, "other.csv"), file.path);

    await expect(openImportFile(file)).rejects.toMatchObject({ code: "FILE_REPLACED" });
  });

  test("a folder that flips between itself and a link the whole time never gives away a file outside", async () => {
    await mkdir(join(root, "flip"));
    await writeFile(join(root, "flip", "c.csv"), "email\nada@acme.com\n");
    await symlink(outside, join(root, "flip-link"));
    const open = createCsvSource({ roots: [root] });
    let isOver = false;
    const flipping = (async () => {
      while (!isOver) {
        await rename(join(root, "flip"), join(root, "flip-aside"));
        await rename(join(root, "flip-link"), join(root, "flip"));
        await rename(join(root, "flip"), join(root, "flip-link"));
        await rename(join(root, "flip-aside"), join(root, "flip"));
      }
    })();

    const seen: string[] = [];
    for (let n = 0; n < 25; n += 1) seen.push(await read(open));
    isOver = true;
    await flipping;

    expect(seen.join()).not.toContain(SECRET);
    expect(seen.every((text) => text.includes("ada@acme.com") || text.startsWith("refused"))).toBe(
      true,
    );
  });
});

/** What an import of the flipping file reads: its rows, or why it was refused. */
async function read(open: ReturnType<typeof createCsvSource>): Promise<string> {
  const resume = { checkpoint: null, signal: new AbortController().signal };
  try {
    const opened = await open({ source: "csv", path: "flip/c.csv" }, resume);
    const rows = [];
    for await (const batch of opened.batches()) rows.push(...batch.rows);
    return JSON.stringify(rows);
  } catch (error) {
    return `refused: ${error instanceof AppError ? error.code : String(error)}`;
  }
}
