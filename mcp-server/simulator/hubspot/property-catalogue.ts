/** The properties that a fresh account has, one a line: name|label|type|fieldType|flags|options. */
import {
  COMPANY_INDUSTRIES,
  DATES_AND_SOURCES,
  LEAD_STATUSES,
  LIFECYCLE,
} from "./property-options.ts";

/**
 * Flags: `r` value is read-only, `c` calculated by HubSpot, `u` unique, `x` options live elsewhere
 * (owners), `h` hidden. Options are `value` or `value=Label`, separated by commas.
 */
const CONTACTS = `
email|Email|string|text||
firstname|First Name|string|text||
lastname|Last Name|string|text||
hs_additional_emails|Additional email addresses|string|textarea||
salutation|Salutation|string|text||
phone|Phone Number|string|phonenumber||
mobilephone|Mobile Phone Number|string|phonenumber||
fax|Fax Number|string|text||
work_email|Work email|string|text||
company|Company Name|string|text||
jobtitle|Job Title|string|text||
job_function|Job function|string|text||
seniority|Seniority|string|text||
hs_seniority|Employment Seniority|enumeration|select||director,employee,entry,executive,manager,owner,partner,senior,vp
hs_role|Employment Role|enumeration|select||accounting,administrative,business_development,communications,consulting,customer_service,design,education,engineering,finance,human_resources,information_technology,legal,marketing,operations,product,sales,other
hs_buying_role|Buying Role|enumeration|checkbox||BLOCKER=Blocker,BUDGET_HOLDER=Budget Holder,CHAMPION=Champion,DECISION_MAKER=Decision Maker,END_USER=End User,EXECUTIVE_SPONSOR=Executive Sponsor,INFLUENCER=Influencer,LEGAL_AND_COMPLIANCE=Legal & Compliance,OTHER=Other
industry|Industry|string|text||
website|Website URL|string|text||
hs_linkedin_url|LinkedIn URL|string|text||
linkedinbio|LinkedIn Bio|string|text||
twitterhandle|Twitter Username|string|text||
address|Street Address|string|text||
city|City|string|text||
state|State/Region|string|text||
zip|Postal Code|string|text||
country|Country/Region|string|text||
hs_country_region_code|Country/Region Code|string|text||
hs_language|Preferred language|enumeration|select||en=English,de=German,fr=French,es=Spanish,it=Italian,nl=Dutch,pt=Portuguese,pl=Polish,sv=Swedish,da=Danish,ja=Japanese,ko=Korean
date_of_birth|Date of birth|string|text||
numemployees|Number of Employees|enumeration|select||1-5,5-25,25-50,50-100,100-500,500-1000,1000+
annualrevenue|Annual Revenue|string|text||
message|Message|string|textarea||
closedate|Close Date|datetime|date||
total_revenue|Total Revenue|number|number|rc|
associatedcompanyid|Primary Associated Company ID|number|number||
hubspot_owner_id|Contact owner|enumeration|select|x|
hubspot_owner_assigneddate|Owner assigned date|datetime|date|rc|
hs_email_optout|Unsubscribed from all email|bool|booleancheckbox|r|true=True,false=False
hs_email_domain|Email Domain|string|text|rc|
hs_full_name_or_email|Full name or email|string|text|rc|
hs_is_contact|Is a contact|bool|booleancheckbox|rc|true=True,false=False
hs_is_unworked|Contact unworked|bool|booleancheckbox|rc|true=True,false=False
hs_all_contact_vids|All vids for a contact|string|text|rc|
hs_associated_target_accounts|Associated Target Accounts|number|number|rc|
hs_currently_enrolled_in_prospecting_agent|Enrolled in prospecting agent|bool|booleancheckbox|rc|true=True,false=False
hs_membership_has_accessed_private_content|Has accessed private content|number|number|rc|
hs_prospecting_agent_actively_enrolled_count|Prospecting agent active count|number|number|rc|
hs_prospecting_agent_total_enrolled_count|Prospecting agent total count|number|number|rc|
hs_registered_member|Registered member|number|number|rc|
hs_sequences_actively_enrolled_count|Sequences actively enrolled|number|number|rc|
hs_analytics_source|Original Traffic Source|enumeration|select|r|ORGANIC_SEARCH=Organic search,PAID_SEARCH=Paid search,DIRECT_TRAFFIC=Direct traffic,OFFLINE=Offline sources
hs_calculated_merged_vids|Merged vids with timestamps|string|text|rc|
num_notes|Number of Sales Activities|number|number|rc|
num_contacted_notes|Number of times contacted|number|number|rc|
notes_last_updated|Last Activity Date|datetime|date|rc|
notes_last_contacted|Last Contacted|datetime|date|rc|
lastmodifieddate|Last Modified Date|datetime|date|r|
createdate|Create Date|datetime|date|r|
${DATES_AND_SOURCES}
${LIFECYCLE}
${LEAD_STATUSES}
`;

const COMPANIES = `
name|Company name|string|text||
domain|Company Domain Name|string|text||
hs_additional_domains|Additional Domains|string|textarea||
website|Website URL|string|text||
phone|Phone Number|string|phonenumber||
description|Description|string|textarea||
about_us|About Us|string|textarea||
industry|Industry|enumeration|select||${COMPANY_INDUSTRIES}
type|Type|enumeration|select||PROSPECT=Prospect,PARTNER=Partner,RESELLER=Reseller,VENDOR=Vendor,OTHER=Other
address|Street Address|string|text||
address2|Street Address 2|string|text||
city|City|string|text||
state|State/Region|string|text||
zip|Postal Code|string|text||
country|Country/Region|string|text||
hs_country_code|Country Code|string|text||
timezone|Time Zone|string|text||
numberofemployees|Number of Employees|number|number||
annualrevenue|Annual Revenue|number|number||
founded_year|Year Founded|string|text||
is_public|Is Public|bool|booleancheckbox||true=True,false=False
total_money_raised|Total Money Raised|string|text||
web_technologies|Web Technologies|enumeration|checkbox||shopify=Shopify,salesforce=Salesforce,hubspot=HubSpot,google_analytics=Google Analytics,stripe=Stripe,intercom=Intercom,zendesk=Zendesk,segment=Segment,wordpress=WordPress
linkedin_company_page|LinkedIn Company Page|string|text||
linkedinbio|LinkedIn Bio|string|text||
facebook_company_page|Facebook Company Page|string|text||
twitterhandle|Twitter Handle|string|text||
hs_employee_range|Employee range|enumeration|select||1,2-10,11-50,51-200,201-500,501-1000,1001-5000,5001-10000,10001+
hs_revenue_range|Revenue range|enumeration|select||0-1M,1M-10M,10M-50M,50M-100M,100M-250M,250M-500M,500M-1B,1B+
hs_is_target_account|Target Account|bool|booleancheckbox||true=True,false=False
hs_ideal_customer_profile|Ideal Customer Profile Tier|enumeration|select||tier_1=Tier 1,tier_2=Tier 2,tier_3=Tier 3
closedate|Close Date|datetime|date||
hubspot_owner_id|Company owner|enumeration|select|x|
hubspot_owner_assigneddate|Owner assigned date|datetime|date|rc|
hs_parent_company_id|Parent Company|number|number|r|
hs_num_child_companies|Number of child companies|number|number|rc|
num_associated_contacts|Number of Associated Contacts|number|number|rc|
num_notes|Number of Sales Activities|number|number|rc|
notes_last_updated|Last Activity Date|datetime|date|rc|
notes_last_contacted|Last Contacted|datetime|date|rc|
hs_lastmodifieddate|Last Modified Date|datetime|date|r|
createdate|Create Date|datetime|date|r|
${DATES_AND_SOURCES}
${LIFECYCLE}
${LEAD_STATUSES}
`;

const DEALS = `
dealname|Deal Name|string|text||
amount|Amount|number|number||
pipeline|Pipeline|enumeration|select||default=Sales Pipeline
dealstage|Deal Stage|enumeration|radio||appointmentscheduled=Appointment Scheduled,qualifiedtobuy=Qualified To Buy,presentationscheduled=Presentation Scheduled,decisionmakerboughtin=Decision Maker Bought-In,contractsent=Contract Sent,closedwon=Closed Won,closedlost=Closed Lost
dealtype|Deal Type|enumeration|radio||newbusiness=New Business,existingbusiness=Existing Business
closedate|Close Date|datetime|date||
description|Deal Description|string|textarea||
hubspot_owner_id|Deal owner|enumeration|select|x|
num_notes|Number of Sales Activities|number|number|rc|
notes_last_updated|Last Activity Date|datetime|date|rc|
hs_lastmodifieddate|Last Modified Date|datetime|date|r|
createdate|Create Date|datetime|date|r|
${DATES_AND_SOURCES}
`;

const TICKETS = `
subject|Ticket name|string|text||
content|Ticket description|string|textarea||
hs_pipeline|Pipeline|enumeration|select||0=Support Pipeline
hs_pipeline_stage|Ticket status|enumeration|select||1=New,2=Waiting on contact,3=Waiting on us,4=Closed
hs_ticket_category|Category|enumeration|checkbox||PRODUCT_ISSUE=Product issue,BILLING_ISSUE=Billing issue,FEATURE_REQUEST=Feature request,GENERAL_INQUIRY=General inquiry
hs_ticket_priority|Priority|enumeration|select||LOW=Low,MEDIUM=Medium,HIGH=High,URGENT=Urgent
hs_external_object_ids|External object ids|string|text|u|
hubspot_owner_id|Ticket owner|enumeration|select|x|
hs_lastmodifieddate|Last modified date|datetime|date|r|
createdate|Create date|datetime|date|r|
${DATES_AND_SOURCES}
`;

const ACTIVITY = `
hs_timestamp|Activity date|datetime|date||
hubspot_owner_id|Activity assigned to|enumeration|select|x|
hs_attachment_ids|Attached file IDs|enumeration|checkbox|x|
hs_body_preview|Body preview|string|text|rc|
hs_unique_creation_key|Unique creation key|string|text|ru|
hs_unique_id|Unique ID|string|text||
hs_createdate|Create date|datetime|date|r|
hs_lastmodifieddate|Last modified date|datetime|date|r|
${DATES_AND_SOURCES}
`;

const ACTIVITY_FIELDS: Readonly<Record<string, string>> = {
  notes: "hs_note_body|Note body|string|html||",
  tasks: `hs_task_subject|Task title|string|text||
hs_task_body|Task notes|string|html||
hs_task_status|Task status|enumeration|select||COMPLETED,DEFERRED,IN_PROGRESS,NOT_STARTED,WAITING
hs_task_priority|Priority|enumeration|select||NONE,LOW,MEDIUM,HIGH
hs_task_type|Task type|enumeration|select||CALL,EMAIL,TODO`,
  meetings: `hs_meeting_title|Meeting name|string|text||
hs_meeting_body|Meeting description|string|html||
hs_meeting_start_time|Start time|datetime|date||
hs_meeting_end_time|End time|datetime|date||
hs_meeting_outcome|Outcome|enumeration|select||SCHEDULED,COMPLETED,RESCHEDULED,NO_SHOW,CANCELED`,
  calls: `hs_call_title|Call title|string|text||
hs_call_body|Call notes|string|html||
hs_call_duration|Call duration|number|number||
hs_call_disposition|Call outcome|string|text||
hs_call_direction|Call direction|enumeration|select||INBOUND,OUTBOUND
hs_call_status|Call status|enumeration|select||BUSY,CALLING_CRM_USER,CANCELED,COMPLETED,CONNECTING,FAILED,IN_PROGRESS,NO_ANSWER,QUEUED,RINGING`,
  communications: `hs_communication_channel_type|Channel type|enumeration|select||WHATS_APP=WhatsApp,LINKEDIN_MESSAGE=LinkedIn message,SMS
hs_communication_body|Communication body|string|html||
hs_communication_logged_from|Logged from|enumeration|select||CRM`,
  emails: `hs_email_direction|Email direction|enumeration|select||EMAIL,INCOMING_EMAIL,FORWARDED_EMAIL
hs_email_subject|Email subject|string|text||
hs_email_text|Email body|string|textarea||
hs_email_html|Email HTML|string|html||
hs_email_headers|Email headers|string|textarea||
hs_email_status|Email send status|enumeration|select||BOUNCED,FAILED,SCHEDULED,SENDING,SENT`,
};

/** The catalogue of one object type, one property a line. */
export function catalogueOf(typeName: string): string {
  if (typeName === "contacts") return CONTACTS;
  if (typeName === "companies") return COMPANIES;
  if (typeName === "deals") return DEALS;
  if (typeName === "tickets") return TICKETS;
  return `${ACTIVITY_FIELDS[typeName] ?? ""}\n${ACTIVITY}`;
}
