/** Which contacts a selection means, as conditions. */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import type { Selection } from "../core/selection.ts";
import { filterConditions } from "./contact-filter.ts";
import type { Engine } from "./engine.ts";
import type { Tables } from "./tables.ts";

export type NamedSelection = Exclude<Selection, { kind: "due" }>;

/** What was named: any status, one condition per thing given. `due` depends on the stage and is not answered here. */
export function namedCondition(
  eb: ExpressionBuilder<Tables, "contacts">,
  engine: Engine,
  selection: NamedSelection,
): Expression<SqlBool> {
  if (selection.kind === "ids") return engine.amongIds(sql.ref("contacts.id"), selection.ids);
  if (selection.kind === "filter") return eb.and([...filterConditions(eb, selection.filter)]);
  const emails = selection.emails.map((email) => email.toLowerCase());
  return engine.among(sql.ref("contacts.email"), emails);
}
