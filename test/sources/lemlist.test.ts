import { describe, expect, test } from "vitest";
import { found, lead, lemlistRig as rig } from "./lemlist-rig.ts";

test("reads leads with their standard and custom variables and their state", async () => {
  const { lemlist, read } = await rig();
  const { _id } = lemlist.addCampaign({ name: "Autumn" });
  lemlist.addLead(
    _id,
    lead(
      {
        email: "Ada@Acme.com",
        firstName: "ada",
        companyName: "acme.io",
        companyDomain: "Acme Ltd",
        jobTitle: "CTO",
        phone: "+49 30 1234567",
        linkedinUrl: "linkedin.com/in/ada",
        "Original event page": "https://example.com/event",
        picture: "https://example.com/p.png",
      },
      { lastState: "emailsReplied", status: "done", emailStatus: "deliverable" },
    ),
  );

  const { rows, description } = await read();

  expect(found(rows, "ada@acme.com").fields).toMatchObject({
    first_name: "Ada",
    company: "Acme Ltd",
    domain: "acme.io",
    job_title: "CTO",
    phone: "+49301234567",
    linkedin_url: "https://www.linkedin.com/in/ada",
    email_status: "deliverable",
    engagement_state: "emailsReplied",
    unsubscribed: false,
    custom: {
      status: "done",
      "Original event page": "https://example.com/event",
      "Lemlist campaign": "Autumn",
    },
  });
  expect(description.mapped).toMatchObject({
    firstName: "first_name",
    lastState: "engagement_state",
  });
  expect(description.unknown).toEqual(["Original event page", "Lemlist campaign"]);
  expect(description.saidAt).toBeNull();
});

test("asks for every state, or nothing would come back", async () => {
  const { lemlist, read, simulator } = await rig();
  const { _id } = lemlist.addCampaign({ name: "Autumn" });
  lemlist.addLead(_id, lead({ email: "ada@acme.com" }));

  await read();

  const [request] = simulator.requests.list({ service: "lemlist", path: "/export/leads" });
  expect(request?.query).toContain("state=all");
  expect(request?.query).toContain("format=json");
});

test("rejects leads without an e-mail, whole", async () => {
  const { lemlist, read } = await rig();
  const { _id } = lemlist.addCampaign({ name: "Autumn" });
  lemlist.addLead(_id, lead({ firstName: "Ada", companyName: "Acme" }));

  const { rows } = await read();

  expect(rows).toMatchObject([
    {
      kind: "rejected",
      raw: { firstName: "Ada", companyName: "Acme" },
      rejection: { code: "NO_EMAIL" },
    },
  ]);
});

describe("objections to outreach", () => {
  test.each([
    ["the lead's status", { status: "unsubscribed" }, null],
    ["the lead's last state", { lastState: "emailsUnsubscribed" }, null],
    ["the team's list, by address", {}, "ADA@acme.com"],
    ["the team's list, by domain", {}, "@acme.com"],
  ])("are taken from %s", async (_, state, entry) => {
    const { lemlist, read } = await rig();
    const { _id } = lemlist.addCampaign({ name: "Autumn" });
    lemlist.addLead(_id, lead({ email: "ada@acme.com" }, state));
    lemlist.addLead(_id, lead({ email: "bob@other.com" }));
    if (entry !== null) lemlist.addUnsubscribe(entry);

    const { rows } = await read();

    expect(found(rows, "ada@acme.com").fields.unsubscribed).toBe(true);
    expect(found(rows, "bob@other.com").fields.unsubscribed).toBe(false);
  });

  test("are read to the last page", async () => {
    const { lemlist, read } = await rig();
    const { _id } = lemlist.addCampaign({ name: "Autumn" });
    lemlist.addLead(_id, lead({ email: "p249@acme.com" }));
    for (let n = 0; n < 250; n += 1) lemlist.addUnsubscribe(`p${n}@acme.com`);

    const { rows } = await read();

    expect(found(rows, "p249@acme.com").fields.unsubscribed).toBe(true);
  });

  test("stop the import when they cannot be read", async () => {
    const { lemlist, read, simulator } = await rig();
    lemlist.addCampaign({ name: "Autumn" });
    simulator.faults.add({
      service: "lemlist",
      name: "http-500",
      times: 10,
      path: "/unsubscribes",
    });

    await expect(read()).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("campaigns", () => {
  test.each([
    ["as an array", { campaignsShape: "array" }],
    ["as an object with pages", { campaignsShape: "object" }],
    ["with the offset ignored", { campaignsShape: "array", ignoreOffset: true }],
  ] as const)("are listed %s", async (_, options) => {
    const { lemlist, read } = await rig(options);
    const count = "ignoreOffset" in options ? 100 : 120;
    for (let n = 0; n < count; n += 1) {
      const { _id } = lemlist.addCampaign({
        name: `C${n}`,
        createdAt: new Date(Date.UTC(2026, 0, 1, n)).toISOString(),
      });
      lemlist.addLead(_id, lead({ email: `p${n}@acme.com` }));
    }

    const { rows } = await read();

    expect(rows).toHaveLength(count);
  });

  test("are read newest first: a person's newest lead counts, older ones are repetitions", async () => {
    const { lemlist, read } = await rig();
    const old = lemlist.addCampaign({ name: "Old", createdAt: "2025-01-01T00:00:00.000Z" });
    const fresh = lemlist.addCampaign({ name: "New", createdAt: "2026-01-01T00:00:00.000Z" });
    lemlist.addLead(old._id, lead({ email: "ada@acme.com", jobTitle: "Intern" }));
    lemlist.addLead(fresh._id, lead({ email: "ADA@acme.com", jobTitle: "CEO" }));

    const { rows } = await read();

    expect(rows).toMatchObject([
      { duplicate: false, fields: { job_title: "CEO" } },
      { duplicate: true, fields: { job_title: "Intern" } },
    ]);
  });

  test("one alone can be named", async () => {
    const { lemlist, read } = await rig();
    const one = lemlist.addCampaign({ name: "One" });
    const other = lemlist.addCampaign({ name: "Other" });
    lemlist.addLead(one._id, lead({ email: "ada@acme.com" }));
    lemlist.addLead(other._id, lead({ email: "bob@acme.com" }));

    const { rows } = await read({ campaign_id: one._id });

    expect(rows).toMatchObject([
      { fields: { email: "ada@acme.com", custom: { "Lemlist campaign": "One" } } },
    ]);
  });

  test("an unknown one is an error that says where to look", async () => {
    const { read } = await rig();

    await expect(read({ campaign_id: "cam_nope" })).rejects.toMatchObject({
      kind: "not-found",
      message: expect.stringContaining("campaign_id"),
    });
  });
});

describe("resuming", () => {
  test("goes on after the last lead that was consumed and still knows whom it saw", async () => {
    const { lemlist, read } = await rig();
    const fresh = lemlist.addCampaign({ name: "New", createdAt: "2026-01-01T00:00:00.000Z" });
    const old = lemlist.addCampaign({ name: "Old", createdAt: "2025-01-01T00:00:00.000Z" });
    lemlist.generateLeads(fresh._id, 700);
    lemlist.addLead(old._id, lead({ email: "last@acme.com" }));
    const whole = await read();
    const again = found(whole.rows, "last@acme.com");

    const rest = await read({}, whole.batches[0]?.checkpoint ?? null);

    expect(whole.batches.map((batch) => batch.rows.length)).toEqual([500, 200, 1]);
    expect(rest.description.resumed).toBe(true);
    expect(rest.rows).toEqual(whole.rows.slice(500));
    expect(found(rest.rows, "last@acme.com")).toEqual(again);
  });

  test("starts over when the campaign is gone", async () => {
    const { lemlist, read } = await rig();
    const { _id } = lemlist.addCampaign({ name: "Autumn" });
    lemlist.addLead(_id, lead({ email: "ada@acme.com" }));

    const { description, rows } = await read(
      {},
      JSON.stringify({ campaign: "cam_gone", lead: "lea_x" }),
    );

    expect(description.resumed).toBe(false);
    expect(rows).toHaveLength(1);
  });
});
