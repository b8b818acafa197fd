/** Who may read the files that the program makes: nobody but the user it runs as. */
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { backUp } from "../../mcp-server/src/store/backup.ts";
import { openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "file-rights-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function rights(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

test("a new database and everything beside it is its owner's alone, whatever the umask", async () => {
  const path = await folder();
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));

  const store = await openStore(join(path, "new.db"), { log: keptLog() });
  const names = await readdir(path);
  const found = await Promise.all(names.map((name) => rights(join(path, name))));
  await store.close();

  expect(names).toContain("new.db-wal");
  expect(new Set(found)).toEqual(new Set(["600"]));
});

test("a backup is its owner's alone, whatever the umask and the rights of the database", async () => {
  const path = await folder();
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  await (await openStore(join(path, "live.db"), { log: keptLog() })).close();
  await chmod(join(path, "live.db"), 0o644);

  await backUp(join(path, "live.db"), join(path, "copy.db"), "2026-11-21T09:00:00.000Z");

  expect(await rights(join(path, "copy.db"))).toBe("600");
});

test("a database whose owner chose other rights keeps them", async () => {
  const file = join(await folder(), "shared.db");
  await (await openStore(file, { log: keptLog() })).close();
  await chmod(file, 0o640);

  const store = await openStore(file, { log: keptLog() });
  const found = [await rights(file), await rights(`${file}-wal`)];
  await store.close();

  expect(found).toEqual(["640", "640"]);
});

test("a database in a folder that does not exist is refused in our words", async () => {
  const path = join(await folder(), "none", "new.db");

  await expect(openStore(path, { log: keptLog() })).rejects.toMatchObject({ kind: "input" });
});
