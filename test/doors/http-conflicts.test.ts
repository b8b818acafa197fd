/** REST: conflicts, customers and the queue under plain addresses. */
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { open } from "../tools/calls.ts";
import { contactConflict, customerConflict, queued } from "../tools/conflict-rig.ts";
import { IMPORTED_AT } from "./contacts.ts";
import { type Doors, openDoors } from "./stack.ts";

const opened: Doors[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

async function openHttp() {
  const services = await open();
  const doors = await openDoors(services);
  opened.push(doors);
  return { store: services.store, url: `${doors.http.url}/api` };
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const answerSchema = z.record(z.string(), z.unknown());

async function json(response: Response | Promise<Response>) {
  return answerSchema.parse(await (await response).json());
}

const values = { field: "job_title", local: "Lead", hubspot: "CTO" } as const;

describe("conflicts", () => {
  test("are listed by query parameters and resolved at their address", async () => {
    const { store, url } = await openHttp();
    const { conflict_id } = await contactConflict(store, "ada@example.com", values);

    const listed = await json(fetch(`${url}/conflicts?object=contacts&field=job_title&limit=5`));
    const resolved = await post(`${url}/conflicts/${conflict_id}/resolve`, {
      version: 1,
      resolution: "keep_local",
    });

    expect(listed).toMatchObject({ total: 1, conflicts: [{ conflict_id: String(conflict_id) }] });
    expect(resolved.status).toBe(200);
    expect(await json(resolved)).toMatchObject({
      counts: { resolved: 1 },
      resolved: [{ value: "Lead" }],
    });
  });

  test("answer 409 with the values of now when the version is outdated", async () => {
    const { store, url } = await openHttp();
    const conflict = await contactConflict(store, "ada@example.com", values);
    await store.conflicts.open([{ ...conflict, hubspot: "Founder" }], conflict.updated_at);

    const response = await post(`${url}/conflicts/${conflict.conflict_id}/resolve`, {
      version: 1,
      resolution: "keep_local",
    });

    expect(response.status).toBe(409);
    expect(await json(response)).toMatchObject({
      refused: [{ code: "STALE_CONFLICT", current: { version: 2, hubspot: "Founder" } }],
    });
  });

  test("answer 404 when there is none with the id, and 409 when one of several is unknown", async () => {
    const { store, url } = await openHttp();
    const { conflict_id } = await contactConflict(store, "ada@example.com", values);
    const said = { version: 1, resolution: "keep_local" };

    const unknown = await post(`${url}/conflicts/999/resolve`, said);
    const inBody = await post(`${url}/conflicts/resolve`, { conflict_id: 999, ...said });
    const several = await post(`${url}/conflicts/resolve`, {
      resolutions: [
        { conflict_id: 999, ...said },
        { conflict_id, ...said, version: 7 },
      ],
    });

    expect([unknown.status, inBody.status, several.status]).toEqual([404, 404, 409]);
    expect(unknown.headers.get("content-type")).toBe("application/problem+json");
    expect(await json(unknown)).toMatchObject({
      code: "NOT_FOUND",
      detail: expect.stringContaining("list-conflicts"),
    });
  });

  test("that match a filter are shown first and confirmed by the plan, which nobody can use twice", async () => {
    const { store, url } = await openHttp();
    await contactConflict(store, "ada@example.com", values);
    const asked = { filter: { object: "contacts" }, resolution: "keep_hubspot" };

    const shown = await post(`${url}/conflicts/resolve`, asked);
    const { plan_id } = await json(shown.clone());
    const done = await post(`${url}/conflicts/resolve`, { plan_id });
    const again = await post(`${url}/conflicts/resolve`, { plan_id });

    expect(shown.status).toBe(200);
    expect(await json(done)).toMatchObject({ counts: { resolved: 1 } });
    expect(again.status).toBe(409);
    expect(await json(again)).toMatchObject({ code: "PLAN_STALE", reason: "used" });
  });
});

test("shows one customer with its story, and 404 for one that is not here", async () => {
  const { store, url } = await openHttp();
  const row = { ban: "B/1", company_name: "Acme" };
  await customerConflict(store, row, { field: "company_name", local: "Acme", hubspot: "ACME" });

  const found = await json(fetch(`${url}/customers/${encodeURIComponent("B/1")}`));
  const missing = await fetch(`${url}/customers/B-9`);

  expect(found).toMatchObject({ total: 1, customers: [{ ban: "B/1" }], contacts: [] });
  expect(missing.status).toBe(404);
  expect(await json(missing)).toMatchObject({
    code: "NOT_FOUND",
    detail: expect.stringContaining("billing account number"),
  });
});

test("queues a record that another program changed", async () => {
  const { store, url } = await openHttp();
  await store.customers.upsert([{ ban: "B-1" }], IMPORTED_AT);

  const response = await post(`${url}/sync/queue`, {
    object: "customer",
    ban: "B-1",
    changed_fields: ["current_balance"],
    trigger_source: "billing",
  });

  expect(await json(response)).toMatchObject({ queued: true, fields: ["current_balance"] });
  expect(await queued(store, "customers")).toMatchObject([
    { reason: "queued by billing", urgent: true },
  ]);
});
