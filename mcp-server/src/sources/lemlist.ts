/** Lemlist as a source: the leads of one campaign or of all, opt-outs included. */
import { z } from "zod";
import type { ImportBatch } from "../core/import-row.ts";
import type { ImportRequest, OpenedSource, Resume } from "../ports/sources.ts";
import {
  exportLeads,
  getCampaign,
  type LemlistCampaign,
  listCampaigns,
  listUnsubscribes,
} from "./lemlist-api.ts";
import { LemlistClient, type LemlistOptions } from "./lemlist-client.ts";
import { type LemlistRow, LemlistRows } from "./lemlist-rows.ts";

const BATCH_ROWS = 500;

type LemlistRequest = Extract<ImportRequest, { source: "lemlist" }>;

/**
 * A source for Lemlist. Campaigns are read newest first and their leads by id, so that a later run finds its place;
 * it reads earlier leads again to know whose rows are repetitions. If the campaign at the checkpoint is gone, reading
 * starts over, which changes nothing twice. Without the list of opt-outs nothing is imported.
 */
export function createLemlistSource(
  options: LemlistOptions,
): (request: LemlistRequest, resume: Resume) => Promise<OpenedSource> {
  const client = new LemlistClient(options);
  return async ({ campaign_id }, { checkpoint, signal }) => {
    const unsubscribed = await listUnsubscribes(client, signal);
    const campaigns =
      campaign_id === undefined
        ? await listCampaigns(client, signal)
        : [await getCampaign(client, campaign_id, signal)];
    const place = findPlace(checkpoint, campaigns);
    const rows = new LemlistRows(unsubscribed);
    return {
      description: { ...rows.header, saidAt: null, resumed: checkpoint === null || place !== null },
      batches: () => readBatches({ client, campaigns, rows, place, signal }),
      close: () => Promise.resolve(),
    };
  };
}

const checkpointSchema = z.object({ campaign: z.string(), lead: z.string() });

/** Up to and with this lead everything was consumed. */
interface Place {
  readonly campaignIndex: number;
  readonly leadId: string;
}

function findPlace(checkpoint: string | null, campaigns: readonly LemlistCampaign[]): Place | null {
  if (checkpoint === null) return null;
  const { campaign, lead } = checkpointSchema.parse(JSON.parse(checkpoint));
  const campaignIndex = campaigns.findIndex(({ _id }) => _id === campaign);
  return campaignIndex < 0 ? null : { campaignIndex, leadId: lead };
}

interface Reading {
  readonly client: LemlistClient;
  readonly campaigns: readonly LemlistCampaign[];
  readonly rows: LemlistRows;
  readonly place: Place | null;
  readonly signal: AbortSignal;
}

async function* readBatches(reading: Reading): AsyncGenerator<ImportBatch> {
  const { client, campaigns, rows, place, signal } = reading;
  for (const [index, campaign] of campaigns.entries()) {
    signal.throwIfAborted();
    const leads = await exportLeads(client, campaign._id, signal);
    const all = rows.campaign(campaign, leads);
    const fresh = all.filter((row) => !isConsumed(place, index, row));
    for (let at = 0; at < fresh.length; at += BATCH_ROWS) {
      yield toBatch(campaign, fresh.slice(at, at + BATCH_ROWS));
    }
  }
}

function isConsumed(place: Place | null, campaignIndex: number, { leadId }: LemlistRow): boolean {
  if (place === null || campaignIndex > place.campaignIndex) return false;
  return campaignIndex < place.campaignIndex || leadId <= place.leadId;
}

function toBatch(campaign: LemlistCampaign, rows: readonly LemlistRow[]): ImportBatch {
  const last = rows.at(-1);
  return {
    rows: rows.map(({ row }) => row),
    checkpoint: JSON.stringify({ campaign: campaign._id, lead: last?.leadId ?? "" }),
    done: last?.row.row ?? 0,
    total: null,
  };
}
