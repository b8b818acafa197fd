import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterMerges,
  type CompanyBase,
  companyDiffers,
  companyEntries,
  domainDiffers,
  domainMark,
  primaryCompanyOf,
  readCompanyBase,
} from "../../mcp-server/src/core/company-base.ts";
import {
  associatedBase,
  type CompanyMove,
  type CompanyView,
  companyMove,
  isInStep,
} from "../../mcp-server/src/core/company-move.ts";

const company = fc.constantFrom("1", "2", "3");
const maybeCompany = fc.option(company);
const domain = fc.option(fc.constantFrom("a.com", "b.com", "c.com"));
/** Which domain HubSpot's companies have. */
const domainOf: Readonly<Record<string, string>> = { 1: "a.com", 2: "b.com", 3: "c.com" };
const companyOf = Object.fromEntries(Object.entries(domainOf).map(([id, name]) => [name, id]));

const wholeBase = fc.record({
  company: maybeCompany,
  primary: maybeCompany,
  mark: domain.map(domainMark),
  made: maybeCompany,
});
const earlierBase = company.map((id) => ({
  company: id,
  primary: undefined,
  mark: undefined,
  made: null,
}));
const base: fc.Arbitrary<CompanyBase | null> = fc.oneof(wholeBase, earlierBase, fc.constant(null));

interface Sides {
  readonly base: CompanyBase | null;
  readonly domain: string | null;
  readonly primary: string | null | undefined;
}
const sides: fc.Arbitrary<Sides> = fc.record({
  base,
  domain,
  primary: fc.oneof(maybeCompany, fc.constant(undefined)),
});

function viewOf(given: Sides, linked = companyOf[given.domain ?? ""] ?? null): CompanyView {
  const { primary, domain: local } = given;
  const isOwn = local !== null && (primary ?? null) !== null && domainOf[primary ?? ""] === local;
  return { ...given, linked, isOwn };
}

/** Both sides after the move was carried out, as the worker does it. */
function carriedOut(given: Sides, move: CompanyMove): Sides {
  const { domain: local, primary } = given;
  switch (move.kind) {
    case "rest": {
      const isDropped = move.drop !== null && move.drop === primary;
      return { base: move.base, domain: local, primary: isDropped ? null : primary };
    }
    case "parted":
      return {
        base: { company: null, primary: null, mark: domainMark(local), made: null },
        domain: local,
        primary,
      };
    case "follow": {
      const own = domainOf[move.company] ?? null;
      return {
        base: { company: move.company, primary: move.company, mark: domainMark(own), made: null },
        domain: own,
        primary,
      };
    }
    case "associate": {
      const to = companyOf[local ?? ""] ?? "";
      const next = associatedBase(given, move, { company: to, hadIt: false });
      return { base: next, domain: local, primary: move.as === "primary" ? to : primary };
    }
  }
}

describe("a contact's company", () => {
  test("comes to rest after one move, whatever was before", () => {
    fc.assert(
      fc.property(sides, (given) => {
        const next = carriedOut(given, companyMove(viewOf(given)));

        const again = companyMove(viewOf(next));

        expect(again.kind).toBe("rest");
        if (again.kind === "rest") expect(again.drop).toBeNull();
        if (next.primary !== undefined) expect(isInStep(carriedOut(next, again))).toBe(true);
      }),
    );
  });

  test("that is in step needs no move", () => {
    fc.assert(
      fc.property(sides, (given) => {
        fc.pre(isInStep(given));
        expect(companyMove(viewOf(given))).toMatchObject({ kind: "rest", drop: null });
      }),
    );
  });

  test("follows HubSpot alone, and sends the local domain alone", () => {
    const agreed = company.map((id) => ({
      company: id,
      primary: id,
      mark: domainMark(domainOf[id] ?? null),
      made: id,
    }));
    fc.assert(
      fc.property(agreed, maybeCompany, domain, (known, primary, local) => {
        fc.pre(primary !== known.primary);
        const before = domainOf[known.company] ?? null;
        const remoteOnly = companyMove(viewOf({ base: known, domain: before, primary }));
        expect(remoteOnly.kind).toBe(primary === null ? "parted" : "follow");

        fc.pre(local !== before);
        const localOnly = companyMove(
          viewOf({ base: known, domain: local, primary: known.primary }),
        );
        expect(localOnly).toMatchObject(
          local === null
            ? { kind: "rest", drop: known.made }
            : { kind: "associate", as: "primary", drop: known.made },
        );
      }),
    );
  });

  test("goes by HubSpot where both moved, and keeps what gives way", () => {
    fc.assert(
      fc.property(wholeBase, company, domain, (known, primary, local) => {
        fc.pre(primary !== known.primary && domainMark(local) !== known.mark);
        fc.pre(domainOf[primary] !== local);

        const move = companyMove(viewOf({ base: known, domain: local, primary }));

        expect(move).toMatchObject({ kind: "follow", company: primary, lost: local });
      }),
    );
  });

  test("is never taken from people: another primary one stays, and only what we made is parted", () => {
    fc.assert(
      fc.property(sides, (given) => {
        const { base: known, primary } = given;
        const move = companyMove(viewOf(given));

        if (move.kind === "associate" && move.as === "primary")
          expect([null, known?.company]).toContain(primary);
        if ("drop" in move && move.drop !== null) expect(move.drop).toBe(known?.made);
      }),
    );
  });

  test("is not given back once people took it away", () => {
    fc.assert(
      fc.property(company, domain, (id, local) => {
        const known = { company: id, primary: id, mark: domainMark(local), made: id };
        const taken: Sides = { base: known, domain: local, primary: null };
        const next = carriedOut(taken, companyMove(viewOf(taken)));

        expect(companyMove(viewOf({ ...next, primary: null })).kind).toBe("rest");
      }),
    );
  });

  test("is not touched by what HubSpot leaves unsaid", () => {
    fc.assert(
      fc.property(base, domain, (known, local) => {
        const move = companyMove(viewOf({ base: known, domain: local, primary: undefined }));

        expect(["rest", "associate"]).toContain(move.kind);
        if (move.kind === "associate") expect(move.as).toBe("beside");
      }),
    );
  });
});

describe("the base of a company", () => {
  test("says what was put into it, also over what stood there", () => {
    fc.assert(
      fc.property(wholeBase, wholeBase, (first, second) => {
        const stored = { email: "a@b.com", ...companyEntries({}, first) };
        expect(readCompanyBase(stored)).toEqual(first);

        const then = { ...stored, ...companyEntries(stored, second) };
        expect(readCompanyBase(then)).toEqual(second);
        expect(companyEntries(then, second)).toEqual({});
        // A sync drops companions that are null.
        const kept = Object.entries(then).filter(([, value]) => value !== null);
        expect(readCompanyBase(Object.fromEntries(kept))).toEqual(second);
      }),
    );
  });

  test("of an earlier version says which company, and nothing else", () => {
    expect(readCompanyBase({ "@company": "7" })).toEqual({
      company: "7",
      primary: undefined,
      mark: undefined,
      made: null,
    });
    expect(readCompanyBase({ email: "a@b.com" })).toBeNull();
  });

  test("differs from what HubSpot shows exactly when the rule would look", () => {
    fc.assert(
      fc.property(sides, (given) => {
        const stored = given.base === null ? {} : companyEntries({}, given.base);
        const properties =
          given.primary === undefined ? {} : { associatedcompanyid: given.primary };

        const differs = companyDiffers(properties, stored);

        if (given.primary === undefined) expect(differs).toBe(false);
        if (isInStep(given)) expect(differs).toBe(false);
        if (given.base?.mark !== undefined)
          expect(differs || domainDiffers(given.domain, stored)).toBe(!isInStep(given));
      }),
    );
  });

  test("HubSpot's empty text means no company, a missing property says nothing", () => {
    expect(primaryCompanyOf({ associatedcompanyid: "" })).toBeNull();
    expect(primaryCompanyOf({})).toBeUndefined();
    expect(primaryCompanyOf(null)).toBeNull();
  });

  test("follows merges", () => {
    const known = { company: "1", primary: "2", mark: "m", made: "1" };
    const merged = new Map([
      ["1", "9"],
      ["2", "9"],
    ]);
    expect(afterMerges(known, merged)).toEqual({
      company: "9",
      primary: "9",
      mark: "m",
      made: "9",
    });
  });
});
