/** Which result of a batch belongs to which input: HubSpot neither keeps the order nor returns every row. */
import type { WireRecord } from "./wire.ts";

/** What identifies an input of a batch write. */
export interface Matchable {
  readonly traceId: string;
  /** The id or unique value that names the record, lower-case; null for creates. */
  readonly key: string | null;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * Pairs inputs with results: by trace id where HubSpot echoes it, by key, by what was sent, and the last one by elimination. An input
 * without a pair is left out.
 *
 * @param keysOf the keys that a result can be named by
 */
export function matchResults<T extends Matchable>(
  inputs: readonly T[],
  results: readonly WireRecord[],
  keysOf: (result: WireRecord) => readonly string[],
): ReadonlyMap<T, WireRecord> {
  const pairs = new Map<T, WireRecord>();
  const byTrace = new Map(inputs.map((input) => [input.traceId, input]));
  const byKey = new Map(
    inputs.flatMap((input) => (input.key === null ? [] : [[input.key, input] as const])),
  );
  const unpaired = results.filter((result) => {
    const keyed = keysOf(result).map((key) => byKey.get(key));
    const input = byTrace.get(result.traceId ?? "") ?? keyed.find((one) => one !== undefined);
    if (input === undefined || pairs.has(input)) return true;
    pairs.set(input, result);
    return false;
  });
  return pairs.size === inputs.length ? pairs : matchByValues(inputs, unpaired, pairs);
}

function matchByValues<T extends Matchable>(
  inputs: readonly T[],
  results: readonly WireRecord[],
  pairs: Map<T, WireRecord>,
): ReadonlyMap<T, WireRecord> {
  const rarity = countValues(inputs);
  const left = results.filter((result) => {
    const input = likeliest(
      inputs.filter((one) => !pairs.has(one)),
      result,
      rarity,
    );
    if (input === null) return true;
    pairs.set(input, result);
    return false;
  });
  const open = inputs.filter((input) => !pairs.has(input));
  const [lastInput, lastResult] = [open[0], left[0]];
  if (open.length === 1 && left.length === 1 && lastInput !== undefined && lastResult !== undefined)
    pairs.set(lastInput, lastResult);
  return pairs;
}

/** How many inputs carry a value of a property. */
type Rarity = ReadonlyMap<string, number>;

function countValues(inputs: readonly Matchable[]): Rarity {
  const counts = new Map<string, number>();
  for (const [name, value] of inputs.flatMap(({ properties }) => Object.entries(properties))) {
    const key = valueKey(name, value);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/**
 * The one input that agrees with a result better than all others, and by a value that no other input has. HubSpot may write a value in
 * another form or add one of its own, so a single difference refutes nothing.
 */
function likeliest<T extends Matchable>(
  inputs: readonly T[],
  result: WireRecord,
  rarity: Rarity,
): T | null {
  const scores = inputs.map((input) => ({ input, ...agreement(input, result, rarity) }));
  const best = Math.max(...scores.map(({ score }) => score));
  const first = scores.filter(({ score }) => score === best);
  const [only] = first;
  return first.length === 1 && only?.isDistinct === true ? only.input : null;
}

function agreement(input: Matchable, result: WireRecord, rarity: Rarity) {
  let score = 0;
  let isDistinct = false;
  for (const [name, value] of Object.entries(input.properties)) {
    const key = valueKey(name, value);
    const held = result.record.properties[name];
    const isSame = typeof held === "string" && valueKey(name, held) === key;
    score += isSame ? 1 : -1;
    isDistinct ||= isSame && value !== "" && rarity.get(key) === 1;
  }
  return { score, isDistinct };
}

function valueKey(name: string, value: string): string {
  return `${name}=${value.trim().toLowerCase()}`;
}
