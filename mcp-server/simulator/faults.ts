/** Named faults that the next matching requests meet. */
import { z } from "zod";
import type { Service } from "./request-log.ts";

/** What can go wrong. "before commit" means that the service did nothing, "after" that it did. */
export const FAULT_NAMES = [
  "http-414",
  "http-423",
  "http-429",
  "http-477",
  "http-500",
  "http-502",
  "http-503",
  "http-504",
  "http-521",
  "http-523",
  "http-524",
  "timeout-before-commit",
  "timeout-after-commit",
  "reset-before-commit",
  "reset-after-commit",
  "empty-2xx",
  "slow",
  "unauthorized",
  "forbidden",
  "drop-mid-body",
] as const;

/** A fault as it is ordered: which service, what, how often, and for which requests. */
export const faultSchema = z.strictObject({
  service: z.enum(["hubspot", "lemlist", "explorium", "anthropic"]),
  name: z.enum(FAULT_NAMES),
  /** How many matching requests it hits. */
  times: z.number().int().positive().default(1),
  /** Only requests with this method. */
  method: z.string().optional(),
  /** Only requests whose path contains this. */
  path: z.string().optional(),
  /** For `slow`. */
  delayMs: z.number().int().nonnegative().default(2_000),
  /** `Retry-After` of an error answer, in seconds; absent leaves what the service sends itself. */
  retryAfter: z.number().int().nonnegative().optional(),
});

/** An ordered fault. */
export type FaultOrder = z.input<typeof faultSchema>;

/** A fault with the number of times that it will still strike. */
export type Fault = z.output<typeof faultSchema>;

/** The faults that are still to come. */
export type Faults = {
  /** Orders a fault. Throws a ZodError when it is not one. */
  add(order: FaultOrder): Fault;
  /** Those that will still strike, in the order in which they were ordered. */
  list(): Fault[];
  clear(): void;
  /** Takes the fault that this request meets, or null. */
  take(request: { service: Service; method: string; path: string }): Fault | null;
};

function hits(fault: Fault, request: { service: Service; method: string; path: string }): boolean {
  if (fault.service !== request.service) return false;
  if (fault.method !== undefined && fault.method.toUpperCase() !== request.method) return false;
  return fault.path === undefined || request.path.includes(fault.path);
}

/** No faults. */
export function createFaults(): Faults {
  let pending: Fault[] = [];
  return {
    add: (order) => {
      const fault = faultSchema.parse(order);
      pending.push(fault);
      return fault;
    },
    list: () => pending.map((fault) => ({ ...fault })),
    clear: () => {
      pending = [];
    },
    take: (request) => {
      const fault = pending.find((candidate) => hits(candidate, request));
      if (fault === undefined) return null;
      fault.times -= 1;
      if (fault.times === 0) pending = pending.filter((candidate) => candidate !== fault);
      return fault;
    },
  };
}
