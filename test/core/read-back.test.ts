import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFieldMap } from "../../mcp-server/src/core/field-map.ts";
import { planRecord } from "../../mcp-server/src/core/plan.ts";
import { isConclusive } from "../../mcp-server/src/core/read-back.ts";

const { customers } = parseFieldMap(readFileSync("data/field-map.json", "utf8"), "field-map.json");
const rules = customers.rules.filter(({ field }) =>
  ["current_balance", "tier", "company_name"].includes(field),
);

const amount = fc.constantFrom("1", "2", "3");
const tier = fc.constantFrom("STANDARD", "PREMIUM");
const name = fc.constantFrom("Acme", "Beta", "Gamma");
const side = fc.record({ current_balance: amount, tier, company_name: name });

function plan(
  local: Record<string, string>,
  remote: Record<string, string>,
  base: Record<string, string>,
) {
  const properties = propertiesOf(remote);
  const view = { local, remote: properties, base, localAt: () => null, remoteAt: {} };
  return planRecord(rules, view, "both");
}

function propertiesOf(remote: Record<string, string>): Record<string, string | null> {
  return {
    warp_current_balance: remote["current_balance"] ?? null,
    warp_tier: remote["tier"] ?? null,
    name: remote["company_name"] ?? null,
  };
}

test("what a certain plan sends is what a plan from HubSpot's present values would send, or nothing of it is needed", () => {
  fc.assert(
    fc.property(side, side, side, side, (local, base, remembered, present) => {
      const guessed = plan(local, remembered, base);
      if (!isConclusive(guessed, { remote: propertiesOf(remembered), base })) return;

      const certain = plan(local, present, base);

      // Nothing that people may decide in HubSpot is ever sent, and no value is taken over or agreed on by memory.
      expect(Object.keys(guessed.push)).toEqual(
        Object.keys(guessed.push).filter((property) => property === "warp_current_balance"),
      );
      expect(guessed.pull).toEqual({});
      expect(guessed.base).toEqual({});
      if (certain.push["warp_current_balance"] !== undefined && guessed.fields.length > 0)
        expect(guessed.push).toMatchObject({
          warp_current_balance: certain.push["warp_current_balance"],
        });
    }),
  );
});

const agreed = { current_balance: "1", tier: "STANDARD", company_name: "Acme" };

test.each([
  ["nothing", agreed, agreed, true],
  ["a balance", { ...agreed, current_balance: "2" }, agreed, true],
  [
    "a balance and a name",
    { ...agreed, current_balance: "2", company_name: "Beta" },
    agreed,
    false,
  ],
  ["a value to take over", agreed, { ...agreed, tier: "PREMIUM" }, false],
] as const)("%s to do", (_what, local, remote, isCertain) => {
  const remembered = { remote: propertiesOf(remote), base: agreed };
  expect(isConclusive(plan(local, remote, agreed), remembered)).toBe(isCertain);
});

test("that both sides agree anew is not for memory to say", () => {
  const both = { ...agreed, company_name: "Beta" };

  const remembered = { remote: propertiesOf(both), base: agreed };
  expect(isConclusive(plan(both, both, agreed), remembered)).toBe(false);
});

test("a value that another process sent since is not sent again by memory", () => {
  const sent = { ...agreed, current_balance: "2" };
  const remembered = { remote: propertiesOf(agreed), base: sent };

  expect(plan(sent, agreed, sent).push).toEqual({ warp_current_balance: "2" });
  expect(isConclusive(plan(sent, agreed, sent), remembered)).toBe(false);
});
