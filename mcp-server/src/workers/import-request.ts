/** An import job's arguments as a request to its source. */
import type { CustomerRule } from "../core/customer-columns.ts";
import type { ImportArgs } from "../core/import-args.ts";
import type { CrmFilter } from "../ports/crm.ts";
import type { ImportRequest } from "../ports/sources.ts";

/** The request that the arguments stand for; arguments of other sources are left out. `rules` are those of the customers' field map. */
export function toImportRequest(args: ImportArgs, rules: readonly CustomerRule[]): ImportRequest {
  const { source, path = "", records = [], column_map, campaign_id, filter } = args;
  const columns = {
    ...(column_map === undefined ? {} : { column_map }),
    ...(args.object === "customers" ? { customers: rules } : {}),
  };
  switch (source) {
    case "csv":
      return { source, path, ...columns };
    case "records":
      return { source, records, ...columns };
    case "lemlist":
      return { source, ...(campaign_id === undefined ? {} : { campaign_id }) };
    case "hubspot":
      return { source, ...(filter === undefined ? {} : { filters: filter.map(toFilter) }) };
  }
}

function toFilter(condition: NonNullable<ImportArgs["filter"]>[number]): CrmFilter {
  const { property, operator, value, values } = condition;
  return {
    property,
    operator,
    ...(value === undefined ? {} : { value }),
    ...(values === undefined ? {} : { values }),
  };
}
