/** Companies in the database, one a domain. */
import { type Selectable, sql } from "kysely";
import type { Company } from "../core/company.ts";
import type { CompanyEnd } from "../core/company-ends.ts";
import type { CompanyStore } from "../ports/contact-store.ts";
import type { Engine } from "./engine.ts";
import { fromJson } from "./json-text.ts";
import { lastByKey } from "./last-by-key.ts";
import type { CompanyTable } from "./record-tables.ts";
import type { Db } from "./tables.ts";

type CompanyInput = Parameters<CompanyStore["upsert"]>[0][number];

const columns = {
  domain: "text",
  name: "text",
  firmographics: "text",
  summary: "text",
} as const;

/** Companies over a connection or a transaction. */
export function companyStore(db: Db, engine: Engine): CompanyStore {
  return {
    findByDomains: async (domains) => {
      const wanted = domains.map((domain) => domain.toLowerCase());
      const rows = await db
        .selectFrom("companies")
        .selectAll()
        .where(engine.among(sql.ref("domain"), wanted))
        .execute();
      return rows.map(toCompany);
    },
    findByIds: async (ids) => {
      const rows = await db
        .selectFrom("companies")
        .selectAll()
        .where(engine.amongIds(sql.ref("id"), ids))
        .execute();
      return rows.map(toCompany);
    },
    findByDeletedIds: async (hubspotIds) => {
      const rows = await db
        .selectFrom("companies")
        .selectAll()
        .where("hubspot_deleted_id", "is not", null)
        .where(engine.among(sql.ref("hubspot_deleted_id"), hubspotIds))
        .execute();
      return rows.map(toCompany);
    },
    keepEnds: (ends) => keepEnds(db, engine, ends),
    forgetEnds: async (ids) => {
      const rows = await db
        .updateTable("companies")
        .set({ merged_into: null, hubspot_deleted_id: null })
        .where(engine.amongIds(sql.ref("id"), ids))
        .where((eb) =>
          eb.or([eb("merged_into", "is not", null), eb("hubspot_deleted_id", "is not", null)]),
        )
        .returningAll()
        .execute();
      return rows.map(toCompany);
    },
    upsert: (rows, now) => upsertCompanies(db, engine, rows, now),
  };
}

async function upsertCompanies(
  db: Db,
  engine: Engine,
  inputs: readonly CompanyInput[],
  now: string,
): Promise<readonly Company[]> {
  const rows = lastByKey(inputs.map(toRow), (row) => row.domain, fillGaps);
  const stored = await engine.forRows(
    db,
    { columns, rows: engine.lockOrder(rows, (row) => row.domain) },
    (v) => sql<Selectable<CompanyTable>>`
      insert into companies (domain, name, firmographics, summary, updated_at)
      select v.domain, v.name, v.firmographics, v.summary, cast(${now} as text) from ${v} where true
      on conflict (domain) do update set
        name = coalesce(excluded.name, companies.name),
        firmographics = coalesce(excluded.firmographics, companies.firmographics),
        summary = coalesce(excluded.summary, companies.summary),
        updated_at = excluded.updated_at
      returning *`,
  );
  return stored.map(toCompany);
}

const endColumns = { id: "bigint", merged_into: "bigint", hubspot_deleted_id: "text" } as const;

async function keepEnds(db: Db, engine: Engine, ends: readonly CompanyEnd[]): Promise<void> {
  if (ends.length === 0) return;
  const rows = ends.map(({ id, merged_into, hubspot_deleted_id }) => ({
    id,
    merged_into,
    hubspot_deleted_id,
  }));
  const list = { columns: endColumns, rows: engine.lockOrder(rows, ({ id }) => String(id)) };
  await engine.forRows(
    db,
    list,
    (v) => sql`
      update companies set merged_into = v.merged_into, hubspot_deleted_id = v.hubspot_deleted_id
      from ${v} where companies.id = v.id`,
  );
  await engine.forRows(
    db,
    list,
    (v) => sql`
      update companies set merged_into = v.merged_into
      from ${v} where companies.merged_into = v.id and v.merged_into is not null`,
  );
}

interface CompanyRow {
  readonly domain: string;
  readonly name: string | null;
  readonly firmographics: string | null;
  readonly summary: string | null;
}

function toRow(input: CompanyInput): CompanyRow {
  return {
    domain: input.domain.toLowerCase(),
    name: input.name,
    firmographics: input.firmographics === null ? null : JSON.stringify(input.firmographics),
    summary: input.summary,
  };
}

/** What the later row of a domain leaves open, the earlier one fills. */
function fillGaps(earlier: CompanyRow, later: CompanyRow): CompanyRow {
  return {
    domain: later.domain,
    name: later.name ?? earlier.name,
    firmographics: later.firmographics ?? earlier.firmographics,
    summary: later.summary ?? earlier.summary,
  };
}

function toCompany(row: Selectable<CompanyTable>): Company {
  return { ...row, firmographics: fromJson(row.firmographics) };
}
