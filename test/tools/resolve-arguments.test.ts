/** What resolve-conflict asks of its arguments, said so that a caller can mend them. */
import { expect, test } from "vitest";
import { open, refused, run } from "./calls.ts";
import { contactConflict } from "./conflict-rig.ts";

test.each([
  [{}, "conflict_id"],
  [{ conflict_id: 1, resolutions: [{ conflict_id: 1 }] }, "conflict_id"],
  [{ conflict_id: 1, resolution: "keep_local" }, "version"],
  [{ conflict_id: "one", version: 1, resolution: "keep_local" }, "conflict_id"],
  [{ conflict_id: 1, version: 1 }, "resolution"],
  [{ conflict_id: 1, version: 1, resolution: "set" }, "value"],
  [{ conflict_id: 1, version: 1, resolution: "keep_local", value: "x" }, "value"],
  [{ resolutions: [{ conflict_id: 1, version: 1 }] }, "resolutions[0].resolution"],
  [{ conflict_id: 1, version: 1, resolution: "set", value: "\u202E \u0007" }, "value"],
  [{ filter: { field: "shoe" }, resolution: "keep_local" }, "filter.field"],
  [{ filter: {}, resolution: "keep_local" }, "filter"],
  [{ filter: { ids: [1] }, resolution: "keep_local" }, "filter.object"],
  [{ filter: { object: "contacts" }, plan_id: "p", dry_run: true }, "dry_run"],
])("refuses %j and names the argument", async (input, argument) => {
  const error = await refused(run(await open(), "resolve-conflict", input));

  expect(error.details["arguments"]).toMatchObject([{ argument }]);
});

test("of several, an id that is none or came before refuses only its own item", async () => {
  const services = await open();
  const values = { field: "job_title", local: "Lead", hubspot: "CTO" };
  const { conflict_id: known } = await contactConflict(services.store, "ada@example.com", values);
  const bad = ["one\u202E", "1.5", "-1", "", "9".repeat(60)];
  const item = (conflict_id: string | number, resolution = "keep_local") => ({
    conflict_id,
    version: 1,
    resolution,
  });

  const resolutions = [
    ...bad.map((id) => item(id)),
    item(known),
    item(`0${known}`, "keep_hubspot"),
  ];
  const looked = await run(services, "resolve-conflict", { resolutions, dry_run: true });
  const done = await run(services, "resolve-conflict", { resolutions });

  expect(looked).toMatchObject({ would_resolve: 1, counts: { resolved: 0, refused: 6 } });
  expect(done).toMatchObject({
    counts: { resolved: 1, refused: 6 },
    resolved: [{ conflict_id: String(known), resolution: "keep_local", value: "Lead" }],
    refused: [
      { conflict_id: "one", code: "INVALID_ID" },
      { conflict_id: "1.5", code: "INVALID_ID" },
      { conflict_id: "-1", code: "INVALID_ID" },
      { conflict_id: "", code: "INVALID_ID" },
      { conflict_id: "9".repeat(40), code: "INVALID_ID" },
      { conflict_id: `0${known}`, code: "REPEATED_ID" },
    ],
  });
});

test("of several, none of which can be read, none is resolved", async () => {
  const input = { resolutions: [{ conflict_id: "x", version: 1, resolution: "keep_local" }] };

  expect(await run(await open(), "resolve-conflict", input)).toMatchObject({
    counts: { resolved: 0, refused: 1 },
  });
});

test.each([
  [true, /to both sides within seconds/],
  [false, /call sync, because AUTO_SYNC_AFTER_ENRICH is off/],
])("says whether the decision is sent by itself (%s)", async (sendsByItself, next) => {
  const services = await open({ services: { sendsByItself } });
  const values = { field: "job_title", local: "Lead", hubspot: "CTO" };
  const { conflict_id } = await contactConflict(services.store, "ada@example.com", values);
  await contactConflict(services.store, "bob@example.com", values);

  const one = await run(services, "resolve-conflict", {
    conflict_id,
    version: 1,
    resolution: "keep_local",
  });
  const asked = { filter: { field: "job_title" }, resolution: "keep_local" };
  const { plan_id } = await run(services, "resolve-conflict", asked);
  const all = await run(services, "resolve-conflict", { plan_id });

  expect(one["next"]).toMatch(next);
  expect(all["next"]).toMatch(next);
});
