/** A disk without room: notifications are answered 503 and come again, and every one that was answered 200 is there. */
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { inboxStore } from "../../mcp-server/src/store/inbox.ts";
import { openDatabase, openStore } from "../../mcp-server/src/store/open.ts";
import { keptLog } from "../support/quiet-log.ts";
import { tempFile } from "../support/store.ts";
import { changes, webhookRig } from "./webhook-rig.ts";

test("nothing that was answered 200 is missing, before, while and after there was no room", async () => {
  const file = await tempFile();
  onTestFinished(() => file.drop());
  await (await openStore(file.url, { log: keptLog() })).close();
  const { db, engine, close } = await openDatabase(file.url, keptLog());
  onTestFinished(() => close());
  const inbox = inboxStore(db, engine);
  const rig = await webhookRig({ inbox });
  const pages = async (): Promise<number> => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    return rows[0]?.page_count ?? 0;
  };
  await sql.raw(`pragma max_page_count = ${(await pages()) + 20}`).execute(db);
  const taken: string[] = [];
  const statuses = new Set<number>();
  const send = async (contact: number): Promise<number> => {
    const { status } = await rig.send(changes(10, contact));
    statuses.add(status);
    if (status === 200) taken.push(...Array.from({ length: 10 }, () => String(contact)));
    return status;
  };

  let id = 1;
  while ((await send(id)) === 200 && id < 1_000) id += 1;
  for (let more = 0; more < 5; more += 1) await send(id);
  const whileFull = (await inbox.take(100_000)).map(({ object_id }) => object_id);
  await sql.raw("pragma max_page_count = 1000000").execute(db);
  for (let more = 0; more < 5; more += 1) await send(id + more);

  expect([...statuses]).toEqual([200, 503]);
  expect(taken.slice(0, whileFull.length)).toEqual(whileFull);
  expect((await inbox.take(100_000)).map(({ object_id }) => object_id)).toEqual(taken);
  expect(rig.lines[0]).toMatchObject({ fields: { code: "WEBHOOKS_NOT_STORED" } });
  expect(JSON.stringify(rig.lines)).not.toContain("Title");
});
