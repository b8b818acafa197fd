/** The plan benchmark: how many fields the planner decides in a second, and the floor under it. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

// As npm scripts start the program: V8 otherwise lets its young generation grow to 130 MB of garbage.
const FLAGS = ["--max-semi-space-size=16"];
const run = promisify(execFile);

/** Measures in a fresh process, so that its memory is the planner's alone. */
export async function benchPlan({ records }: { readonly records: number }): Promise<unknown> {
  const script = join(import.meta.dirname, "plan-run.ts");
  const { stdout } = await run(process.execPath, [...FLAGS, script, String(records)]);
  return JSON.parse(stdout);
}
