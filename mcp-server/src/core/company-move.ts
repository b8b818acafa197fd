/** Decides what a contact's company becomes: what HubSpot shows, what the local domain stands for, and what both were last. */
import { type CompanyBase, domainMark } from "./company-base.ts";

/**
 * Both sides of a contact's company. `primary` is HubSpot's primary company; undefined: HubSpot did not say. `isOwn`: that company is the
 * one of the local domain (by our link, or because it has this domain).
 */
export interface CompanyView {
  readonly base: CompanyBase | null;
  readonly domain: string | null;
  readonly primary: string | null | undefined;
  /** The HubSpot company that the local domain is linked with; null: none yet. */
  readonly linked: string | null;
  readonly isOwn: boolean;
}

/**
 * What to do, with the rule in a few words for the log. `rest`: nothing, and the base to keep (null: none). `parted`: HubSpot's people took the
 * company away; it is not given back. `follow`: the local contact gets HubSpot's company; `lost` is the local domain that gives way where both
 * sides had moved. `associate`: HubSpot gets the company of the local domain, as the primary one or beside the one that people
 * chose. `drop`: an association that we made and that no longer holds.
 */
export type CompanyMove =
  | {
      readonly kind: "rest";
      readonly rule: string;
      readonly base: CompanyBase | null;
      readonly drop: string | null;
    }
  | { readonly kind: "parted"; readonly rule: string }
  | {
      readonly kind: "follow";
      readonly rule: string;
      readonly company: string;
      readonly lost?: string | null;
    }
  | {
      readonly kind: "associate";
      readonly rule: string;
      readonly as: "primary" | "beside";
      readonly drop: string | null;
    };

/** Whether both sides are as they were: nothing needs to be known beside the base. */
export function isInStep({
  base,
  domain,
  primary,
}: Omit<CompanyView, "linked" | "isOwn">): boolean {
  if (base === null) return domain === null && (primary ?? null) === null;
  if (base.mark === undefined) return false;
  return domainMark(domain) === base.mark && (primary === undefined || primary === base.primary);
}

/**
 * The decision. Three-way like a field's: only HubSpot moved → follow; only the domain moved → associate; both moved → HubSpot wins, unless it
 * only lost a company, which contradicts no new one. Without a base the present rule of first links holds: one side fills the other, and a company
 * that people chose stays primary.
 */
export function companyMove(view: CompanyView): CompanyMove {
  const { base, primary } = view;
  if (primary === undefined) return unsaid(view);
  if (base === null) return firstLook(view, primary);
  if (base.primary === undefined || base.mark === undefined) return knownBefore(view, primary);
  return threeWay(view, base, primary);
}

function threeWay(view: CompanyView, base: CompanyBase, primary: string | null): CompanyMove {
  const hasMoved = domainMark(view.domain) !== base.mark;
  const isMoved = primary !== base.primary;
  if (!(hasMoved || isMoved)) return rest("equal", base);
  if (view.isOwn && primary !== null) return agreed(view, primary);
  if (!hasMoved) return primary === null ? parted() : follow("only HubSpot moved", primary);
  if (isMoved && primary !== null)
    return { ...follow("both moved: HubSpot wins", primary), lost: view.domain };
  return localMoved(view, primary);
}

/** The primary company is unknown, so none may be replaced. */
function unsaid({ base, domain, linked }: CompanyView): CompanyMove {
  const isSame =
    base !== null &&
    (base.mark === undefined ? base.company === linked : base.mark === domainMark(domain));
  if (domain === null || isSame) return rest("HubSpot did not say", base);
  return { kind: "associate", rule: "fills HubSpot", as: "beside", drop: null };
}

function firstLook(view: CompanyView, primary: string | null): CompanyMove {
  const { domain, isOwn } = view;
  if (primary !== null && isOwn) return agreed(view, primary);
  if (domain === null)
    return primary === null ? rest("none", null) : follow("fills local", primary);
  if (primary === null)
    return { kind: "associate", rule: "fills HubSpot", as: "primary", drop: null };
  return { kind: "associate", rule: "people chose another one", as: "beside", drop: null };
}

/** An earlier version associated the contact without noting what HubSpot showed: what is found now is taken for it. */
function knownBefore(view: CompanyView, primary: string | null): CompanyMove {
  const { base, domain, linked } = view;
  const company = base?.company ?? null;
  const isKnown = company !== null && (company === linked || company === primary);
  if (!isKnown) return firstLook(view, primary);
  return rest("equal", { company, primary, mark: domainMark(domain), made: null });
}

/** An association of ours with another company goes only when it was the local domain that moved away from it. */
function agreed({ base, domain }: CompanyView, primary: string): CompanyMove {
  const made = base?.made ?? null;
  const mark = domainMark(domain);
  const hasMoved = base !== null && base.mark !== undefined && base.mark !== mark;
  const drop = hasMoved && made !== primary ? made : null;
  const next = { company: primary, primary, mark, made: made === primary ? made : null };
  return { ...rest("both sides agree", next), drop };
}

function localMoved({ base, domain }: CompanyView, primary: string | null): CompanyMove {
  const made = base?.made ?? null;
  if (domain === null) {
    const left = {
      company: null,
      primary: primary === made ? null : primary,
      mark: null,
      made: null,
    };
    return { ...rest("the local domain was emptied", left), drop: made };
  }
  const isOurs = primary === null || primary === base?.company;
  const rule = "only local moved";
  return { kind: "associate", rule, as: isOurs ? "primary" : "beside", drop: made };
}

/** The base once HubSpot has the association. @param hadIt the two were associated before, by whomever */
export function associatedBase(
  view: Pick<CompanyView, "base" | "domain" | "primary">,
  move: Extract<CompanyMove, { kind: "associate" }>,
  { company, hadIt }: { readonly company: string; readonly hadIt: boolean },
): CompanyBase {
  const { base, domain } = view;
  const isOurs = !hadIt || base?.made === company;
  const made = isOurs ? company : null;
  const mark = domainMark(domain);
  if (move.as === "primary") return { company, primary: company, mark, made };
  const primary = view.primary === undefined ? base?.primary : view.primary;
  return { company, primary, mark: primary === undefined ? undefined : mark, made };
}

function rest(rule: string, base: CompanyBase | null): Extract<CompanyMove, { kind: "rest" }> {
  return { kind: "rest", rule, base, drop: null };
}

function parted(): CompanyMove {
  return { kind: "parted", rule: "HubSpot took it away" };
}

function follow(rule: string, company: string): Extract<CompanyMove, { kind: "follow" }> {
  return { kind: "follow", rule, company };
}
