import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Contact,
  type ContactFields,
  contactStatuses,
  contactTextFields,
} from "../../mcp-server/src/core/contact.ts";
import { planBatch, type RecordRow } from "../../mcp-server/src/core/import-batch.ts";
import { planImport, type Said, type Statement } from "../../mcp-server/src/core/import-merge.ts";
import { contactRecord } from "../support/build.ts";

const value = fc.option(fc.constantFrom("a", "b", "c"), { nil: null });
const custom = fc.option(
  fc.dictionary(fc.constantFrom("k", "l", "m"), fc.constantFrom("1", "2"), { minKeys: 1 }),
  {
    nil: null,
  },
);
const fields: fc.Arbitrary<ContactFields> = fc.record({
  email: fc.constant("ada@acme.com"),
  first_name: value,
  last_name: value,
  company: value,
  domain: value,
  job_title: value,
  phone: value,
  country: value,
  city: value,
  website: value,
  linkedin_url: value,
  custom,
  email_status: fc.constantFrom(null, "deliverable", "risky"),
  engagement_state: value,
  unsubscribed: fc.boolean(),
});
const time = fc.constantFrom(
  "2026-01-01T00:00:00.000Z",
  "2026-02-01T00:00:00.000Z",
  "2026-03-01T00:00:00.000Z",
);
const source = fc.constantFrom("csv", "lemlist", "hubspot", "records");
const said: fc.Arbitrary<Said> = fc.record({ source, at: time });
const provenance = fc.dictionary(
  fc.constantFrom(...contactTextFields, "custom.k", "custom.l"),
  fc.record({ source: fc.constantFrom("csv", "hubspot", "explorium"), at: time }),
);
const stored: fc.Arbitrary<Contact> = fc
  .record({
    fields,
    provenance,
    source,
    imported_at: time,
    status: fc.constantFrom(...contactStatuses),
  })
  .map(({ fields: held, ...rest }) => contactRecord({ ...held, ...rest }));
const statement: fc.Arbitrary<Statement> = fc.record({
  fields,
  companyDomain: value,
  fillOnly: fc.boolean(),
});

function imported(contact: Contact, row: Statement, by: Said): Contact {
  const outcome = planImport(contact, row, by);
  return outcome.kind === "updated" ? { ...contact, ...outcome.set } : contact;
}

/** The rows of one person in one batch: all but the first repeat the e-mail. */
function rowsOf(statements: readonly Statement[]): RecordRow[] {
  return statements.map(({ fields: stated, companyDomain }, index) => ({
    kind: "record",
    row: index + 1,
    fields: stated,
    companyDomain,
    duplicate: index > 0,
  }));
}

describe("planImport", () => {
  test("changes nothing when the same row comes again", () => {
    fc.assert(
      fc.property(stored, statement, said, (contact, row, by) => {
        expect(planImport(imported(contact, row, by), row, by).kind).toBe("unchanged");
      }),
    );
  });

  test("never loses a value: what was filled stays filled, every key and every objection", () => {
    fc.assert(
      fc.property(stored, statement, said, (contact, row, by) => {
        const next = imported(contact, row, by);
        for (const name of contactTextFields) {
          if (contact[name] !== null) expect(next[name]).not.toBeNull();
        }
        expect(Object.keys(next.custom ?? {})).toEqual(
          expect.arrayContaining(Object.keys(contact.custom ?? {})),
        );
        if (contact.unsubscribed || row.fields.unsubscribed) expect(next.unsubscribed).toBe(true);
      }),
    );
  });

  test("invents nothing: every value was stored, stated or suggested", () => {
    fc.assert(
      fc.property(stored, statement, said, (contact, row, by) => {
        const next = imported(contact, row, by);
        for (const name of contactTextFields) {
          const suggested = name === "domain" ? row.companyDomain : null;
          expect([contact[name], row.fields[name], suggested]).toContain(next[name]);
        }
      }),
    );
  });

  test("an update changes something, and only what it says", () => {
    fc.assert(
      fc.property(stored, statement, said, (contact, row, by) => {
        const outcome = planImport(contact, row, by);
        if (outcome.kind === "unchanged") return;
        const {
          provenance: _,
          status,
          error,
          failed_stage,
          retry_at,
          attempts,
          ...values
        } = outcome.set;
        const next: Contact = { ...contact, ...values };
        expect(next).not.toEqual(contact);
        const { custom: _custom, ...named } = values;
        for (const name of Object.keys(named)) {
          expect(outcome.set.provenance?.[name]).toEqual({ source: by.source, at: by.at });
        }
      }),
    );
  });

  test("a fill-only row replaces nothing", () => {
    fc.assert(
      fc.property(stored, statement, said, (contact, row, by) => {
        const next = imported(contact, { ...row, fillOnly: true }, by);
        for (const name of contactTextFields) {
          if (contact[name] !== null) expect(next[name]).toBe(contact[name]);
        }
      }),
    );
  });
});

test("a batch read again changes nothing, conflicting repetitions included", () => {
  fc.assert(
    fc.property(
      fc.array(statement, { minLength: 1, maxLength: 6 }),
      stored,
      said,
      (statements, contact, by) => {
        const rows = rowsOf(statements);
        const [first] = planBatch(rows, [contact], by);
        const next: Contact = first?.kind === "update" ? { ...contact, ...first.set } : contact;
        const [second] = planBatch(rows, [next], by);
        expect(second).toMatchObject({
          kind: "none",
          counts: { unchanged: rows.length, updated: 0 },
        });
      },
    ),
  );
});

test("a created contact is not changed by the same batch either", () => {
  fc.assert(
    fc.property(
      fc.array(statement, { minLength: 1, maxLength: 6 }),
      stored,
      said,
      (statements, shape, by) => {
        const rows = rowsOf(statements);
        const [created] = planBatch(rows, [], by);
        if (created?.kind !== "insert") throw new Error("a new e-mail is inserted");
        const contact: Contact = {
          ...shape,
          ...created.fields,
          source: by.source,
          provenance: {},
          imported_at: by.at,
        };
        const [again] = planBatch(rows, [contact], by);
        expect(again).toMatchObject({ kind: "none" });
        expect(created.counts.created + created.counts.updated + created.counts.unchanged).toBe(
          rows.length,
        );
      },
    ),
  );
});
