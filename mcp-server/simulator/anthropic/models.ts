/** The models the stand-in knows and what differs between them. */

const FAMILIES =
  "fable-5-2,mythos-5-2,haiku-5-5,sonnet-5-5,fable-5-1,opus-5-5,mythos-5-1,sonnet-5,fable-5,mythos-5,mythos-preview,opus-5,opus-4-8,opus-4-7,opus-4-6,opus-4-5,sonnet-4-6,sonnet-4-5,haiku-4-5".split(
    ",",
  );

// Below its model's minimum a prefix is silently not cached.
const MINIMUM_PREFIX: Readonly<Record<string, number>> = {
  "haiku-5-5": 512,
  "opus-5": 512,
  "fable-5-1": 512,
  "fable-5-2": 512,
  "opus-4-7": 2048,
  "opus-4-6": 4096,
  "opus-4-5": 4096,
  "haiku-4-5": 4096,
};

/** The family of a model id with or without a date, or null for an unknown model. */
export function modelFamily(model: string): string | null {
  const family = model.match(/^claude-(.+?)(-\d{8})?$/)?.[1];
  return family !== undefined && FAMILIES.includes(family) ? family : null;
}

/** The smallest prefix in tokens that this model caches. */
export function minimumPrefix(model: string): number {
  return MINIMUM_PREFIX[modelFamily(model) ?? ""] ?? 1024;
}

/** True for the models that think unless told not to. */
export function thinksByDefault(model: string): boolean {
  return ["haiku-5-5", "sonnet-5-5", "opus-5-5"].includes(modelFamily(model) ?? "");
}

/** True for the models whose thinking cannot be turned off. */
export function alwaysThinks(model: string): boolean {
  return modelFamily(model) === "opus-5-5";
}

/** True for the models that refuse a prefilled assistant turn. */
export function refusesPrefill(model: string): boolean {
  return thinksByDefault(model);
}
