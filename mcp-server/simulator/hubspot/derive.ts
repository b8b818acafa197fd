/** Values that HubSpot computes itself, and how given values are stored. */
import type { ObjectType } from "./object-types.ts";
import { LIFECYCLE_STAGES } from "./property-options.ts";
import { liveProperty, type PropertyDefinition, type PropertyStore } from "./property-store.ts";
import type { Values } from "./records.ts";
import { parseTime, withoutPadding } from "./value-rules.ts";

const EMAIL_PROPERTIES = new Set(["email", "hs_additional_emails"]);

/** Part of an e-mail after the at sign. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1);
}

function storedTime(definition: PropertyDefinition, value: string): string {
  const time = parseTime(value);
  if (time === null) return value;
  const iso = new Date(time).toISOString();
  return definition.type === "date" ? iso.slice(0, 10) : iso.replace(".000Z", "Z");
}

/** A leading semicolon adds to what a multiple checkbox holds. */
function storedOptions(value: string, current: string): string {
  if (!value.startsWith(";")) return value;
  return [...new Set([...current.split(";"), ...value.split(";")])].filter(Boolean).join(";");
}

/** The stage moves forward only; going back needs a clearing write first. */
function storedStage(value: string, current: string): string {
  if (value === "" || current === "") return value;
  return LIFECYCLE_STAGES.indexOf(value) < LIFECYCLE_STAGES.indexOf(current) ? current : value;
}

function stored(definition: PropertyDefinition, given: string, current: string): string {
  const value = withoutPadding(definition, given);
  if (value === "") return "";
  if (EMAIL_PROPERTIES.has(definition.name)) return value.toLowerCase();
  if (definition.name === "lifecyclestage") return storedStage(value, current);
  if (definition.fieldType === "checkbox") return storedOptions(value, current);
  if (definition.type === "date" || definition.type === "datetime")
    return storedTime(definition, value);
  return value;
}

/** The given values as HubSpot stores them, without those that change nothing. */
export function changesTo(store: PropertyStore, before: Values, given: Values): Values {
  const changes: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const definition = liveProperty(store, name);
    if (definition === undefined) continue;
    const current = before[name] ?? "";
    const next = stored(definition, value, current);
    if (next !== current) changes[name] = next;
  }
  return changes;
}

function contactNames(after: Values): Record<string, string> {
  const email = after["email"] ?? "";
  const name = [after["firstname"], after["lastname"]].filter(Boolean).join(" ");
  return {
    hs_full_name_or_email: name === "" ? email : name,
    hs_email_domain: email === "" ? "" : domainOf(email),
  };
}

function stageDate(changes: Values, at: number): Record<string, string> {
  const stage = changes["lifecyclestage"] ?? "";
  return stage === "" ? {} : { [`hs_lifecyclestage_${stage}_date`]: String(at) };
}

function bodyPreview(changes: Values): Record<string, string> {
  const html = changes["hs_note_body"];
  if (html === undefined) return {};
  const text = html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  return { hs_body_preview: text.trim().slice(0, 256) };
}

/** Computed values that follow from a write. */
export function derivedFrom(type: ObjectType, before: Values, changes: Values, at: number): Values {
  const names =
    type.name === "contacts" &&
    ["email", "firstname", "lastname"].some((name) => changes[name] !== undefined)
      ? contactNames({ ...before, ...changes })
      : {};
  const all = { ...names, ...stageDate(changes, at), ...bodyPreview(changes) };
  return Object.fromEntries(
    Object.entries(all).filter(([name, value]) => value !== (before[name] ?? "")),
  );
}

// Recorded response of a contact batch create, 2025-11: these come with every new contact.
const NEW_CONTACT: Values = {
  hs_associated_target_accounts: "0",
  hs_currently_enrolled_in_prospecting_agent: "false",
  hs_is_contact: "true",
  hs_is_unworked: "true",
  hs_membership_has_accessed_private_content: "0",
  hs_pipeline: "contacts-lifecycle-pipeline",
  hs_prospecting_agent_actively_enrolled_count: "0",
  hs_prospecting_agent_total_enrolled_count: "0",
  hs_registered_member: "0",
  hs_sequences_actively_enrolled_count: "0",
  lifecyclestage: "lead",
  num_notes: "0",
};

const NEW_COMPANY: Values = {
  hs_num_child_companies: "0",
  hs_pipeline: "companies-lifecycle-pipeline",
  lifecyclestage: "lead",
  num_associated_contacts: "0",
  num_notes: "0",
};

/** What a new record of this type holds before anything is given. */
export function newRecordDefaults(type: ObjectType, id: string): Values {
  if (type.name === "contacts") return { ...NEW_CONTACT, hs_all_contact_vids: id };
  return type.name === "companies" ? NEW_COMPANY : {};
}
