/** HubSpot's error bodies, and the one exception that carries them to the edge. */
import type { ObjectType } from "./object-types.ts";

/** One entry of `errors[]` in an error body. */
export type ErrorDetail = {
  message: string;
  code?: string;
  context?: Record<string, string[]>;
};

/** The fields of an error body, without status and correlation id. */
export type Fault = {
  message: string;
  category?: string;
  subCategory?: string;
  errors?: ErrorDetail[];
  context?: Record<string, string[]>;
  links?: Record<string, string>;
};

/** One entry of a batch answer's `errors[]`. */
export type BatchError = Fault & { status: "error" };

/** One refused property value, as embedded in an error message. */
export type Refusal = {
  isValid: false;
  message: string;
  error: string;
  name: string;
  localizedErrorMessage: string;
  portalId: number;
};

/** What a failure knows beyond its body. */
type Cause = { existingId?: string; refusals?: readonly Refusal[] };

/** Ends a request, or one row of a batch, with this status and body. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly fault: Fault;
  /** The record in the way of a create; only batch answers show it apart from the message. */
  readonly existingId: string | null;
  /** The refused values, so that an all-or-nothing batch can list those of every row. */
  readonly refusals: readonly Refusal[];

  constructor(status: number, fault: Fault, cause: Cause = {}) {
    super(fault.message);
    this.status = status;
    this.fault = fault;
    this.existingId = cause.existingId ?? null;
    this.refusals = cause.refusals ?? [];
  }
}

/** 400 with category VALIDATION_ERROR. */
export function invalid(message: string, more: Partial<Fault> = {}): ApiFailure {
  return new ApiFailure(400, { message, category: "VALIDATION_ERROR", ...more });
}

/** A body that parses but lacks what its type needs. Recorded ones carry no category. */
export function unreadable(problem: string, column = 2): ApiFailure {
  return new ApiFailure(400, {
    message: `Invalid input JSON on line 1, column ${column}: ${problem}`,
  });
}

/** As HubSpot words a missing field, for example "Cannot build Filter, some of …". */
export function missingAttributes(builds: string, names: readonly string[]): ApiFailure {
  return unreadable(
    `Cannot build ${builds}, some of required attributes are not set [${names.join(", ")}]`,
  );
}

/** 404 of a record. */
export function recordNotFound(id: string): ApiFailure {
  return new ApiFailure(404, {
    message: "Object not found. objectId is usually positive.",
    category: "OBJECT_NOT_FOUND",
    context: { id: [id] },
  });
}

/** The one entry that a batch answer holds for all its unknown ids. */
export function batchNotFound(type: ObjectType, ids: readonly string[]): BatchError {
  return {
    status: "error",
    category: "OBJECT_NOT_FOUND",
    message: `Could not get some ${type.singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
    context: { ids: [...ids] },
  };
}

/** 409 of a record whose e-mail is taken; `existingId` is null where HubSpot hides it. */
export function conflict(type: ObjectType, existingId: string | null): ApiFailure {
  const name = type.singular.charAt(0).toUpperCase() + type.singular.slice(1);
  const tail = existingId === null ? "" : `. Existing ID: ${existingId}`;
  return new ApiFailure(
    409,
    { message: `${name} already exists${tail}`, category: "CONFLICT" },
    existingId === null ? {} : { existingId },
  );
}

/** The body that goes over the wire; fields in the order of the recorded ones. */
export function errorBodyOf(fault: Fault, correlationId: string): Record<string, unknown> {
  return {
    status: "error",
    message: fault.message,
    correlationId,
    ...(fault.errors === undefined ? {} : { errors: fault.errors }),
    ...(fault.context === undefined ? {} : { context: fault.context }),
    ...(fault.links === undefined ? {} : { links: fault.links }),
    ...(fault.category === undefined ? {} : { category: fault.category }),
    ...(fault.subCategory === undefined ? {} : { subCategory: fault.subCategory }),
  };
}
