/** Edits of contacts in the simulated HubSpot that can be told apart afterwards, and what HubSpot would notify of them. */
import { createHmac } from "node:crypto";
import type { Simulator } from "../simulator/simulator.ts";

/** A contact's HubSpot id and how its edits are counted: the number of an edit stands in its values. */
export interface EditedContact {
  readonly hubspotId: string;
  readonly email: string;
}

/** Enough contacts for an edit each, none of whom exists. */
export function seedEdited(simulator: Simulator, count: number): readonly EditedContact[] {
  const emails = Array.from({ length: count }, (_, n) => `person-${n}@company-${n % 400}.com`);
  const ids = simulator.hubspot.seedContacts(
    emails.map((email, n) => ({ email, firstname: "Pat", lastname: `Number ${n}` })),
  );
  return ids.map((hubspotId, n) => ({ hubspotId, email: emails[n] ?? "" }));
}

/** Ten properties of one contact in one go, as a form sends them; nine of them are mapped. */
export function editProperties(edit: number): Record<string, string> {
  const digits = String(edit).padStart(6, "0");
  return {
    firstname: `Given ${edit}`,
    lastname: `Family ${edit}`,
    company: `Company ${edit}`,
    jobtitle: titleOf(edit),
    phone: `+49301${digits}`,
    country: edit % 2 === 0 ? "Germany" : "France",
    city: `City ${edit}`,
    website: `https://www.site-${edit}.com`,
    sync_linkedin_url: `https://www.linkedin.com/in/person-${edit}`,
    address: `${edit} High Street`,
  };
}

/** The value by which an edit is found again in the database. */
export function titleOf(edit: number): string {
  return `Title ${edit}`;
}

/** The edit that a job title is of; -1 for any other title. */
export function editOf(title: string | null): number {
  const [, number] = /^Title (\d+)$/.exec(title ?? "") ?? [];
  return number === undefined ? -1 : Number(number);
}

/** The notifications of one edit as a request body: one per property. */
export function notificationsOf(hubspotId: string, edit: number, now: number): string {
  const properties = Object.entries(editProperties(edit));
  return JSON.stringify(
    properties.map(([propertyName, propertyValue], n) => ({
      eventId: edit * properties.length + n,
      subscriptionId: 3_327_050 + n,
      portalId: 49_532_047,
      appId: 9_318_066,
      occurredAt: now,
      subscriptionType: "contact.propertyChange",
      attemptNumber: 0,
      objectId: Number(hubspotId),
      changeSource: "CRM_UI",
      propertyName,
      propertyValue,
    })),
  );
}

/** Headers of HubSpot's signature, version 3. */
export function signatureHeaders(request: {
  readonly secret: string;
  readonly uri: string;
  readonly body: string;
  readonly now: number;
}): Record<string, string> {
  const { secret, uri, body, now } = request;
  const signature = createHmac("sha256", secret).update(`POST${uri}${body}${now}`).digest("base64");
  return {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-hubspot-signature-v3": signature,
    "x-hubspot-request-timestamp": String(now),
  };
}
