/** A person whose data lie in every table that can hold them. */
import type { Store } from "../../mcp-server/src/ports/store.ts";
import { insertOne, LATER, NOW } from "./builders.ts";
import type { ForeignProgram } from "./foreign.ts";

export interface Person {
  readonly email: string;
  /** An address the person had before. */
  readonly earlier: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly phone: string;
  readonly linkedin: string;
  readonly hubspotId: string;
}

export interface StoredPerson extends Person {
  readonly id: number;
}

/** The contact itself, with a generated text, linked. */
export async function insertPerson(store: Store, person: Person): Promise<StoredPerson> {
  const id = await insertOne(store, {
    email: person.earlier,
    first_name: person.firstName,
    last_name: person.lastName,
    phone: person.phone,
    linkedin_url: person.linkedin,
    custom: { nickname: person.firstName },
  });
  await store.links.put([{ object: "contacts", local_id: id, hubspot_id: person.hubspotId }], NOW);
  return { ...person, id };
}

/** Everything that imports, enrichment, syncs, tools and notifications leave of a contact. */
export async function spread(store: Store, other: ForeignProgram, person: StoredPerson) {
  await ownRows(store, other, person);
  await logged(store, person);
  await answers(store, person);
  await jobsAndPlans(store, person);
  await notified(store, person);
}

async function ownRows(
  store: Store,
  other: ForeignProgram,
  { id, email, earlier, phone }: StoredPerson,
) {
  const record = { object: "contacts", local_id: id } as const;
  // Another program changes them, so that the log of changes holds values.
  await other.run(`update contacts set phone = '+1' where id = ${id}`);
  await other.run(`update contacts set phone = '${phone}', email = '${email}' where id = ${id}`);
  await store.fieldStates.put([{ ...record, base: { email: earlier, phone }, synced_at: NOW }]);
  await store.conflicts.open(
    [
      {
        ...record,
        field: "phone",
        base: phone,
        local: phone,
        hubspot: "+2",
        local_at: NOW,
        local_by: "sql",
        hubspot_at: null,
        hubspot_by: null,
      },
    ],
    NOW,
  );
}

async function logged(store: Store, { id, email, phone, hubspotId }: StoredPerson) {
  const row = {
    run_id: "run_1",
    object: "contacts",
    local_id: id,
    hubspot_id: hubspotId,
    marker: null,
    created_at: NOW,
    finished_at: NOW,
  } as const;
  await store.syncLog.add([
    {
      ...row,
      action: "update",
      outcome: "failed",
      fields: [
        { field: "email", before: null, after: email, rule: "r" },
        { field: "phone", before: phone, after: "+2", rule: "r", lost: phone },
      ],
      error: `HubSpot refused ${email}.`,
    },
    {
      ...row,
      object: "companies",
      local_id: 1,
      action: "associate",
      outcome: "failed",
      fields: [],
      error: `The company of ${email} is not there.`,
    },
  ]);
}

async function answers(store: Store, { id, email, firstName, lastName }: StoredPerson) {
  const intelligence = {
    summary: `${firstName} leads the engines.`,
    pain_points: [`${firstName}'s budget`],
    personalization_hooks: [],
    confidence: 1,
    evidence_ids: [],
    model: "m",
  };
  await store.contacts.update([{ id, set: { intelligence } }], NOW);
  const times = { now: NOW, expires_at: LATER };
  await store.cache.put("contact", [{ key: email, data: { name: lastName } }], times);
  await store.cache.put(
    "intelligence",
    [
      { key: `digest ${id}`, data: { intelligence } },
      { key: `old digest ${id}`, data: { intelligence: { summary: `Hi ${firstName}.` } } },
      { key: `digest of an engineer ${id}`, data: { intelligence: { summary: "They lead." } } },
    ],
    times,
  );
}

async function jobsAndPlans(store: Store, person: StoredPerson) {
  const { id, email, phone, firstName, lastName } = person;
  const lease = { owner: "me", now: NOW, lease_until: LATER };
  const jobId = `job_${id}`;
  await store.jobs.create({ job_id: jobId, kind: "sync", args: { emails: [email] }, now: NOW });
  await store.jobs.claim({ ...lease, jobId });
  await store.jobs.finish(jobId, "me", {
    status: "completed",
    now: NOW,
    errors: [{ code: "x", message: `No ${email}.`, count: 1, examples: [email.toUpperCase()] }],
    notes: [`Skipped:\n${email}`],
    result: { preview: [{ email, phone }] },
    next: `query-contacts for ${email}`,
    checkpoint: JSON.stringify({ errors: [email] }),
  });
  const raw = { Mail: email.toUpperCase(), Name: `${firstName} ${lastName}`, Tel: phone };
  const rejection = { code: "INVALID_EMAIL", message: `${email} twice`, field: null } as const;
  await store.rejects.add(jobId, [{ row: 1, raw, rejection }], NOW);
  const args = { emails: [email] };
  const plan = { plan_id: `plan_${id}`, kind: "sync", map_version: "v", args } as const;
  await store.plans.add({ ...plan, created_at: NOW, expires_at: LATER });
  await store.plans.addRecords(plan.plan_id, [{ object: "contacts", local_id: id, digest: "d" }]);
  await store.reports.put({
    run_id: `run_${id}`,
    object: "contacts",
    started_at: NOW,
    finished_at: NOW,
    counts: {},
    report: { examples: [{ email }] },
  });
}

async function notified(store: Store, { email, hubspotId }: StoredPerson) {
  const event = {
    event_id: "1",
    subscription_type: "contact.propertyChange",
    object: "contacts",
    object_id: hubspotId,
    occurred_at: NOW,
    payload: JSON.stringify({ propertyName: "email", propertyValue: email }),
    error: null,
  };
  await store.inbox.add([event, { ...event, error: `Odd: ${email}` }], NOW);
  const settled = (await store.inbox.take(9)).map(({ id }) => ({
    id,
    outcome: "ignored" as const,
  }));
  await store.inbox.settle(settled, NOW);
  // Still waiting when the person is erased; and one about somebody else that repeats the address.
  await store.inbox.add([event], NOW);
  await store.inbox.add([{ ...event, object_id: "1", error: "Odd." }], NOW);
  await store.remoteQueue.add([
    { object: "contacts", hubspot_id: hubspotId, kind: "erase", due_at: NOW },
  ]);
}
