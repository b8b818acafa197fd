/** What one Lemlist team holds in the stand-in: campaigns, leads, contacts and opt-outs, in insertion order. */

import { objectId } from "./object-id.ts";

/** A lead as a test or a seed states it; `fields` hold standard and custom variables, exported exactly as given. */
export type LeadInput = {
  readonly fields: Readonly<Record<string, string>>;
  readonly lastState?: string;
  readonly status?: string;
  readonly emailStatus?: "deliverable" | "risky" | "undeliverable" | "";
};

/** A campaign as the API lists it. */
export type Campaign = {
  readonly _id: string;
  readonly name: string;
  readonly emoji?: string;
  readonly timezone?: string;
  readonly labels: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly status: string;
  readonly hasError?: boolean;
  readonly errors?: readonly string[];
};

/** One lead: a person in one campaign. The same e-mail in two campaigns is two leads of one contact. */
export type Lead = {
  readonly _id: string;
  readonly contactId: string;
  readonly campaignId: string;
  readonly updatedAt: string;
  readonly lastState: string;
  readonly status: string;
  readonly emailStatus: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
};

/** A person of the team, whatever the campaigns. */
export type Contact = {
  readonly _id: string;
  readonly email: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly leads: Lead[];
};

/** One opt-out; the value is an e-mail address or a whole domain. */
export type Unsubscribe = {
  readonly _id: string;
  readonly createdAt: string;
  readonly value: string;
  readonly source: string;
};

/** The mutable data of the team. */
export type Team = {
  readonly campaigns: Map<string, Campaign>;
  readonly leads: Map<string, Lead[]>;
  readonly contacts: Map<string, Contact>;
  readonly unsubscribes: Map<string, Unsubscribe>;
};

/** The one user who owns everything in the stand-in. */
export const OWNER_ID = objectId("usr", "owner");

/** The one team behind the key. */
export const TEAM_ID = objectId("tea", "team");

/** An empty team. */
export function emptyTeam(): Team {
  return { campaigns: new Map(), leads: new Map(), contacts: new Map(), unsubscribes: new Map() };
}

/** Adds a campaign; the id derives from the name, so a seed gives the same ids every time. */
export function addCampaign(
  team: Team,
  campaign: { name: string } & Partial<Omit<Campaign, "_id" | "name">>,
): Campaign {
  const added: Campaign = {
    _id: objectId("cam", campaign.name),
    labels: [],
    createdAt: "2026-09-01T08:00:00.000Z",
    createdBy: OWNER_ID,
    status: "running",
    ...campaign,
  };
  team.campaigns.set(added._id, added);
  team.leads.set(added._id, team.leads.get(added._id) ?? []);
  return added;
}

/** Adds a lead and, when its e-mail is new to the team, the contact behind it. */
export function addLead(team: Team, campaignId: string, input: LeadInput): Lead {
  const leads = team.leads.get(campaignId) ?? [];
  const seed = `${campaignId}/${leads.length}`;
  const contact = contactFor(team, input.fields, seed);
  const lead: Lead = {
    _id: objectId("lea", seed),
    contactId: contact._id,
    campaignId,
    updatedAt: new Date(Date.UTC(2026, 9, 1) + leads.length * 60_000).toISOString(),
    lastState: input.lastState ?? "scanned",
    status: input.status ?? "review",
    emailStatus: input.emailStatus,
    fields: input.fields,
  };
  leads.push(lead);
  team.leads.set(campaignId, leads);
  contact.leads.push(lead);
  return lead;
}

/** Adds a person who is in no campaign. */
export function addContact(team: Team, fields: Readonly<Record<string, string>>): Contact {
  return contactFor(team, fields, `orphan/${team.contacts.size}`);
}

function contactFor(
  team: Team,
  fields: Readonly<Record<string, string>>,
  fallback: string,
): Contact {
  const email = fields["email"]?.trim().toLowerCase() || undefined;
  const id = objectId("ctc", email ?? fallback);
  const known = team.contacts.get(id);
  if (known !== undefined) return known;
  const contact: Contact = {
    _id: id,
    email: fields["email"] || undefined,
    fields,
    createdAt: "2026-09-02T09:30:00.000Z",
    leads: [],
  };
  team.contacts.set(id, contact);
  return contact;
}

/** Records an opt-out of an e-mail address or a domain; the same value twice is one entry. */
export function addUnsubscribe(team: Team, value: string, source = "user"): Unsubscribe {
  const key = value.toLowerCase();
  const known = team.unsubscribes.get(key);
  if (known !== undefined) return known;
  const entry: Unsubscribe = {
    _id: objectId("uns", key),
    createdAt: new Date(Date.UTC(2026, 8, 10) + team.unsubscribes.size * 3_600_000).toISOString(),
    value,
    source,
  };
  team.unsubscribes.set(key, entry);
  return entry;
}

/** True when the contact's address or its domain opted out. */
export function isUnsubscribed(team: Team, email: string | undefined): boolean {
  if (email === undefined) return false;
  const address = email.toLowerCase();
  return (
    team.unsubscribes.has(address) || team.unsubscribes.has(address.slice(address.indexOf("@") + 1))
  );
}

/** Every lead with that e-mail over all campaigns, letter case ignored. */
export function leadsByEmail(team: Team, email: string): readonly Lead[] {
  return team.contacts.get(objectId("ctc", email.trim().toLowerCase()))?.leads ?? [];
}

/** The lead with that id, or undefined. */
export function leadById(team: Team, id: string): Lead | undefined {
  for (const leads of team.leads.values()) {
    const found = leads.find((lead) => lead._id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}
