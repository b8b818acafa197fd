/** Reports of reconciliations over REST and as MCP resources. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportPart } from "../../mcp-server/src/core/reconcile-report.ts";
import { addFields, emptyTally } from "../../mcp-server/src/core/reconcile-tally.ts";
import { open } from "../tools/calls.ts";
import { connect } from "./in-process.ts";
import { type Doors, openDoors, type Services } from "./stack.ts";

const times = {
  started_at: "2026-06-01T02:00:00.000Z",
  finished_at: "2026-06-01T02:03:00.000Z",
} as const;
const findings = addFields({ ...emptyTally, compared: 3, different: 1 }, "7", [
  { field: "city", cause: "changed_here" },
]);
const part = reportPart({ object: "contacts", ...times, dry_run: false }, findings, []);

let services: Services;
beforeEach(async () => {
  const report = { run_id: "", parts: [part] };
  const sync = async ({ job }: { readonly job: { readonly job_id: string } }) => ({
    result: { ...report, run_id: job.job_id },
  });
  services = await open({ handlers: { sync } });
});

/** A reconciliation that ended, as the worker leaves it. */
async function reconciled(): Promise<string> {
  const { jobs, store } = services.services;
  const { job } = await jobs.start("sync", { mode: "reconcile" });
  await jobs.wait(job.job_id, 5_000);
  const { counts } = part;
  await store.reports.put({
    run_id: job.job_id,
    object: "contacts",
    ...times,
    counts,
    report: part,
  });
  return job.job_id;
}

describe("over REST", () => {
  let doors: Doors;
  beforeEach(async () => {
    doors = await openDoors(services, { apiToken: "secret-of-the-test" });
  });
  afterEach(() => doors.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${doors.http.url}${path}`, {
      headers: { authorization: "Bearer secret-of-the-test", ...headers },
    });

  test("the newest runs are listed by their numbers", async () => {
    const run_id = await reconciled();

    const answer = await (await get("/api/reconciliations")).json();

    expect(answer).toEqual({
      reconciliations: [{ run_id, object: "contacts", ...times, counts: part.counts }],
    });
  });

  test("a report is read whole as JSON, and as a page by its name or by Accept", async () => {
    const run_id = await reconciled();
    const path = `/api/reconciliations/${run_id}`;

    const [json, named, asked] = await Promise.all([
      get(path),
      get(`${path}.md`),
      get(path, { accept: "text/markdown" }),
    ]);

    expect(await json.json()).toEqual({ run_id, parts: [part] });
    expect(named.headers.get("content-type")).toContain("text/markdown");
    expect(await named.text()).toContain("| city | changed here and was not sent | 1 | 7 |");
    expect(asked.headers.get("content-type")).toContain("text/markdown");
  });

  test.each(["no-such-run", "no-such-run.md", "..%2F..%2Fetc"])("%s is not found", async (id) => {
    const answer = await get(`/api/reconciliations/${id}`);

    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  test("nobody reads one without the token", async () => {
    const run_id = await reconciled();

    for (const path of ["", `/${run_id}`, `/${run_id}.md`])
      expect((await get(`/api/reconciliations${path}`, { authorization: "" })).status).toBe(401);
  });
});

describe("as MCP resources", () => {
  test("the last one is listed and read as a page", async () => {
    const run_id = await reconciled();
    const client = await connect(services);

    const { resources } = await client.listResources();
    const uri = `reconciliation://${run_id}`;
    const { contents } = await client.readResource({ uri });

    expect(resources).toContainEqual(expect.objectContaining({ uri, mimeType: "text/markdown" }));
    expect(contents).toEqual([
      expect.objectContaining({
        mimeType: "text/markdown",
        text: expect.stringContaining("| city | changed here and was not sent | 1 | 7 |"),
      }),
    ]);
  });

  test.each(["reconciliation://no-such-run", "reconciliation://../x"])(
    "%s is refused without a trace of what is inside",
    async (uri) => {
      const client = await connect(services);

      await expect(client.readResource({ uri })).rejects.toThrow(/There is no|not found/);
    },
  );
});

test("sync-health tells of the last one that repaired, in numbers and words", async () => {
  const run_id = await reconciled();
  const { store } = services.services;
  const later = { started_at: "2026-06-02T02:00:00.000Z", finished_at: "2026-06-02T02:01:00.000Z" };
  const compared = reportPart({ object: "contacts", ...later, dry_run: true }, findings, []);
  await store.reports.put({
    run_id: "sync_dry",
    object: "contacts",
    ...later,
    counts: {},
    report: compared,
  });
  const client = await connect(services);

  const { structuredContent } = await client.callTool({ name: "sync-health", arguments: {} });

  expect(structuredContent).toMatchObject({
    hubspot: {
      last_reconciliation: { run_id, finished_at: times.finished_at, counts: { different: 1 } },
      notifications: { waiting: 0, oldest_at: null },
      poll_trouble: null,
      ended_records: {},
    },
    sentences: [
      expect.stringContaining("Everything is in order"),
      expect.stringContaining(`The last reconciliation ended ${times.finished_at}: 3 record(s)`),
    ],
  });
});

test("sync-health tells why what changed in HubSpot is not being asked for, and of notifications that wait", async () => {
  const { store } = services.services;
  const long = new Date(Date.now() - 5 * 60_000).toISOString();
  const note = { at: long, code: "AUTH", message: "HubSpot refused\u202E the token." };
  await store.cursors.set("poll-trouble", JSON.stringify(note), long);
  const event = { event_id: "1", subscription_type: "contact.creation", object: "contacts" };
  await store.inbox.add(
    [{ ...event, object_id: "1", occurred_at: long, payload: "{}", error: null }],
    long,
  );
  const client = await connect(services);

  const { structuredContent } = await client.callTool({ name: "sync-health", arguments: {} });

  expect(structuredContent).toMatchObject({
    status: "attention",
    hubspot: { notifications: { waiting: 1 }, poll_trouble: "HubSpot refused the token." },
    sentences: [
      expect.stringContaining("1 notification(s) of HubSpot wait, the oldest for 5 minute(s)"),
      expect.stringContaining("not being asked for: HubSpot refused the token."),
    ],
  });
});
