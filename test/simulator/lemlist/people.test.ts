/** Single leads, contacts, opt-outs and the demo data of the Lemlist stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveLemlist } from "./serve-lemlist.ts";

describe("single leads", () => {
  async function withDuplicate() {
    const served = await serveLemlist();
    const first = served.lemlist.addCampaign({ name: "One" });
    const second = served.lemlist.addCampaign({ name: "Two" });
    const fields = { email: "ada@x.com", firstName: "Ada" };
    const one = served.lemlist.addLead(first._id, { fields, emailStatus: "deliverable" });
    const two = served.lemlist.addLead(second._id, { fields });
    return { ...served, first, one, two };
  }

  // Lemlist spec, GET /leads/{email} version 2: an array, one entry per campaign the person is in.
  test("are an array by e-mail in version 2, one per campaign", async () => {
    const { one, two, first, getJson } = await withDuplicate();

    const leads = await getJson("/leads/ADA%40x.com?version=v2");

    expect(one._id).not.toBe(two._id);
    expect(leads.map((lead: { _id: string }) => lead._id)).toEqual([one._id, two._id]);
    expect(leads[0]).toMatchObject({
      variables: { firstName: "Ada" },
      contactId: one.contactId,
      enrichment: { emailStatus: "deliverable" },
      campaign: { id: first._id, name: "One", status: "running" },
    });
  });

  // Lemlist docs of 2024: without a version the same route answers one object.
  test("are one object by e-mail without a version", async () => {
    const { one, getJson } = await withDuplicate();

    expect(await getJson("/leads/ada@x.com")).toMatchObject({ _id: one._id });
  });

  // Lemlist spec, GET /leads: a flat object with the ids of campaign and contact.
  test("are one flat object by query", async () => {
    const { one, two, getJson } = await withDuplicate();

    const byEmail = await getJson("/leads?email=ada@x.com&version=v2");
    const byId = await getJson(`/leads?id=${two._id}&version=v2`);

    expect(byEmail).toEqual({
      email: "ada@x.com",
      firstName: "Ada",
      _id: one._id,
      isPaused: false,
      campaignId: one.campaignId,
      contactId: one.contactId,
      emailStatus: "deliverable",
    });
    expect(byId).toMatchObject({ _id: two._id, campaignId: two.campaignId });
  });

  test.each(["/leads/none@x.com?version=v2", "/leads?email=none@x.com"])(
    "answer 404 as text for %s",
    async (path) => {
      const { get } = await serveLemlist();

      const answer = await get(path);

      expect([answer.status, await answer.text()]).toEqual([404, "Lead not found"]);
    },
  );

  // Lemlist spec, GET /campaigns/{id}/leads/: only three fields, newest first, at most 500.
  test("are listed thin and newest first for a campaign", async () => {
    const { lemlist, getJson } = await serveLemlist();
    const { _id } = lemlist.addCampaign({ name: "Many" });
    lemlist.generateLeads(_id, 600);

    const all = await getJson(`/campaigns/${_id}/leads/?state=all&limit=9999`);
    const some = await getJson(`/campaigns/${_id}/leads/`);

    expect([all.length, some.length]).toEqual([500, 100]);
    expect(all[0]).toEqual({
      _id: lemlist.state().leads.at(-1)?._id,
      contactId: lemlist.state().leads.at(-1)?.contactId,
      state: lemlist.state().leads.at(-1)?.lastState,
    });
  });
});

describe("contacts, fields and opt-outs", () => {
  // Lemlist spec, GET /contacts: a page object; only with idsOrEmails a plain array.
  test("contacts are a page, or an array when asked by id or e-mail", async () => {
    const { lemlist, getJson } = await serveLemlist();
    lemlist.seedDemo();

    const page = await getJson("/contacts?limit=2&offset=1");
    const array = await getJson(`/contacts?idsOrEmails=${page.data[0]._id}`);

    expect(page).toMatchObject({ limit: 2, offset: 1, total: lemlist.state().contacts });
    expect(page.data).toHaveLength(2);
    expect(array).toEqual([page.data[0]]);
  });

  test("contacts refuse a one-letter search with the documented text", async () => {
    const { get } = await serveLemlist();

    const answer = await get("/contacts?search=a");

    expect([answer.status, await answer.text()]).toEqual([
      400,
      "Search query must be at least 2 characters",
    ]);
  });

  // Lemlist spec, GET /fields: a success envelope; source tells default from custom fields.
  test("fields name the custom variables", async () => {
    const { lemlist, getJson } = await serveLemlist();
    lemlist.seedDemo();

    const answer = await getJson("/fields?entity=contact&source=custom");

    expect(answer.success).toBe(true);
    expect(answer.data.contact).toContainEqual({
      name: "Original event page",
      label: "Original event page",
      type: "text",
      source: "custom",
    });
  });

  // Lemlist spec, GET /unsubscribes: an array of values with a source, paged by offset and limit.
  test("opt-outs are paged and mark the contact", async () => {
    const { get, lemlist, getJson } = await serveLemlist();
    lemlist.addContact({ email: "ada@x.com" });
    lemlist.addUnsubscribe("ada@x.com", "lead");
    lemlist.addUnsubscribe("y.com");

    const second = await getJson("/unsubscribes?offset=1&limit=1");
    const contact = await getJson("/contacts/ada@x.com");
    const csv = await (await get("/unsubs/export")).text();

    expect(second).toEqual([
      {
        _id: expect.stringMatching(/^uns_/),
        createdAt: expect.any(String),
        value: "y.com",
        source: "user",
      },
    ]);
    expect(contact.unsubscribed).toBe(true);
    expect(csv).toMatch(/^value,source,createdAt\nada@x.com,lead,/);
  });
});

describe("the demo data", () => {
  test("is the same every time and holds the mess that real exports have", async () => {
    const { lemlist } = await serveLemlist();
    lemlist.seedDemo();
    const first = lemlist.state();
    lemlist.seedDemo();

    const { campaigns, leads, unsubscribes } = lemlist.state();
    expect(lemlist.state()).toEqual(first);
    expect(campaigns).toHaveLength(3);
    const main = leads.filter((lead) => lead.campaignId === campaigns[0]?._id);
    expect(main.length).toBeGreaterThan(140);
    const emails = leads.map((lead) => lead.fields["email"]).filter(Boolean);
    expect(emails.length).toBeLessThan(leads.length);
    expect(new Set(emails).size).toBeLessThan(emails.length);
    expect(main.filter((lead) => lead.emailStatus === "undeliverable").length).toBeGreaterThan(3);
    expect(main.filter((lead) => lead.status === "unsubscribed")).toHaveLength(4);
    expect(unsubscribes.every(({ value }) => value.length > 3)).toBe(true);
  });

  test("goes away with a reset", async () => {
    const { lemlist, getJson } = await serveLemlist();
    lemlist.seedDemo();
    lemlist.configure({ campaignsShape: "object" });

    lemlist.reset();

    expect(await getJson("/campaigns")).toEqual([]);
  });
});
