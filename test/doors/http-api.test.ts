/** REST: the same verbs under plain addresses, with problem+json for everything refused. */
import { parse } from "csv-parse/sync";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { gatedWorker, open } from "../tools/calls.ts";
import { IMPORTED_AT, storedContact, storedContacts } from "./contacts.ts";
import { type Doors, openDoors, type ServiceOptions, type Services } from "./stack.ts";

const opened: Doors[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function openHttp(
  options: ServiceOptions = {},
): Promise<{ services: Services; url: string }> {
  const services = await open(options);
  const doors = await openDoors(services);
  opened.push(doors);
  return { services, url: doors.http.url };
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const answerSchema = z.record(z.string(), z.any());

async function json(answer: Response | Promise<Response>): Promise<z.infer<typeof answerSchema>> {
  return answerSchema.parse(await (await answer).json());
}

async function problem(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = await json(response);
  expect(body["status"]).toBe(response.status);
  return body;
}

describe("starting work", () => {
  test.each([
    ["csv", { path: "/data/a.csv" }],
    ["lemlist", { campaign_id: "cam_1" }],
    ["hubspot", { filter: { lifecyclestage: "lead" } }],
    ["records", { records: [{ email: "a@example.com" }] }],
  ])("POST /api/import/%s runs the import tool", async (source, body) => {
    const seen: unknown[] = [];
    const { url } = await openHttp({
      handlers: {
        import: async (context) => {
          seen.push(context.job.args["source"]);
          return { counts: { created: 1 } };
        },
      },
    });

    const response = await post(`${url}/api/import/${source}`, body);

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "completed", counts: { created: 1 } });
    expect(seen).toEqual([source]);
  });

  test("answers 202 with the job's address while it runs, 200 when it has ended", async () => {
    const worker = gatedWorker();
    const { url } = await openHttp({ handlers: { sync: worker.handler } });

    const started = await post(`${url}/api/sync/hubspot`, { wait_seconds: 0 });
    const location = started.headers.get("location");
    worker.finish();
    const ended = await fetch(`${url}${location}?wait_seconds=20`);

    expect(started.status).toBe(202);
    expect(location).toMatch(/^\/api\/jobs\/sync_/);
    expect(ended.status).toBe(200);
    expect(await ended.json()).toMatchObject({ status: "completed" });
  });

  test("shows a running job at once", async () => {
    const worker = gatedWorker();
    const { url } = await openHttp({ handlers: { enrich: worker.handler } });
    const location = (await post(`${url}/api/enrich`, { wait_seconds: 0 })).headers.get("location");

    // The worker is held back until this has answered: waiting for the end would never return.
    const job = await json(fetch(`${url}${location}`));
    worker.finish();

    expect(["queued", "running"]).toContain(job["status"]);
  });

  test("cancels a job", async () => {
    const worker = gatedWorker();
    const { url } = await openHttp({ handlers: { enrich: worker.handler } });
    const location = (await post(`${url}/api/enrich`, { wait_seconds: 0 })).headers.get("location");

    const response = await fetch(`${url}${location}/cancel`, { method: "POST" });

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "cancelled" });
  });
});

describe("reading", () => {
  test("filters, searches, sorts and pages contacts by query parameters", async () => {
    const { services, url } = await openHttp();
    await storedContacts(services.store, 30, (index) => ({ company: index % 2 ? "Acme" : "Beta" }));

    const query = "company=acme&unsubscribed=false&sort=-email&limit=10&fields=company,id";
    const first = await json(fetch(`${url}/api/contacts?${query}`));
    const second = await json(
      fetch(`${url}/api/contacts?${query}&cursor=${encodeURIComponent(first["next_cursor"])}`),
    );

    expect(first).toMatchObject({ total: 15, contacts: { length: 10 } });
    expect(first["contacts"][0]).toEqual({
      email: "c029@example.com",
      company: "Acme",
      id: expect.any(Number),
    });
    expect(second).toMatchObject({ contacts: { length: 5 }, next_cursor: null });
  });

  test("shows one contact with its story, and 404 for one that is not here", async () => {
    const { services, url } = await openHttp();
    await storedContact(services.store, "ada+x@example.com");

    const found = await fetch(`${url}/api/contacts/${encodeURIComponent("Ada+X@example.com")}`);
    const missing = await fetch(`${url}/api/contacts/no@example.com`);

    expect(await found.json()).toMatchObject({ total: 1, story: { hubspot_id: null } });
    expect(missing.status).toBe(404);
    expect(await problem(missing)).toMatchObject({ code: "NOT_FOUND" });
  });

  test("lists jobs, newest first, and how things stand", async () => {
    const { url } = await openHttp();
    await post(`${url}/api/enrich`, {});
    await post(`${url}/api/sync/hubspot`, {});

    const { jobs } = await json(fetch(`${url}/api/jobs?limit=1`));
    const health = await json(fetch(`${url}/api/health`));

    expect(jobs).toMatchObject([{ kind: "sync", status: "completed" }]);
    expect(health).toMatchObject({ status: "ok", jobs: { recent: { length: 2 } } });
  });

  test("hands out rejects as pages of JSON and as a CSV that runs no formula", async () => {
    const { services, url } = await openHttp();
    const { job_id } = await json(post(`${url}/api/import/csv`, { path: "a.csv" }));
    await services.store.rejects.add(
      job_id,
      ["=cmd|' /C calc'!A0", 'x"y', "plain"].map((name, index) => ({
        row: index + 1,
        raw: { Name: name, Email: "bad" },
        rejection: { code: "INVALID_EMAIL" as const, message: "no e-mail", field: "email" },
      })),
      IMPORTED_AT,
    );
    const address = `${url}/api/jobs/${job_id}/rejects`;

    const page = await json(fetch(`${address}?limit=2`));
    const rest = await json(fetch(`${address}?limit=2&cursor=${page["next_cursor"]}`));
    const csv = await fetch(`${address}.csv`);
    const byAccept = await fetch(address, { headers: { accept: "text/csv" } });

    expect(page["rejects"].map((reject: { row: number }) => reject.row)).toEqual([1, 2]);
    expect(rest).toMatchObject({
      rejects: [{ row: 3, raw: { Name: "plain" } }],
      next_cursor: null,
    });
    expect(csv.headers.get("content-type")).toContain("text/csv");
    const text = await csv.text();
    expect(await byAccept.text()).toBe(text);
    expect(parse(text, { columns: true })).toEqual([
      expect.objectContaining({ Name: "'=cmd|' /C calc'!A0", rejected_row: "1" }),
      expect.objectContaining({ Name: 'x"y', rejected_because: "no e-mail" }),
      expect.objectContaining({ Name: "plain", Email: "bad", rejected_code: "INVALID_EMAIL" }),
    ]);
  });
});

describe("refusing", () => {
  test.each([
    ["GET", "/api/nothing", 404, "NOT_FOUND"],
    ["GET", "/elsewhere", 404, "NOT_FOUND"],
    ["GET", "/api/enrich", 405, "METHOD_NOT_ALLOWED"],
    ["DELETE", "/api/contacts", 405, "METHOD_NOT_ALLOWED"],
    ["GET", "/api/jobs/job_none", 404, "NOT_FOUND"],
    ["GET", "/api/jobs/job_none/rejects", 404, "NOT_FOUND"],
    ["GET", "/api/jobs?limit=1000", 400, "INVALID_ARGUMENTS"],
    ["GET", "/api/contacts?limit=many", 400, "INVALID_ARGUMENTS"],
    ["GET", "/api/contacts?colour=red", 400, "INVALID_ARGUMENTS"],
    ["GET", "/api/contacts?status=sleeping", 400, "INVALID_ARGUMENTS"],
    ["GET", "/api/contacts/%E0%A4%A", 400, "INVALID_ARGUMENTS"],
  ])("%s %s gets %i %s", async (method, path, status, code) => {
    const { url } = await openHttp();

    const response = await fetch(`${url}${path}`, { method });

    expect(response.status).toBe(status);
    expect(await problem(response)).toMatchObject({ code });
    if (status === 405) expect(response.headers.get("allow")).toBeTruthy();
  });

  test.each([
    ["{", "application/json", 400, "MALFORMED_JSON"],
    ["[1]", "application/json", 400, "MALFORMED_JSON"],
    ['{"path":"a"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ['{"source":"hubspot","path":"a"}', "application/json", 400, "INVALID_ARGUMENTS"],
    ['{"path":7,"colour":1}', "application/json", 400, "INVALID_ARGUMENTS"],
    ["", "application/json", 400, "INVALID_ARGUMENTS"],
  ])("a body %s as %s gets %i %s", async (body, type, status, code) => {
    const { url } = await openHttp();

    const response = await fetch(`${url}/api/import/csv`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });

    expect(response.status).toBe(status);
    expect(await problem(response)).toMatchObject({ code });
  });

  test("a worker's refusal of configuration names the variable", async () => {
    const { url } = await openHttp({ capabilities: { hubspot: false } });

    const response = await post(`${url}/api/sync/hubspot`, {});

    expect(await problem(response)).toMatchObject({
      code: "NOT_CONFIGURED",
      variable: "HUBSPOT_ACCESS_TOKEN",
    });
  });
});

describe("bodies over 1 MB", () => {
  const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
  const endless = (): ReadableStream<Uint8Array> => {
    let left = 40;
    return new ReadableStream({
      pull: (controller) => {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(chunk);
      },
    });
  };

  test.each(["/api/import/records", "/mcp"])(
    "get 413 as JSON at %s, with and without an announced length",
    async (path) => {
      const { url } = await openHttp();
      const headers = {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      };

      const announced = await fetch(`${url}${path}`, {
        method: "POST",
        headers,
        body: "x".repeat(1_100_000),
      });
      const chunked = await fetch(`${url}${path}`, {
        method: "POST",
        headers,
        body: endless(),
        duplex: "half",
      });

      for (const response of [announced, chunked]) {
        expect(response.status).toBe(413);
        expect(response.headers.get("content-type")).toMatch(/json/);
        await expect(response.json()).resolves.toBeTruthy();
      }
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    },
  );
});
