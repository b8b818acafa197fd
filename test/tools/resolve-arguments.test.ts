/** What resolve-conflict asks of its arguments, said so that a caller can mend them. */
import { expect, test } from "vitest";
import { open, refused, run } from "./calls.ts";

test.each([
  [{}, "conflict_id"],
  [{ conflict_id: 1, resolutions: [{ conflict_id: 1 }] }, "conflict_id"],
  [{ conflict_id: 1, resolution: "keep_local" }, "version"],
  [{ conflict_id: "one", version: 1, resolution: "keep_local" }, "conflict_id"],
  [{ conflict_id: 1, version: 1 }, "resolution"],
  [{ conflict_id: 1, version: 1, resolution: "set" }, "value"],
  [{ conflict_id: 1, version: 1, resolution: "keep_local", value: "x" }, "value"],
  [{ resolutions: [{ conflict_id: 1, version: 1 }] }, "resolutions[0].resolution"],
  [{ filter: {}, resolution: "keep_local" }, "filter"],
  [{ filter: { ids: [1] }, resolution: "keep_local" }, "filter.object"],
  [{ filter: { object: "contacts" }, plan_id: "p", dry_run: true }, "dry_run"],
])("refuses %j and names the argument", async (input, argument) => {
  const error = await refused(run(await open(), "resolve-conflict", input));

  expect(error.details["arguments"]).toMatchObject([{ argument }]);
});
