/** One measured planning of many records in a process of its own, printed as JSON. */
import { parseFieldMap } from "../src/core/field-map.ts";
import type { RecordPlan } from "../src/core/plan.ts";
import { contactRules } from "../src/core/sync-contact.ts";
import { planSides } from "../src/core/sync-record.ts";
import { seededRandom } from "./csv-file.ts";
import { fifteenFieldsMap } from "./full-contacts.ts";
import { type PlanRecord, planRecordOf } from "./plan-records.ts";
import { range, rounded } from "./sync-rig.ts";

const SEED = 20_261_127;
// As many as a sync reads, plans and writes at a time.
const CHUNK = 2_000;

const { contacts: map } = parseFieldMap(fifteenFieldsMap(), "the map of the benchmark");

/** Plans as a sync does: once, and once more where HubSpot's times were asked for. */
function planned({ sides, remoteAt }: PlanRecord): RecordPlan {
  const rules = contactRules(map, sides);
  const plan = planSides(rules, sides, "both");
  return plan.needsTimes.length === 0 ? plan : planSides(rules, { ...sides, remoteAt }, "both");
}

/** The barest that could find out what moved: two comparisons of texts a field, and no decision. */
function moved({ bare }: PlanRecord): number {
  let count = 0;
  for (const { local, base, remote } of bare) if (local !== base || remote !== base) count += 1;
  return count;
}

/** Milliseconds by the clock and, where other programs share the cores, of this thread's own work. */
interface Timed {
  ours: number;
  floor: number;
  oursCpu: number;
}

function main(records: number): void {
  const random = seededRandom(SEED);
  const ms: Timed = { ours: 0, floor: 0, oursCpu: 0 };
  const decided: Record<string, number> = {};
  let texts = 0;
  for (let from = 0; from < records; from += CHUNK) {
    const chunk = range(Math.min(CHUNK, records - from)).map((n) =>
      planRecordOf(map, from + n, random),
    );
    const cpuAtStart = cpuMs();
    const plans = timed(ms, "ours", () => chunk.map(planned));
    ms.oursCpu += cpuMs() - cpuAtStart;
    texts += timed(ms, "floor", () => chunk.reduce((sum, record) => sum + moved(record), 0));
    tally(decided, chunk, plans);
  }
  report(records, ms, { decided, texts });
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function timed<T>(ms: Timed, what: "ours" | "floor", work: () => T): T {
  const started = performance.now();
  const done = work();
  ms[what] += performance.now() - started;
  return done;
}

/** Fast and wrong is no figure: every edit is decided on, and nothing else. */
function tally(
  decided: Record<string, number>,
  records: readonly PlanRecord[],
  plans: readonly RecordPlan[],
): void {
  records.forEach(({ edits, sides }, n) => {
    const fields = plans[n]?.fields ?? [];
    if (fields.length !== edits)
      throw new Error(`Record ${sides.id}: ${edits} edits, ${fields.length} decisions.`);
    for (const { decision } of fields) decided[decision.kind] = (decided[decision.kind] ?? 0) + 1;
  });
}

function report(
  records: number,
  ms: Timed,
  { decided, texts }: { readonly decided: Record<string, number>; readonly texts: number },
): void {
  const fields = records * map.rules.length;
  const work = Object.values(decided).reduce((sum, count) => sum + count, 0);
  console.log(
    JSON.stringify({
      records,
      fields_per_record: map.rules.length,
      decisions_per_s: Math.round((fields / ms.ours) * 1_000),
      decisions_per_cpu_s: Math.round((fields / ms.oursCpu) * 1_000),
      seconds: rounded(ms.ours / 1_000),
      floor_fields_per_s: Math.round((fields / ms.floor) * 1_000),
      // Ours divided by the floor's; 1 = as fast.
      ratio: rounded(ms.floor / ms.ours),
      peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
      decided: { none: fields - work, ...decided },
      // Values that mean the same and are written differently, or that moved: the floor cannot tell which.
      texts_differ: texts,
    }),
  );
}

main(Number(process.argv[2]));
