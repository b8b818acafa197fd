/** What a model is told of people: the named minimum, sanitised, in pieces of one company. */
import type { Contact } from "./contact.ts";
import { isPlausibleTitle, titleDepartment, titleSeniority } from "./job-title.ts";
import { type ModelField, sanitise } from "./sanitise.ts";

/** One person as the model sees them. No last name, address, number or profile ever gets in here. */
export interface BriefedPerson {
  readonly first_name: string | null;
  readonly job_title: string | null;
  readonly seniority: string | null;
  readonly department: string | null;
  readonly country: string | null;
  readonly engagement_state: string | null;
}

/** A person and the texts that were left out because they look like instructions to a model. */
export interface Briefing {
  readonly person: BriefedPerson;
  readonly withheld: readonly string[];
}

/** So many people fit one request without its answer getting worse or too long. */
export const PEOPLE_PER_BRIEF = 8;

/** A contact reduced to what the model may see. */
export function briefPerson(contact: Contact): Briefing {
  const withheld: string[] = [];
  const seen = (text: string | null, field: ModelField): string | null => {
    const checked = text === null ? null : sanitise(text, field);
    if (checked?.kind === "suspected") withheld.push(checked.text);
    return checked?.kind === "clean" ? checked.text : null;
  };
  const title = seen(contact.job_title, "title");
  const job_title = title !== null && isPlausibleTitle(title) ? title : null;
  const person = {
    first_name: seen(contact.first_name, "name"),
    job_title,
    seniority: job_title === null ? null : titleSeniority(job_title),
    department: job_title === null ? null : titleDepartment(job_title),
    country: seen(contact.country, "label"),
    engagement_state: seen(contact.engagement_state, "label"),
  };
  return { person, withheld };
}

/** The items in their order, in pieces of at most `size`. */
export function inPieces<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
