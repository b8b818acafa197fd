/** The thread that copies the write-ahead log into the database file, so that only it waits for the disk. */
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

if (parentPort) serve(parentPort, new Database(workerData, { fileMustExist: true, timeout: 0 }));

function serve(port: NonNullable<typeof parentPort>, database: Database.Database): void {
  database.pragma("synchronous = normal");
  port.on("message", (word: "checkpoint" | "close") => {
    if (word === "checkpoint") {
      port.postMessage(copiedEverything(database.pragma("wal_checkpoint(passive)")));
      return;
    }
    database.close();
    port.close();
  });
}

/** A passive checkpoint waits for nobody: a reader may hold it back, another process may be at it already. */
function copiedEverything(answer: unknown): boolean {
  const [state]: unknown[] = Array.isArray(answer) ? answer : [];
  if (typeof state !== "object" || state === null) return false;
  return "log" in state && "checkpointed" in state && state.log === state.checkpointed;
}
