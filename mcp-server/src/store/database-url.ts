/** What a DATABASE_URL names. */
import { AppError } from "../core/errors.ts";

export type DatabaseUrl =
  | { readonly kind: "postgres" }
  | { readonly kind: "sqlite"; readonly path: string };

/** `postgres://…` is PostgreSQL; a file path, `sqlite:path` and `:memory:` are SQLite. Throws `input` for anything else. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  if (/^postgres(ql)?:/iu.test(url)) return { kind: "postgres" };
  const path = url.replace(/^sqlite:(\/\/)?/iu, "");
  if (path !== "" && !/^[a-z][a-z0-9+.-]+:\/\//iu.test(path)) return { kind: "sqlite", path };
  throw new AppError(
    "input",
    "DATABASE_URL names no database that hubspot-sync knows. Write a file path such as data/hubspot-sync.db, or postgres://user:password@host:5432/database.",
    { code: "DATABASE_URL_UNREADABLE" },
  );
}
