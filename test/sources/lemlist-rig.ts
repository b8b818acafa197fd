/** The Lemlist source against the stand-in over HTTP, under one clock. */
import { onTestFinished } from "vitest";
import { startSimulator } from "../../mcp-server/simulator/simulator.ts";
import type { ImportBatch, ImportRow } from "../../mcp-server/src/core/import-row.ts";
import { createLemlistSource } from "../../mcp-server/src/sources/lemlist.ts";
import { fakeClock } from "../support/clock.ts";
import { keptLog } from "../support/quiet-log.ts";

export const START = "2026-11-21T12:00:00.000Z";

/** A Lemlist that shares its clock with the source, so that waiting for its limit takes no time. */
export async function lemlistRig(
  options: { campaignsShape?: "array" | "object"; ignoreOffset?: boolean; apiKey?: string } = {},
) {
  const { apiKey, ...lemlistOptions } = options;
  const clock = fakeClock(START);
  const simulator = await startSimulator({ now: clock.now, lemlist: lemlistOptions });
  onTestFinished(() => simulator.close());
  const { lemlist } = simulator;
  const log = keptLog();
  const open = createLemlistSource({
    apiKey: apiKey ?? simulator.lemlistKey,
    baseUrl: simulator.lemlistUrl,
    clock,
    log,
    random: () => 0,
  });
  const read = async (request: { campaign_id?: string } = {}, checkpoint: string | null = null) => {
    const signal = AbortSignal.timeout(20_000);
    const source = await open({ source: "lemlist", ...request }, { checkpoint, signal });
    const batches: ImportBatch[] = [];
    for await (const batch of source.batches()) batches.push(batch);
    const rows: ImportRow[] = batches.flatMap((batch) => batch.rows);
    return { description: source.description, batches, rows };
  };
  const paths = () => simulator.requests.list({ service: "lemlist" }).map(({ path }) => path);
  return { simulator, lemlist, clock, log, read, paths };
}

export const lead = (fields: Record<string, string>, state: object = {}) => ({ fields, ...state });
export const found = (rows: readonly ImportRow[], email: string) => {
  const row = rows.find((one) => one.kind === "record" && one.fields.email === email);
  if (row?.kind !== "record") throw new Error(`no row for ${email}`);
  return row;
};
