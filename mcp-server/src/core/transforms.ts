/** Named conversions between HubSpot's text and the local value, each pure, with its inverse where there is one. */
import { plainDecimal } from "./value-decimal.ts";
import type { ValueType } from "./value-types.ts";

/** What `transform` in the field map may name. */
export const transformNames = [
  "hubspot_value_in_cents_to_dollars",
  "hubspot_value_in_dollars_to_cents",
  "uppercase",
  "lowercase",
] as const;
export type TransformName = (typeof transformNames)[number];

/** A conversion takes trimmed text that is not empty; undefined = the value cannot be converted. */
export interface Transform {
  /** What it does, in a line for people. */
  readonly doc: string;
  /** The value types it can be used on. */
  readonly types: readonly ValueType[];
  /** HubSpot's text as the local side keeps it. */
  readonly toLocal: (text: string) => string | undefined;
  /** The inverse; null = one way, so nothing may travel to HubSpot through it. */
  readonly toRemote: ((text: string) => string | undefined) | null;
}

const hundredth = (text: string) => plainDecimal(text, -2);
const hundredfold = (text: string) => plainDecimal(text, 2);

const transforms: Readonly<Record<TransformName, Transform>> = {
  hubspot_value_in_cents_to_dollars: {
    doc: "HubSpot holds cents, the local side dollars: 1050 in HubSpot is 10.5 here",
    types: ["number"],
    toLocal: hundredth,
    toRemote: hundredfold,
  },
  hubspot_value_in_dollars_to_cents: {
    doc: "HubSpot holds dollars, the local side cents: 10.5 in HubSpot is 1050 here",
    types: ["number"],
    toLocal: hundredfold,
    toRemote: hundredth,
  },
  uppercase: {
    doc: "HubSpot's text in capital letters; one way, because nobody knows how it was written",
    types: ["text"],
    toLocal: (text) => text.toUpperCase(),
    toRemote: null,
  },
  lowercase: {
    doc: "HubSpot's text in small letters; one way, because nobody knows how it was written",
    types: ["text"],
    toLocal: (text) => text.toLowerCase(),
    toRemote: null,
  },
};

/** The conversion of that name. */
export function transformOf(name: TransformName): Transform {
  return transforms[name];
}
