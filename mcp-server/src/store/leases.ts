/** Leases by name: of several processes one does a thing. */
import { sql } from "kysely";
import type { LeaseStore } from "../ports/life-store.ts";
import type { Db } from "./tables.ts";

/** Leases over a connection or a transaction. */
export function leaseStore(db: Db): LeaseStore {
  return {
    take: async (name, owner, { now, until }) => {
      const taken = await sql`
        insert into leases (name, owner, until) values (${name}, ${owner}, ${until})
        on conflict (name) do update set owner = excluded.owner, until = excluded.until
          where leases.owner = excluded.owner or leases.until <= ${now}
        returning name`.execute(db);
      return taken.rows.length > 0;
    },
    release: async (name, owner) => {
      await db.deleteFrom("leases").where("name", "=", name).where("owner", "=", owner).execute();
    },
  };
}
