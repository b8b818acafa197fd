/** HubSpot's object types: their ids, names, built-in dates, defaults and what a create must carry. */

/** One CRM object type. */
export type ObjectType = {
  /** For example `0-1`. */
  readonly id: string;
  /** Plural, as in paths. */
  readonly name: string;
  readonly singular: string;
  readonly created: "createdate" | "hs_createdate";
  readonly modified: "lastmodifieddate" | "hs_lastmodifieddate";
  /** Properties returned when a request names none. */
  readonly defaults: readonly string[];
  /** At least one of these must be set on create. Empty: nothing is required. */
  readonly requiredAny: readonly string[];
  /** All of these must be set on create. */
  readonly requiredAll: readonly string[];
  /** Built-in properties by which a record can be found, besides its id. */
  readonly identifiers: readonly string[];
  /** The object whose scopes guard this type: notes are guarded by the contact scopes. */
  readonly scopeObject: string;
  /** Properties that free-text search looks at. */
  readonly searchable: readonly string[];
};

const ACTIVITY_DEFAULTS = ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"] as const;

function activity(id: string, name: string, requiredAll: readonly string[]): ObjectType {
  return {
    id,
    name,
    singular: name.slice(0, -1),
    created: "hs_createdate",
    modified: "hs_lastmodifieddate",
    defaults: ACTIVITY_DEFAULTS,
    requiredAny: [],
    requiredAll,
    identifiers: [],
    scopeObject: "contacts",
    searchable: ["hs_note_body", "hs_call_title", "hs_task_subject", "hs_email_subject"],
  };
}

/** HubSpot docs, "Using object APIs" and "Search the CRM", read 2026-04. */
export const CONTACTS: ObjectType = {
  id: "0-1",
  name: "contacts",
  singular: "contact",
  created: "createdate",
  modified: "lastmodifieddate",
  defaults: ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
  requiredAny: ["email", "firstname", "lastname"],
  requiredAll: [],
  identifiers: ["email"],
  scopeObject: "contacts",
  searchable: [
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "fax",
    "company",
    "hs_object_id",
  ],
};

/** Companies have no built-in unique property: `domain` is not one. */
export const COMPANIES: ObjectType = {
  id: "0-2",
  name: "companies",
  singular: "company",
  created: "createdate",
  modified: "hs_lastmodifieddate",
  defaults: ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
  requiredAny: ["domain", "name"],
  requiredAll: [],
  identifiers: [],
  scopeObject: "companies",
  searchable: ["website", "phone", "name", "domain", "hs_object_id"],
};

/** Deals, with the same machinery as the others. */
export const DEALS: ObjectType = {
  id: "0-3",
  name: "deals",
  singular: "deal",
  created: "createdate",
  modified: "hs_lastmodifieddate",
  defaults: [
    "amount",
    "closedate",
    "createdate",
    "dealname",
    "dealstage",
    "hs_lastmodifieddate",
    "hs_object_id",
    "pipeline",
  ],
  requiredAny: [],
  requiredAll: ["dealname", "dealstage", "pipeline"],
  identifiers: [],
  scopeObject: "deals",
  searchable: ["dealname", "pipeline", "dealstage", "hs_object_id"],
};

/** Tickets, for the associations that lead to them. */
export const TICKETS: ObjectType = {
  id: "0-5",
  name: "tickets",
  singular: "ticket",
  created: "createdate",
  modified: "hs_lastmodifieddate",
  defaults: [
    "content",
    "createdate",
    "hs_lastmodifieddate",
    "hs_object_id",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_category",
    "hs_ticket_priority",
    "subject",
  ],
  requiredAny: [],
  requiredAll: ["subject", "hs_pipeline_stage"],
  identifiers: [],
  scopeObject: "tickets",
  searchable: ["subject", "content", "hs_pipeline_stage", "hs_object_id"],
};

/** Notes on timelines. */
export const NOTES: ObjectType = activity("0-46", "notes", ["hs_timestamp"]);

/** Every type that the simulator serves. */
export const OBJECT_TYPES: readonly ObjectType[] = [
  CONTACTS,
  COMPANIES,
  DEALS,
  NOTES,
  activity("0-27", "tasks", ["hs_timestamp"]),
  activity("0-47", "meetings", ["hs_timestamp"]),
  activity("0-48", "calls", ["hs_timestamp"]),
  activity("0-49", "emails", ["hs_timestamp", "hs_email_direction"]),
  activity("0-18", "communications", ["hs_timestamp"]),
  TICKETS,
];

const byAnyName = new Map(
  OBJECT_TYPES.flatMap((type) => [
    [type.id, type],
    [type.name, type],
    [type.singular, type],
  ]),
);

/** Finds a type by plural, singular or type id, without regard to case. */
export function findObjectType(text: string): ObjectType | undefined {
  return byAnyName.get(text.toLowerCase());
}
