/** The timeline note that tells a salesperson what an enrichment found. */
import type { Company } from "./company.ts";
import type { Contact } from "./contact.ts";

/** HubSpot refuses longer note bodies (HubSpot docs, notes guide, read 2026-04). */
const MAX_BODY = 65_536;

/**
 * The mark a note carries so that it can be found again: one per contact and enrichment.
 * null when the contact was not enriched or there is nothing to tell.
 */
export function noteMarker(contact: Contact, company: Company | null): string | null {
  if (!contact.enriched_at) return null;
  if (!contact.intelligence && !company?.firmographics) return null;
  return `sync-note-${contact.id}-${contact.enriched_at.replaceAll(/\D/g, "")}`;
}

/** The note's HTML. Everything that came from outside is escaped; the marker stands at the end. */
export function noteBody(contact: Contact, company: Company | null, marker: string): string {
  const parts = [
    "<p><strong>Enriched by hubspot-sync</strong></p>",
    paragraph("Company", company ? companyLine(company) : null),
    paragraph("Summary", contact.intelligence?.summary ?? null),
    list("Likely pain points", contact.intelligence?.pain_points ?? []),
    list("Ways to open", contact.intelligence?.personalization_hooks ?? []),
    paragraph(
      "Data quality",
      contact.quality_score === null ? null : `${contact.quality_score} of 100`,
    ),
  ];
  const tail = `<p><small>${escapeHtml(marker)}</small></p>`;
  return parts.join("").slice(0, MAX_BODY - tail.length) + tail;
}

function companyLine(company: Company): string | null {
  const known = company.firmographics;
  const facts = [
    known?.name ?? company.name,
    known?.industry,
    known?.employees_range ? `${known.employees_range} employees` : null,
    known?.revenue_range ? `revenue ${known.revenue_range}` : null,
    known?.country,
  ].filter(Boolean);
  return facts.length > 0 ? facts.join(" · ") : null;
}

function paragraph(title: string, text: string | null): string {
  return text ? `<p><strong>${title}:</strong> ${escapeHtml(text)}</p>` : "";
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  return `<p><strong>${title}</strong></p><ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
