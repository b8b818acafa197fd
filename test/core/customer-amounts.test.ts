import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAmount } from "../../mcp-server/src/core/money-text.ts";

const amountOf = (value: unknown): string => {
  const reading = readAmount(value);
  return reading.kind === "amount" ? reading.value : "unreadable";
};

test.each([
  ["1234.50", "1234.5"],
  ["1,234.50", "1234.5"],
  ["$1,234.50", "1234.5"],
  ["1.234,50", "1234.5"],
  ["1 234,50", "1234.5"],
  ["1\u202f234,50", "1234.5"],
  ["1'234.50", "1234.5"],
  ["1,234,567", "1234567"],
  ["1.234.567,8", "1234567.8"],
  ["$1,234", "1234"],
  ["1234,5", "1234.5"],
  ["0.125", "0.125"],
  ["1234.567", "1234.567"],
  ["00012.50", "12.5"],
  [".5", "0.5"],
  ["-12.30", "-12.3"],
  ["\u221212.30", "-12.3"],
  ["-$12.30", "-12.3"],
  ["$-12.30", "-12.3"],
  ["(1,200.00)", "-1200"],
  ["-0.00", "0"],
  ["USD 5", "5"],
  ["5 US$", "5"],
  [12.5, "12.5"],
  [-0, "0"],
  [1.234, "1.234"],
])("reads %j as %s", (value, amount) => {
  expect(amountOf(value)).toBe(amount);
});

describe("refuses, with the mend, what can be read in two ways or not at all", () => {
  test.each([
    ["1,234", /two ways.*1234\.50/],
    ["1.234", /two ways/],
    ["$1.234", /two ways/],
    ["-12,345", /two ways/],
    ["12,34,567.00", /not an amount/],
    ["1,2345.00", /not an amount/],
    ["1,234.567,8", /not an amount/],
    ["1.5e3", /not an amount/],
    ["1.23E+05", /not an amount/],
    ["5.", /not an amount/],
    ["5-", /not an amount/],
    ["--5", /not an amount/],
    ["(-5)", /not an amount/],
    ["twelve", /not an amount/],
    ["$", /not an amount/],
    [true, /not an amount/],
    [[1], /not an amount/],
    [Number.NaN, /not an amount/],
    ["€5.00", /currency/],
    ["EUR 5.00", /currency/],
    [0.1 + 0.2, /as text/],
    [2 ** 60, /as text/],
    [5e-324, /as text/],
    ["1234567890123456.00", /too many digits/],
    ["9".repeat(500), /too many digits/],
  ])("%j", (value, because) => {
    const reading = readAmount(value);

    expect(reading.kind === "unreadable" && reading.because).toMatch(because);
  });
});

const cents = fc.integer({ min: -99_999_999_999, max: 99_999_999_999 });
const styles = [
  { group: "", point: "." },
  { group: ",", point: "." },
  { group: " ", point: "." },
  { group: "'", point: "." },
  { group: "", point: "," },
  { group: ".", point: "," },
  { group: "\u00a0", point: "," },
] as const;

function written(value: number, { group, point }: (typeof styles)[number]): string {
  const digits = String(Math.abs(value)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, group);
  return `${value < 0 ? "-" : ""}${whole}${point}${digits.slice(-2)}`;
}

test("an amount written with its cents is read to the cent in every style", () => {
  fc.assert(
    fc.property(
      cents,
      fc.constantFrom(...styles),
      fc.constantFrom("", "$"),
      (value, style, sign) => {
        const amount = amountOf(sign + written(value, style));

        expect(Math.round(Number(amount) * 100)).toBe(value === 0 ? 0 : value);
      },
    ),
  );
});

test("no text is read as more than one digit sequence of its own, and none throws", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[-+$(]?[\d.,' ]{1,12}[)$]?$/)),
      (text) => {
        const reading = readAmount(text);

        if (reading.kind === "unreadable") return;
        const digits = (value: string): string => value.replace(/\D/g, "").replace(/^0+|0+$/g, "");
        expect(digits(reading.value)).toBe(digits(text));
      },
    ),
  );
});

test("reading what was read changes nothing", () => {
  fc.assert(
    fc.property(cents, (value) => {
      const amount = amountOf(written(value, styles[0]));

      expect(amountOf(amount)).toBe(amount);
    }),
  );
});
