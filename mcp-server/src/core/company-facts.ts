/** What is known of a company as numbered facts, the only thing that generated text may build on. */
import type { Fact, Firmographics } from "./company.ts";
import { countryName } from "./country.ts";
import { type ModelField, sanitise } from "./sanitise.ts";

/** What is known: the provider's firmographics, or only what the contacts themselves brought. */
export interface KnownCompany {
  readonly domain: string | null;
  readonly name: string | null;
  readonly firmographics: Firmographics | null;
}

/** `withheld` are the texts that look like instructions and were left out; the model never sees them. */
export interface CompanyFacts {
  readonly facts: readonly Fact[];
  readonly withheld: readonly string[];
}

// With a name alone a model can only guess.
const FEWEST_FACTS = 2;
const MOST_TECHNOLOGIES = 15;

interface Statement {
  readonly label: string;
  readonly value: string | null;
  readonly field: ModelField;
}

/** The facts in a fixed order, `F1` first: the same company always gives the same text, so answers can be cached by it. */
export function companyFacts(company: KnownCompany): CompanyFacts {
  const facts: Fact[] = [];
  const withheld: string[] = [];
  for (const { label, value, field } of statements(company)) {
    const checked = value === null ? null : sanitise(value, field);
    if (checked?.kind === "suspected") withheld.push(checked.text);
    if (checked?.kind !== "clean" || checked.text === null) continue;
    facts.push({ id: `F${facts.length + 1}`, text: `${label}: ${checked.text}` });
  }
  return { facts, withheld };
}

/** True when there is something to write from. */
export function isEnoughToWrite(facts: readonly Fact[]): boolean {
  return facts.length >= FEWEST_FACTS;
}

function statements({ domain, name, firmographics: known }: KnownCompany): readonly Statement[] {
  return [
    { label: "Company name", value: known?.name ?? name, field: "name" },
    { label: "Web domain", value: domain, field: "label" },
    { label: "Industry", value: known?.industry ?? null, field: "label" },
    { label: "What it says of itself", value: known?.description ?? null, field: "description" },
    { label: "Headquarters", value: headquarters(known), field: "label" },
    { label: "Employees", value: known?.employees_range ?? null, field: "label" },
    { label: "Yearly revenue in US dollars", value: known?.revenue_range ?? null, field: "label" },
    { label: "Technologies in use", value: technologies(known), field: "description" },
  ];
}

function headquarters(known: Firmographics | null): string | null {
  const country = known?.country ? (countryName(known.country) ?? known.country) : null;
  const parts = [known?.city, known?.region, country].filter((part) => part);
  return parts.length === 0 ? null : parts.join(", ");
}

function technologies(known: Firmographics | null): string | null {
  const names = known?.technologies.slice(0, MOST_TECHNOLOGIES) ?? [];
  return names.length === 0 ? null : names.join(", ");
}
