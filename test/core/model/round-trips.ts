/** Canonical stability: what is written to HubSpot and read back is no news, for values of every type and spelling. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { acknowledgedBase, planRecord } from "../../../mcp-server/src/core/plan.ts";
import type { ValueType } from "../../../mcp-server/src/core/value-types.ts";
import { ruleOf } from "./rule.ts";
import { ruleKinds } from "./samples.ts";
import { stored } from "./strict-hubspot.ts";

const words = fc.oneof(fc.string({ unit: "grapheme" }), fc.lorem(), fc.constantFrom("", " ", "\n"));
const instants = fc.date({
  min: new Date("1900-01-01T00:00:00Z"),
  max: new Date("2200-01-01T00:00:00Z"),
  noInvalidDate: true,
});
const zones = fc.constantFrom("Z", "+02:00", "-1130", "+00:00");

const wild: Readonly<Record<ValueType, fc.Arbitrary<unknown>>> = {
  text: words,
  list: fc.oneof(words, fc.array(words)),
  set: fc.oneof(fc.array(words), words),
  email: fc.oneof(
    fc.emailAddress(),
    fc.emailAddress().map((address) => ` ${address.toUpperCase()}`),
    words,
  ),
  phone: fc.oneof(
    fc.stringMatching(/^\+49 ?30 ?\d{6,8}$/),
    fc.stringMatching(/^\(?\d{3}\)?[- ]\d{4}$/),
    words,
  ),
  country: fc.oneof(
    fc.constantFrom("DE", "de", "Germany", "United Kingdom", "Côte d'Ivoire"),
    words,
  ),
  url: fc.oneof(fc.webUrl(), fc.domain(), words),
  number: fc.oneof(
    fc.integer(),
    fc.double(),
    fc.bigInt().map(String),
    fc.stringMatching(/^-?0?\d*\.?\d+$/),
  ),
  boolean: fc.oneof(fc.boolean(), fc.constantFrom("TRUE", "no", "1", 0), words),
  date: fc.oneof(
    instants.map((at) => at.toISOString().slice(0, 10)),
    instants.map((at) => at.toISOString()),
    instants.map((at) => at.getTime() - (at.getTime() % 86_400_000)),
    words,
  ),
  datetime: fc.oneof(
    instants.map((at) => at.getTime()),
    fc.tuple(instants, zones).map(([at, zone]) => `${at.toISOString().slice(0, -1)}${zone}`),
    words,
  ),
};

const written = fc
  .constantFrom(...ruleKinds)
  .chain((kind) =>
    fc.tuple(fc.constant(kind), fc.oneof(wild[kind.type], fc.constantFrom(...kind.values))),
  );

/** One way out and both ways, with a fresh record and with one that HubSpot has: after one push, nothing is left to do. */
export const roundTripProperty = fc.property(
  written,
  fc.boolean(),
  fc.boolean(),
  ([kind, raw], isTwoWay, exists) => {
    if (kind.transform === "uppercase") return;
    const { type, transform, enumValues } = kind;
    const direction = isTwoWay ? "BIDIRECTIONAL" : "WARP_TO_HUBSPOT";
    const rule = ruleOf({ type, transform, enumValues, direction, clears: true });
    const local = { field: raw };
    const sides = { local, localAt: () => null, remoteAt: null };
    const remote = exists ? { property: null } : null;
    const plan = planRecord([rule], { ...sides, remote, base: {} }, "both");
    if (plan.fields.some(({ decision }) => decision.kind === "blocked")) {
      assert.deepEqual(plan.push, {});
      return;
    }

    const sent = plan.push["property"];
    const answer = { property: sent === undefined ? null : stored(rule, sent) };
    const base = { ...acknowledgedBase(plan, answer) };
    const again = planRecord([rule], { ...sides, remote: answer, base }, "both");

    assert.deepEqual(again.fields, []);
    assert.deepEqual(
      planRecord([rule], { ...sides, remote: answer, base: { ...base, ...again.base } }, "both")
        .base,
      {},
    );
  },
);
