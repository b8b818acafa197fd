/** Job titles read as a level and a department, in the words that Explorium uses for both. */
import { isPlaceholderName } from "./name.ts";

export type Seniority =
  | "founder"
  | "owner"
  | "c-suite"
  | "president"
  | "vice president"
  | "director"
  | "partner"
  | "board member"
  | "senior manager"
  | "manager"
  | "senior non-managerial"
  | "junior"
  | "advisor"
  | "freelancer"
  | "non-managerial";

// First match wins, so "VP" stands before "President" and "Senior Manager" before "Manager" and "Senior".
const SENIORITY: readonly (readonly [Seniority, RegExp])[] = [
  ["founder", /\b(co-?)?founder|fondat(eur|rice)|gründer(in)?\b/i],
  ["owner", /\b(owner|proprietor|inhaber(in)?)\b/i],
  ["vice president", /\b([es]?vp|vice[ -]president)\b/i],
  [
    "c-suite",
    /\b(c[efimoprst]o|chro|cdo|ciso|chief|geschäftsführer(in)?|managing director|directeur général)\b/i,
  ],
  ["president", /\bpresident\b/i],
  ["board member", /\b(board member|chair(man|woman|person)?|non-executive director)\b/i],
  ["partner", /\b(managing |senior )?partner\b(?! (manager|success|marketing))/i],
  ["director", /\b(director|direct(eur|rice)|direktor(in)?|head of|leiter(in)?|global head)\b/i],
  ["senior manager", /\b(senior|sr\.?|general) manager\b/i],
  ["manager", /\b(manager(in)?|team ?lead(er)?|supervisor|responsable|gerente)\b/i],
  [
    "junior",
    /\b(junior|jr\.?|intern|trainee|assistant|apprentice|working student|praktikant(in)?)\b/i,
  ],
  ["advisor", /\b(advis[eo]r|consultant|berater(in)?)\b/i],
  ["freelancer", /\b(freelance(r)?|self-employed|contractor)\b/i],
  ["senior non-managerial", /\b(senior|sr\.?|principal|staff|lead|architect)\b/i],
];

const DEPARTMENTS: readonly (readonly [string, RegExp])[] = [
  ["customer success", /\b(customer|client) (success|experience)\b/i],
  ["human resources", /\b(hr|human resources|people|talent|recruit\w*|chro|personal\w*)\b/i],
  [
    "sales",
    /\b(sales|account executive|business development|[bs]dr|revenue|cro|vertrieb\w*|commercial|ventas)\b/i,
  ],
  ["marketing", /\b(marketing|growth|brand|seo|content|communications?|cmo|demand gen\w*)\b/i],
  ["product", /\b(product|cpo)\b/i],
  ["data", /\b(data|analytics?|business intelligence|machine learning|ai)\b/i],
  ["security", /\b(security|ciso|infosec)\b/i],
  [
    "engineering",
    /\b(engineer\w*|developer|entwickler(in)?|software|devops|sre|cto|architect|technology|tech lead)\b/i,
  ],
  ["it", /\b(it|cio|information technology|systems? administrator|helpdesk)\b/i],
  ["finance", /\b(financ\w*|accountant|accounting|controller|controlling|cfo|treasur\w*|tax)\b/i],
  ["legal", /\b(legal|lawyer|counsel|compliance|attorney)\b/i],
  ["procurement", /\b(procurement|purchasing|buyer|einkauf\w*|sourcing)\b/i],
  ["logistics", /\b(logisti\w*|supply chain|warehouse|fleet)\b/i],
  ["manufacturing", /\b(manufactur\w*|production|plant)\b/i],
  ["operations", /\b(operations?|coo|ops)\b/i],
  ["support", /\b(support|customer service)\b/i],
  ["design", /\b(design\w*|ux|ui)\b/i],
  ["r&d", /\b(research\w*|r&d|scientist)\b/i],
  ["education", /\b(teacher|professor|lecturer|education)\b/i],
  ["healthcare", /\b(nurse|doctor|physician|medical|clinical)\b/i],
  ["administration", /\b(office|administrat\w*|executive assistant|secretary|assistant)\b/i],
];

/** The level a title speaks of; null when it does not say. */
export function titleSeniority(title: string): Seniority | null {
  return SENIORITY.find(([, pattern]) => pattern.test(title))?.[0] ?? null;
}

/** The department a title speaks of; null when it does not say. */
export function titleDepartment(title: string): string | null {
  const named = DEPARTMENTS.find(([, pattern]) => pattern.test(title))?.[0];
  if (named !== undefined) return named;
  const level = titleSeniority(title);
  return level === "c-suite" || level === "founder" ? "c-suite" : null;
}

/** False for titles that say nothing: placeholders, addresses, links, bare digits, a single letter. */
export function isPlausibleTitle(title: string): boolean {
  const letters = title.match(/\p{L}/gu)?.length ?? 0;
  return letters >= 2 && !isPlaceholderName(title) && !/@|https?:|www\./i.test(title);
}
