/** HubSpot's own properties as everybody has them: they need not be created, and some of them cannot be written. */
import type { Section } from "./field-map-schema.ts";

// Of those that people map; what else an account has, its own definitions tell before the first write.
const own: Readonly<Record<Section, ReadonlySet<string>>> = {
  contacts: new Set(
    (
      "email firstname lastname salutation phone mobilephone fax work_email company jobtitle job_function seniority " +
      "industry website linkedinbio twitterhandle address city state zip country date_of_birth numemployees " +
      "annualrevenue message closedate lifecyclestage hubspot_owner_id associatedcompanyid"
    ).split(" "),
  ),
  customers: new Set(
    (
      "name domain website phone description about_us industry type address address2 city state zip country timezone " +
      "numberofemployees annualrevenue founded_year is_public total_money_raised web_technologies " +
      "linkedin_company_page linkedinbio facebook_company_page twitterhandle closedate lifecyclestage hubspot_owner_id"
    ).split(" "),
  ),
};

const readOnly = new Set(
  (
    "createdate lastmodifieddate hs_createdate hs_lastmodifieddate hs_object_id hs_object_source hs_object_source_id " +
    "hs_object_source_label hs_merged_object_ids hs_all_contact_vids hs_email_domain hs_email_optout hs_is_contact " +
    "hs_is_unworked hs_full_name_or_email hs_num_child_companies hs_parent_company_id hubspot_owner_assigneddate " +
    "notes_last_updated notes_last_contacted notes_next_activity_date num_notes num_contacted_notes " +
    "num_associated_contacts num_associated_deals total_revenue days_to_close hubspotscore first_deal_created_date " +
    "recent_deal_amount recent_deal_close_date"
  ).split(" "),
);
const readOnlyFamilies =
  /^hs_(?:analytics|calculated|date_entered|date_exited|time_in|v2|predictive|sales_email|sequences|created_by|updated_by)_/;

/** Whether every HubSpot account has the property, or only HubSpot can create one of that name (`hs_` is kept for it). */
export function isHubspotOwn(object: Section, property: string): boolean {
  return own[object].has(property) || readOnly.has(property) || property.startsWith("hs_");
}

/** Whether HubSpot alone writes the property, in every account. */
export function isAlwaysReadOnly(property: string): boolean {
  return readOnly.has(property) || readOnlyFamilies.test(property);
}
