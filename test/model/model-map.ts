/** The field map of the model: every direction and strategy, with and without clearing, over columns and JSON leaves of both kinds of record. */
import { type FieldMaps, parseFieldMap } from "../../mcp-server/src/core/field-map.ts";

type Cell = string | number | null;

/** What people and programs write into a field on either side. HubSpot's are texts its pages would take. */
export interface Pool {
  readonly local: readonly Cell[];
  readonly hubspot: readonly string[];
}

interface ModelField extends Pool {
  readonly written: Readonly<Record<string, unknown>>;
}

const at = (column: string, key: string) => ({
  warp_field: column,
  warp_field_path: `${column}->>'${key}'`,
});
const both = (strategy: string, clears = false) => ({
  sync_direction: "BIDIRECTIONAL",
  conflict_resolution: strategy,
  ...(clears ? { propagate_clear: true } : {}),
});
const outward = { sync_direction: "WARP_TO_HUBSPOT" };
const inward = { sync_direction: "HUBSPOT_TO_WARP" };
const own = (hubspot_property: string, warp_field = hubspot_property) => ({
  hubspot_property,
  warp_field,
});

const names: Pool = { local: ["Ada", "Bob", " Cy ", null], hubspot: ["Ada", "Dan", "Eve", ""] };
const phones: Pool = {
  local: ["+49 30 901820", "+4930901821", "extension 7", null],
  hubspot: ["+49 30 901820", "+49 (30) 901822", ""],
};

const customers: Readonly<Record<string, ModelField>> = {
  current_balance: {
    written: {
      ...own("warp_current_balance", "current_balance"),
      ...outward,
      update_frequency: "real-time",
      propagate_clear: true,
    },
    local: [0, 10, 12.5, "n/a", null],
    hubspot: ["5", "10", ""],
  },
  status: {
    written: {
      ...own("warp_status", "status"),
      ...outward,
      enum_values: ["ACTIVE", "TRIAL", "CLOSED"],
    },
    local: ["ACTIVE", "closed", "BOGUS", null],
    hubspot: ["TRIAL", "CLOSED", ""],
  },
  tier: {
    written: { ...own("warp_tier", "tier"), ...inward, enum_values: ["STANDARD", "PREMIUM"] },
    local: ["STANDARD", "GOLD", null],
    hubspot: ["STANDARD", "PREMIUM", ""],
  },
  credit_limit: {
    written: {
      ...own("warp_credit_limit", "credit_limit"),
      ...inward,
      transform: "hubspot_value_in_cents_to_dollars",
    },
    local: [100, 10.5, null],
    hubspot: ["1050", "20000", ""],
  },
  payment_terms: {
    written: { ...own("warp_payment_terms", "payment_terms"), ...inward, propagate_clear: true },
    local: ["NET7", null],
    hubspot: ["NET30", "NET60", ""],
  },
  prepaid_balance: {
    written: {
      ...own("warp_prepaid_balance", "prepaid_balance"),
      ...both("LATEST_WINS", true),
      transform: "hubspot_value_in_cents_to_dollars",
    },
    local: [10, 12.34, null],
    hubspot: ["1000", "1234", "77", ""],
  },
  company_name: {
    written: { ...own("name", "company_name"), ...both("LATEST_WINS") },
    // HubSpot makes no company without a name.
    local: ["Acme", "Bolt", " Cog "],
    hubspot: ["Acme", "Dyn", ""],
  },
  legal_name: {
    written: { ...own("warp_legal_name", "legal_name"), ...both("MANUAL", true) },
    ...names,
  },
  contact_email: {
    written: {
      hubspot_property: "warp_contact_email",
      ...at("contact", "email"),
      ...both("LATEST_WINS", true),
      type: "email",
    },
    local: ["A@Acme.com", "b@acme.com", null],
    hubspot: ["a@acme.com", "c@acme.com", ""],
  },
  contact_phone: {
    written: {
      hubspot_property: "phone",
      ...at("contact", "phone"),
      ...both("MANUAL"),
      type: "phone",
    },
    ...phones,
  },
  place: {
    written: {
      hubspot_property: "address",
      warp_field: "address",
      ...both("WARP_WINS", true),
      is_complex: true,
      sub_mappings: { street: "address->>'line1'", city: "address->>'city'" },
    },
    local: ["Main St 1", "Berlin", null],
    hubspot: ["Main St 2", "Bonn", ""],
  },
  state: {
    written: { hubspot_property: "state", ...at("address", "state"), ...both("HUBSPOT_WINS") },
    local: ["BE", "NW", null],
    hubspot: ["HH", "NW", ""],
  },
};

const contacts: Readonly<Record<string, ModelField>> = {
  first_name: {
    written: { ...own("firstname", "first_name"), ...both("LATEST_WINS") },
    ...names,
  },
  last_name: {
    written: { ...own("lastname", "last_name"), ...both("HUBSPOT_WINS", true) },
    ...names,
  },
  job_title: {
    written: { ...own("jobtitle", "job_title"), ...both("MANUAL", true) },
    ...names,
  },
  phone: { written: { ...own("phone"), ...both("LATEST_WINS", true), type: "phone" }, ...phones },
  country: {
    written: { ...own("country"), ...both("WARP_WINS"), type: "country" },
    local: ["DE", "Austria", "Atlantis", null],
    hubspot: ["Germany", "United States", "Atlantis", ""],
  },
  website: {
    written: { ...own("website"), ...both("LATEST_WINS", true), type: "url" },
    local: ["https://www.Acme.com/", "acme.com/jobs", null],
    hubspot: ["http://acme.com", "bolt.example", ""],
  },
  quality_score: {
    written: { ...own("sync_quality_score", "quality_score"), ...outward },
    local: [10, 55, null],
    hubspot: ["99", ""],
  },
  nick: {
    written: {
      hubspot_property: "sync_nick",
      ...at("custom", "nick"),
      ...both("LATEST_WINS", true),
    },
    ...names,
  },
  likes: {
    written: {
      hubspot_property: "sync_likes",
      ...at("custom", "likes"),
      ...both("MANUAL", true),
      type: "set",
      enum_values: ["news", "events", "offers"],
    },
    local: ["news", "offers;News", "gossip", null],
    hubspot: ["events;news", "offers", ""],
  },
  segment: {
    written: { hubspot_property: "sync_segment", ...at("custom", "segment"), ...inward },
    local: ["mine", null],
    hubspot: ["A", "B", ""],
  },
};

const keys = {
  contacts: { email: { ...own("email"), ...both("LATEST_WINS"), type: "email" } },
  customers: {
    ban: { ...own("warp_ban", "ban"), ...outward },
    company_id: {
      hubspot_property: "hs_object_id",
      ...at("external_ids", "company_id"),
      sync_direction: "NONE",
    },
  },
};

/** The map, as the server loads it. */
export function modelMaps(): FieldMaps {
  const sections = { contacts, customers };
  const text = Object.entries(sections).map(([object, fields]) => [
    object,
    {
      ...Reflect.get(keys, object),
      ...Object.fromEntries(Object.entries(fields).map(([name, { written }]) => [name, written])),
    },
  ]);
  return parseFieldMap(JSON.stringify(Object.fromEntries(text)), "model");
}

/** What is written into a field; of a part of a complex field what is written into all its parts. */
export function poolOf(object: "contacts" | "customers", field: string): Pool | undefined {
  const fields = object === "contacts" ? contacts : customers;
  return fields[field.split(".")[0] ?? ""];
}
