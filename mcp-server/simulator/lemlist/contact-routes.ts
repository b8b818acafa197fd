/** Contact routes: the team-wide paged list and its array form, one contact, and the field catalogue. */

import { type Context, Hono } from "hono";
import { readCount } from "./paging.ts";
import { type Contact, isUnsubscribed, OWNER_ID, TEAM_ID, type Team } from "./team.ts";

const COMPANY_FILTERS = ["companyId", "companyDomain", "companyLinkedinUrl", "companySalesnavUrl"];

const DEFAULT_FIELDS = [
  ["email", "Email"],
  ["firstName", "First name"],
  ["lastName", "Last name"],
  ["phone", "Phone"],
  ["linkedinUrl", "LinkedIn URL"],
  ["jobTitle", "Job title"],
  ["companyName", "Company name"],
  ["companyDomain", "Company domain"],
  ["icebreaker", "Icebreaker"],
  ["timezone", "Timezone"],
  ["picture", "Picture"],
] as const;

/** Routes that read contacts and fields. */
export function contactRoutes(team: () => Team): Hono {
  const app = new Hono();
  app.get("/contacts", (c) => listContacts(c, team()));
  app.get("/contacts/lists", (c) => c.json([]));
  app.get("/contacts/:idOrEmail", (c) => {
    const [contact] = findContacts(team(), [c.req.param("idOrEmail")]);
    if (contact === undefined) return c.text("Contact not found", 404);
    return c.json(describeContact(contact, team()));
  });
  app.get("/fields", (c) => listFields(c, team()));
  app.all("/fields", (c) => c.json({ success: false, error: "Method not allowed. Use GET." }, 405));
  return app;
}

function listContacts(c: Context, team: Team): Response {
  const idsOrEmails = c.req.query("idsOrEmails");
  if (idsOrEmails !== undefined) {
    const wanted = idsOrEmails.split(",").filter((value) => value !== "");
    if (wanted.length > 100) return c.text("Too many ids or emails (maximum 100)", 400);
    return c.json(findContacts(team, wanted).map((contact) => describeContact(contact, team)));
  }
  const search = c.req.query("search");
  if (search !== undefined && search.length < 2) {
    return c.text("Search query must be at least 2 characters", 400);
  }
  if (COMPANY_FILTERS.filter((name) => c.req.query(name) !== undefined).length > 1) {
    return c.text("Only one company filter can be used at a time", 400);
  }
  const limit = readCount(c.req.query("limit"), { fallback: 100, max: 500 });
  const offset = Math.max(0, Number.parseInt(c.req.query("offset") ?? "0", 10) || 0);
  const found = [...team.contacts.values()].filter((contact) => isWanted(c, contact));
  const data = found.slice(offset, offset + limit).map((each) => describeContact(each, team));
  return c.json({ data, total: found.length, limit, offset });
}

function isWanted(c: Context, contact: Contact): boolean {
  const { search, email, listId, notInAnyCampaign, companyDomain } = c.req.query();
  // The stand-in keeps no lists and no companies of their own, so these filters find nobody.
  const others = COMPANY_FILTERS.filter((name) => name !== "companyDomain");
  if (listId !== undefined || others.some((name) => c.req.query(name) !== undefined)) return false;
  return (
    (email === undefined || contact.email?.toLowerCase() === email.toLowerCase()) &&
    (notInAnyCampaign !== "true" || contact.leads.length === 0) &&
    (companyDomain === undefined || contact.fields["companyDomain"] === companyDomain) &&
    (search === undefined || isFoundBy(contact, search.toLowerCase()))
  );
}

function isFoundBy(contact: Contact, text: string): boolean {
  return Object.values(contact.fields).some((value) => value.toLowerCase().includes(text));
}

function findContacts(team: Team, wanted: readonly string[]): Contact[] {
  const emails = new Set(wanted.map((value) => value.toLowerCase()));
  return [...team.contacts.values()].filter(
    ({ _id, email }) =>
      wanted.includes(_id) || (email !== undefined && emails.has(email.toLowerCase())),
  );
}

function describeContact(contact: Contact, team: Team) {
  const { email, ...others } = contact.fields;
  const names = [contact.fields["firstName"], contact.fields["lastName"]];
  const isActive = contact.leads.some((lead) => lead.status === "running");
  return {
    _id: contact._id,
    teamId: TEAM_ID,
    fullName: names.filter((name) => name).join(" "),
    ...(contact.email === undefined ? {} : { email }),
    fields: { ...others, isActiveInCampaigns: isActive },
    campaigns: contact.leads.map((lead) => ({
      campaignId: lead.campaignId,
      campaignState: team.campaigns.get(lead.campaignId)?.status,
      leadState: lead.status,
      leadId: lead._id,
    })),
    ownerId: OWNER_ID,
    createdAt: contact.createdAt,
    createdBy: OWNER_ID,
    unsubscribed: isUnsubscribed(team, contact.email),
  };
}

function listFields(c: Context, team: Team): Response {
  const { entity, source } = c.req.query();
  if (entity !== undefined && entity !== "contact" && entity !== "company") {
    const error = "Invalid entity parameter. Must be one of: contact, company";
    return c.json({ success: false, error }, 400);
  }
  const contact = [...defaultFields(), ...customFields(team)];
  const company = [
    { name: "linkedinUrl", label: "LinkedIn URL", type: "text", source: "default" },
    { name: "industry", label: "Industry", type: "text", source: "custom" },
  ];
  const ofSource = (field: { source: string }) => source === undefined || field.source === source;
  const data = {
    ...(entity === "company" ? {} : { contact: contact.filter(ofSource) }),
    ...(entity === "contact" ? {} : { company: company.filter(ofSource) }),
  };
  return c.json({ success: true, data });
}

function defaultFields() {
  return DEFAULT_FIELDS.map(([name, label]) => ({ name, label, type: "text", source: "default" }));
}

function customFields(team: Team) {
  const standard = new Set<string>(DEFAULT_FIELDS.map(([name]) => name));
  const names = new Set<string>();
  for (const contact of team.contacts.values()) {
    for (const name of Object.keys(contact.fields)) if (!standard.has(name)) names.add(name);
  }
  return [...names].map((name) => ({ name, label: name, type: "text", source: "custom" }));
}
