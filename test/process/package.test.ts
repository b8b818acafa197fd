import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));

// better-sqlite3 ships prebuilt binaries, but npm 10 (which comes with Node 20) would compile it all the same, because
// its lock file does not carry the package's own `gypfile: false`. `npm install` drops the line: put it back.
test("keeps the database driver from being compiled on machines without a compiler", () => {
  const lock = read("package-lock.json");

  expect(lock.packages["node_modules/better-sqlite3"].gypfile).toBe(false);
});

test("installs from any registry: the lock file names no host", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved":/);
});

test("brings the runtime that npm scripts run on", () => {
  expect(read("package.json").devDependencies.node).toMatch(/^24\./);
  expect(process.versions.node).toMatch(/^24\./);
});

test("offers the commands that the README promises", () => {
  const { scripts } = read("package.json");
  const promised = [
    ...readFileSync("README.md", "utf8").matchAll(
      /npm (?:run )?(demo|test|start|mcp|bench|simulator|check)\b/g,
    ),
  ];

  expect(promised.length).toBeGreaterThan(4);
  for (const [, name] of promised) expect(Object.keys(scripts)).toContain(name);
});
