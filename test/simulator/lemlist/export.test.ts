/** The lead export of the Lemlist stand-in, asked over real HTTP. */

import { describe, expect, test } from "vitest";
import { serveLemlist } from "./serve-lemlist.ts";

describe("the export of leads", () => {
  async function withLeads() {
    const served = await serveLemlist();
    const { _id } = served.lemlist.addCampaign({ name: "Outbound" });
    served.lemlist.addLead(_id, {
      fields: { email: "ada@x.com", "Original event page": 'https://e.com/?a="1",2', phone: "" },
      lastState: "emailsOpened",
      status: "running",
      emailStatus: "deliverable",
    });
    served.lemlist.addLead(_id, { fields: { firstName: "No", lastName: "Mail" } });
    return { ...served, path: `/campaigns/${_id}/export/leads` };
  }

  // Lemlist spec, export: JSON is a plain array; custom variables are flat top-level keys and may hold spaces.
  test("is a flat JSON array; what is missing is absent or empty", async () => {
    const { path, getJson } = await withLeads();

    const leads = await getJson(`${path}?state=all&format=json`);

    expect(leads[0]).toEqual({
      emailStatus: "deliverable",
      email: "ada@x.com",
      "Original event page": 'https://e.com/?a="1",2',
      phone: "",
      lastState: "emailsOpened",
      status: "running",
      _id: expect.stringMatching(/^lea_/),
    });
    expect(leads[1]).not.toHaveProperty("email");
  });

  // Lemlist spec, export: the default format is CSV, custom variables stand between the standard columns.
  test("is CSV unless JSON is asked for", async () => {
    const { get, path } = await withLeads();

    const answer = await get(`${path}?state=all`);

    const [header, first, second] = (await answer.text()).split("\n");
    expect(answer.headers.get("content-type")).toMatch(/^text\/csv/);
    expect(header).toBe(
      "emailStatus,email,firstName,lastName,picture,phone,linkedinUrl,timezone,companyName," +
        "companyDomain,icebreaker,jobTitle,Original event page,lastState,status,_id",
    );
    expect(first).toContain('"https://e.com/?a=""1"",2",emailsOpened,running,lea_');
    expect(second).toMatch(/^,,No,Mail,/);
  });

  // Seen in use: leaving `state` out returns nothing although the specification says that all is the default.
  test("is empty when the state is left out", async () => {
    const { path, getJson } = await withLeads();

    expect(await getJson(`${path}?format=json`)).toEqual([]);
  });

  // Lemlist spec, export: detailed states, global states and comma-separated lists of them.
  test("filters by detailed, global and combined states", async () => {
    const { path, getJson } = await withLeads();
    const count = async (state: string) =>
      (await getJson(`${path}?format=json&state=${state}`)).length;

    expect(await count("emailsOpened")).toBe(1);
    expect(await count("hooked")).toBe(1);
    expect(await count("hooked,scanned")).toBe(2);
    expect(await count("emailsReplied")).toBe(0);
  });

  test("answers 404 as text for an unknown campaign", async () => {
    const { get } = await serveLemlist();

    const answer = await get("/campaigns/cam_none/export/leads?state=all&format=json");

    expect([answer.status, await answer.text()]).toEqual([404, "Campaign not found"]);
  });

  // Lemlist spec, export: not paginated, so 20,000 leads are one body; it arrives in chunks without a length.
  test("streams 20,000 leads in chunks", async () => {
    const { get, lemlist } = await serveLemlist();
    const { _id } = lemlist.addCampaign({ name: "Large" });
    lemlist.generateLeads(_id, 20_000);

    const answer = await get(`/campaigns/${_id}/export/leads?state=all&format=json`);
    const leads = JSON.parse(await answer.text());

    expect(answer.headers.get("content-length")).toBeNull();
    expect(new Set(leads.map((lead: { email: string }) => lead.email)).size).toBe(20_000);
  });
});
