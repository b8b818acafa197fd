/**
 * The planner's laws, 10,000 runs in all. fast-check prints the seed and the path of a failure; to replay it:
 * `FC_SEED=-123 FC_PATH=4:0:1 npx vitest run test/core/model.property.test.ts -t "<name of the law>"`.
 * `npm run fuzz -- --minutes 10` runs the same laws with fresh seeds for longer.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { laws } from "./model/properties.ts";

const RUNS = 10_000;
const { FC_SEED, FC_PATH } = process.env;
const replay = {
  ...(FC_SEED === undefined ? {} : { seed: Number(FC_SEED) }),
  ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
};

test.each(laws)("the planner $name", ({ property, share }) => {
  fc.assert(property, { numRuns: RUNS * share, ...replay });
});

test("the laws share all runs among them", () => {
  expect(laws.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
});
