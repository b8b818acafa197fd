import { expect, test } from "vitest";
import { describeEachEngine } from "../support/store.ts";
import { importRig, NOW } from "./import-rig.ts";

const people = (from: number, to: number, company = "Acme") =>
  Array.from({ length: to - from }, (_, n) => `p${from + n}@acme.com,${company}\n`).join("");

describeEachEngine("the import worker", (open) => {
  test("gives every row one outcome and tells what it understood", async () => {
    const rig = await importRig(await open());
    const path = await rig.file(
      "E-mail,Company,Phone,Score\nada@acme.com,Acme,ask Bob,7\nbad,X,,\nADA@acme.com,Other,+49 30 1234567,\n,,,5\nbob@acme.com,,,\n",
    );

    const done = await rig.import({ source: "csv", path });

    expect(done.counts).toEqual({
      created: 2,
      updated: 1,
      unchanged: 0,
      rejected: 2,
      duplicates: 1,
    });
    expect(done.progress).toEqual({ done: 5, total: 5, phase: "done" });
    expect(done.errors).toEqual([
      { code: "INVALID_EMAIL", message: expect.any(String), count: 1, examples: ["row 2"] },
      { code: "NO_EMAIL", message: expect.any(String), count: 1, examples: ["row 4"] },
    ]);
    expect(done.notes).toEqual([
      'Columns understood: "E-mail" → email, "Company" → company, "Phone" → phone.',
      'Columns kept as custom fields: "Score".',
      "1 phone value(s) could not be read and are kept as custom fields.",
    ]);
    expect(rig.emitted).toEqual([{ kind: "contacts-imported", jobId: done.jobId, count: 3 }]);
  });

  test("stores new contacts with their source, and keeps rejected rows whole", async () => {
    const store = await open();
    const rig = await importRig(store);
    const path = await rig.file("email,company\nada@acme.com,Acme\nbad,X\n");

    const { jobId } = await rig.import({ source: "csv", path });

    expect(await rig.contact("ada@acme.com")).toMatchObject({
      company: "Acme",
      domain: "acme.com",
      status: "imported",
      source: "csv",
      imported_at: NOW,
      provenance: {},
    });
    expect(await store.rejects.list(jobId, 0, 10)).toMatchObject([
      { row: 2, raw: { email: "bad", company: "X" }, code: "INVALID_EMAIL", field: "email" },
    ]);
  });

  test("changes nothing the second time, also where rows of the file contradict each other", async () => {
    const rig = await importRig(await open());
    const path = await rig.file(
      "email,company,city,unsubscribed,note\nada@acme.com,Acme,,,a\nADA@ACME.COM,Other,Rome,yes,b\nada@acme.com,Third,Oslo,,\n",
    );
    await rig.import({ source: "csv", path });
    const before = await rig.all();
    rig.clock.advance(60_000);

    const again = await rig.import({ source: "csv", path });

    expect(again.counts).toEqual({
      created: 0,
      updated: 0,
      unchanged: 3,
      rejected: 0,
      duplicates: 2,
    });
    expect(await rig.all()).toEqual(before);
    expect(before).toMatchObject([
      { company: "Acme", city: "Rome", unsubscribed: true, custom: { note: "a" } },
    ]);
    expect(rig.emitted).toHaveLength(1);
  });

  test("merges a newer file into what is there, and sends changed contacts round again", async () => {
    const store = await open();
    const rig = await importRig(store);
    await rig.import({
      source: "csv",
      path: await rig.file("email,company,city\nada@acme.com,Acme,Rome\nbob@acme.com,Acme,\n"),
    });
    const ids = (await rig.all()).map((contact) => contact.id);
    await store.contacts.updateAll(ids, { status: "synced", synced_at: NOW }, NOW);

    const path = await rig.file(
      "email,company,city\nada@acme.com,Acme Ltd,\nbob@acme.com,Acme,\n",
      "2026-11-21T00:00:00.000Z",
    );
    const { counts } = await rig.import({ source: "csv", path });

    expect(counts).toMatchObject({ created: 0, updated: 1, unchanged: 1 });
    expect(await rig.contact("ada@acme.com")).toMatchObject({
      company: "Acme Ltd",
      city: "Rome",
      status: "imported",
      provenance: { company: { source: "csv", at: "2026-11-21T00:00:00.000Z" } },
    });
    expect(await rig.contact("bob@acme.com")).toMatchObject({ status: "synced" });
  });

  test("keeps values that were stated after the file was written, and says how many", async () => {
    const store = await open();
    const rig = await importRig(store);
    await rig.import({ source: "csv", path: await rig.file("email,company\nada@acme.com,Acme\n") });
    const { id } = await rig.contact("ada@acme.com");
    await store.contacts.update(
      [{ id, set: { company: "Edited", provenance: { company: { source: "hubspot", at: NOW } } } }],
      NOW,
    );

    const done = await rig.import({
      source: "csv",
      path: await rig.file("email,company\nada@acme.com,Acme\n"),
    });

    expect(done.counts).toMatchObject({ updated: 0, unchanged: 1 });
    expect(done.notes).toContain("1 stored value(s) stayed because they are newer than the input.");
    expect(await rig.contact("ada@acme.com")).toMatchObject({ company: "Edited" });
  });

  test("previews without storing anything", async () => {
    const store = await open();
    const rig = await importRig(store);
    const path = await rig.file(`email,company\n${people(0, 1_200)}p0@acme.com,Acme\nbad,X\n`);

    const done = await rig.import({ source: "csv", path, dry_run: true });

    expect(done.counts).toEqual({
      created: 1_200,
      updated: 0,
      unchanged: 1,
      rejected: 1,
      duplicates: 1,
    });
    expect(done.next).toContain("without dry_run");
    expect(await store.contacts.count({})).toBe(0);
    expect(await store.rejects.list(done.jobId, 0, 10)).toEqual([]);
    expect(rig.emitted).toEqual([]);
  });

  test("takes up after a crash where the last batch was committed, and counts every row once", async () => {
    const store = await open();
    const rig = await importRig(store);
    const path = await rig.file(
      `email,company,phone\n${people(0, 1_700).replaceAll("\n", ",n o\n")}bad,X,\np0@acme.com,Acme,\n`,
    );
    const jobId = await rig.create({ source: "csv", path });

    await rig.crash(jobId, 2);
    const stored = await store.contacts.count({});
    const done = await rig.run(jobId);

    expect(stored).toBe(1_000);
    expect(done.counts).toEqual({
      created: 1_700,
      updated: 0,
      unchanged: 1,
      rejected: 1,
      duplicates: 1,
    });
    expect(done.notes).toContain(
      "1700 phone value(s) could not be read and are kept as custom fields.",
    );
    expect(await store.contacts.count({})).toBe(1_700);
    expect(rig.emitted).toMatchObject([{ count: 1_700 }]);
  });

  test("starts over, counts included, when the file changed after a crash", async () => {
    const rig = await importRig(await open());
    const path = await rig.file(`email,company\n${people(0, 1_200)}`);
    const jobId = await rig.create({ source: "csv", path });
    await rig.crash(jobId, 2);

    await rig.file(
      `email,company\n${people(0, 1_200)}new@acme.com,Acme\n`,
      "2026-11-21T00:00:00.000Z",
    );
    const done = await rig.run(jobId);

    expect(done.counts).toEqual({
      created: 201,
      updated: 0,
      unchanged: 1_000,
      rejected: 0,
      duplicates: 0,
    });
  });

  test("takes typed-in records", async () => {
    const rig = await importRig(await open());

    const { counts } = await rig.import({
      source: "records",
      records: [
        { email: "ada@acme.com", firstName: "Ada", score: 7 },
        { email: "bob@acme.com", tags: ["a", "b"] },
        {},
      ],
    });

    expect(counts).toMatchObject({ created: 2, rejected: 1 });
    expect(await rig.contact("ada@acme.com")).toMatchObject({
      first_name: "Ada",
      source: "records",
      custom: { score: "7" },
    });
    expect(await rig.contact("bob@acme.com")).toMatchObject({ custom: { tags: '["a","b"]' } });
  });

  test("fails with the source's own sentence when the key is missing", async () => {
    const rig = await importRig(await open());

    await expect(rig.import({ source: "lemlist" })).rejects.toThrow(/set LEMLIST_API_KEY/);
  });

  test("says what is missing when a job's arguments are not complete", async () => {
    const rig = await importRig(await open());

    await expect(rig.import({ source: "csv" })).rejects.toMatchObject({ kind: "input" });
  });
});
