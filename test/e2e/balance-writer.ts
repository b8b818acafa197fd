/** A billing system as a process of its own: knows nothing of the sync, and edits balances one statement after the other. */
import Database from "better-sqlite3";
import pg from "pg";

/** What it did: its last values by account number, how many edits each got, and what went wrong. */
export interface Written {
  readonly last: Readonly<Record<string, number>>;
  readonly edits: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

const [url = "", count = "0", accounts = "1"] = process.argv.slice(2);
// As much patience as billing systems have.
const PATIENCE_MS = 5_000;

interface Connection {
  run(value: number, ban: string): Promise<unknown>;
  end(): Promise<unknown>;
}

const EDIT = "update customers set current_balance = $1, prepaid_balance = $1 where ban = $2";

async function connect(): Promise<Connection> {
  if (url.startsWith("postgres:")) {
    const client = new pg.Client({ connectionString: url, statement_timeout: PATIENCE_MS });
    await client.connect();
    return { run: (...values) => client.query(EDIT, values), end: () => client.end() };
  }
  const db = new Database(url, { timeout: PATIENCE_MS });
  const statement = db.prepare(EDIT);
  return {
    run: async (value, ban) => statement.run({ 1: value, 2: ban }),
    end: async () => db.close(),
  };
}

async function write(): Promise<Written> {
  const connection = await connect();
  const last: Record<string, number> = {};
  const edits: Record<string, number> = {};
  const errors: string[] = [];
  for (let value = 1; value <= Number(count); value++) {
    const ban = `B-${value % Number(accounts)}`;
    try {
      await connection.run(value, ban);
      last[ban] = value;
      edits[ban] = (edits[ban] ?? 0) + 1;
    } catch (error) {
      errors.push(String(error));
    }
    // A statement every few milliseconds, so that edits meet the sync of earlier ones.
    await new Promise((wake) => setTimeout(wake, value % 4));
  }
  await connection.end();
  return { last, edits, errors };
}

write().then(
  (written) => process.send?.(written, () => process.disconnect()),
  (error: unknown) => process.send?.(String(error), () => process.disconnect()),
);
