/**
 * `npm run fuzz -- --minutes N`: the planner's laws with fresh seeds for N minutes; with `--target doors` hostile input at every door.
 *
 * Each round's seed goes to standard error, a summary as JSON to standard output. The first failure ends it with exit code 1, its seed, path
 * and counterexample; `--seed` (and `--law`, a part of its name) runs that round again.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type Law, laws } from "../core/model/properties.ts";

const usage = `Usage: npm run fuzz -- [--minutes N] [--runs N] [--law TEXT] [--seed N]

  --minutes N   how long (default 1)
  --runs N      runs of all laws together in a round (default 20000)
  --law TEXT    only laws whose name has the text
  --seed N      one round with this seed instead of fresh ones
  --target T    planner (default), or doors: what comes in from clients, files, HubSpot and the providers
`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    runs: { type: "string", default: "20000" },
    law: { type: "string", default: "" },
    seed: { type: "string" },
    target: { type: "string", default: "planner" },
    help: { type: "boolean", default: false },
  },
});

/** What went wrong, as it can be run again. */
interface Failure {
  readonly law: string;
  readonly seed: number;
  readonly path: string | null;
  readonly report: string;
}

function tryLaw({ name, property, share }: Law, seed: number, runs: number): Failure | null {
  const numRuns = Math.max(1, Math.round(runs * share));
  const details = fc.check(property, { seed, numRuns });
  if (details instanceof Promise || !details.failed) return null;
  const thrown = details.errorInstance instanceof Error ? details.errorInstance.stack : "";
  const report = `${fc.defaultReportMessage(details)}\n${thrown}`;
  return { law: name, seed, path: details.counterexamplePath, report };
}

function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

function fuzz(chosen: readonly Law[]): Failure | null {
  const runs = Number(values.runs);
  const started = Date.now();
  const until = started + Number(values.minutes) * 60_000;
  const done = new Map(chosen.map(({ name }) => [name, 0]));
  let failure: Failure | null = null;
  let rounds = 0;
  do {
    const seed = values.seed === undefined ? freshSeed() : Number(values.seed);
    process.stderr.write(`round ${rounds + 1}, seed ${seed}\n`);
    for (const law of chosen) {
      failure ??= tryLaw(law, seed, runs);
      if (failure) break;
      done.set(law.name, (done.get(law.name) ?? 0) + Math.max(1, Math.round(runs * law.share)));
    }
    rounds += 1;
  } while (!failure && values.seed === undefined && Date.now() < until);
  const seconds = Math.round((Date.now() - started) / 1_000);
  const summary = { seconds, rounds, runs: Object.fromEntries(done), failure };
  process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  return failure;
}

/** The tests of test/hostile for so long instead of shortly; they print their seeds and what broke a law. */
function fuzzDoors(): number {
  const seconds = String(Math.max(1, Math.round(Number(values.minutes) * 60)));
  const seed = values.seed === undefined ? {} : { FUZZ_SEED: values.seed };
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const { status } = spawnSync(
    process.execPath,
    [vitest, "run", "test/hostile", "-t", values.law],
    {
      env: { ...process.env, FUZZ_SECONDS: seconds, ...seed },
      stdio: "inherit",
    },
  );
  return status ?? 1;
}

const wanted = laws.filter(({ name }) => name.includes(values.law));
const isPlanner = values.target === "planner";
if (!values.help && values.target === "doors") process.exitCode = fuzzDoors();
else if (values.help || !isPlanner || wanted.length === 0) {
  process.stderr.write(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const failure = fuzz(wanted);
  if (failure) process.stderr.write(`${failure.report}\n`);
  process.exitCode = failure ? 1 : 0;
}
