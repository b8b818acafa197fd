/** What HubSpot's error bodies mean, in our own words. */
import { z } from "zod";
import { AppError, type ErrorKind } from "../core/errors.ts";

const texts = z.array(z.coerce.string()).catch([]);
const contextSchema = z.record(z.string(), z.unknown()).catch({});

const detailSchema = z.object({
  message: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  context: contextSchema.optional(),
});

/** An error body, or one entry of a batch answer's `errors`. HubSpot's documentation calls every field optional. */
export const faultSchema = z.object({
  message: z.string().catch(""),
  category: z.string().optional().catch(undefined),
  subCategory: z.string().optional().catch(undefined),
  policyName: z.string().optional().catch(undefined),
  correlationId: z.string().optional().catch(undefined),
  context: contextSchema.optional(),
  errors: z.array(detailSchema).optional().catch(undefined),
});
export type Fault = z.infer<typeof faultSchema>;

const embeddedSchema = z.array(
  z.object({
    error: z.string(),
    name: z.string(),
    message: z.string().optional().catch(undefined),
  }),
);

/** One property that HubSpot did not accept; null where it does not say which, why, or who holds the value. */
interface Complaint {
  readonly code: string | null;
  readonly property: string | null;
  readonly holderId: string | null;
}

/** A refusal that repeating the same request does not change, ready to be told and acted on. */
export interface Refusal {
  readonly status: number;
  readonly category: string;
  readonly subCategory: string;
  /** The most telling machine-readable code. */
  readonly code: string;
  readonly complaints: readonly Complaint[];
  /** Inputs it names, as HubSpot wrote them. */
  readonly ids: readonly string[];
  readonly traceIds: readonly string[];
  /** The record that holds a unique value already. */
  readonly existingId: string | null;
  readonly missingScopes: readonly string[];
  /** HubSpot's text: for `cause` only. */
  readonly cause: Error;
}

const PROPERTY_NAME = /^\w{1,100}$/;
const SCOPE_NAME = /^[\w.-]{1,100}$/;
const CODE = /^[A-Za-z_.]{1,100}$/;

/** @param status of the whole answer, or 0 for one row of a batch */
export function refusalOf(status: number, fault: Fault): Refusal {
  const context = fault.context ?? {};
  const complaints = complaintsOf(fault);
  const category = fault.category ?? "";
  return {
    status,
    category,
    subCategory: fault.subCategory ?? "",
    code: codeOf(status, category, complaints),
    complaints,
    ids: [...listOf(context, "ids"), ...listOf(context, "id")],
    traceIds: listOf(context, "objectWriteTraceId"),
    existingId: existingIdOf(fault, complaints),
    missingScopes: missingScopesOf(fault),
    cause: new Error(fault.message === "" ? `HTTP ${status}` : fault.message),
  };
}

/** The error of a read or of a whole request that was refused. */
export function refusalError(refusal: Refusal): AppError {
  const { status, cause, missingScopes } = refusal;
  if (missingScopes.length > 0) {
    return new AppError(
      "auth",
      `The HubSpot token lacks these scopes: ${missingScopes.join(", ")}. Add them to its app or service key.`,
      { code: "MISSING_SCOPES", cause, details: { missingScopes } },
    );
  }
  if (status === 401) return authError("HUBSPOT_TOKEN_REFUSED", refusal);
  if (status === 403) return authError("HUBSPOT_FORBIDDEN", refusal);
  const [kind, message] = described(status);
  return new AppError(kind, message, { cause, code: refusal.code });
}

/**
 * The part of a whole batch's refusal that holds for any row with these properties, whatever its values: what it says of other rows, such
 * as the record in their way, is left out.
 */
export function narrowed(refusal: Refusal, codes: ReadonlySet<string>): Refusal {
  const complaints = refusal.complaints.filter(({ code }) => code !== null && codes.has(code));
  return {
    ...refusal,
    complaints,
    code: codeOf(refusal.status, refusal.category, complaints),
    existingId: null,
  };
}

/** Why HubSpot refused one row: our sentence with the property's name and never its value. */
export function refusalSentence(refusal: Refusal): string {
  if (refusal.code === "CONFLICT") return "Another HubSpot record already holds this unique value.";
  const complaint = refusal.complaints.find(({ property }) => property !== null);
  const subject = complaint === undefined ? "a value" : `property "${complaint.property}"`;
  const reason = REASONS[refusal.code];
  if (reason === undefined) return `HubSpot refused ${subject} of this record.`;
  return `HubSpot refused ${subject} of this record: ${reason}`;
}

const REASONS: Readonly<Record<string, string>> = {
  PROPERTY_DOESNT_EXIST: "HubSpot has no such property. Create it or take it out of the field map.",
  INVALID_OPTION: "the value is not one of the property's options.",
  INVALID_EMAIL: "the e-mail address is not valid.",
  // HubSpot's code for text in any number property, decimals included.
  INVALID_INTEGER: "the value is not a number.",
  INVALID_LONG: "the value is not a whole number.",
  INVALID_NUMERIC: "the value is not a number.",
  INVALID_DATE: "the value is not a date at midnight UTC.",
  READ_ONLY_VALUE: "HubSpot keeps it itself. Take it out of the field map's outward direction.",
  CONFLICTING_UNIQUE_VALUE: "another record already has this value.",
  MISSING_REQUIRED_PROPERTY: "the account demands a value.",
  MISSING_CONDITIONAL_REQUIRED_PROPERTY: "the account demands a value beside the others given.",
};

function authError(code: string, refusal: Refusal): AppError {
  const message =
    refusal.status === 401
      ? "HubSpot refused the access token. It may be wrong, expired or deleted: check HUBSPOT_ACCESS_TOKEN."
      : "The HubSpot token may not do this. Check the scopes of its app or service key.";
  return new AppError("auth", message, { code, cause: refusal.cause });
}

function described(status: number): readonly [ErrorKind, string] {
  if (status === 404) return ["not-found", "HubSpot does not know what was asked for."];
  if (status === 409) return ["conflict", "HubSpot already has this."];
  return ["input", "HubSpot refused the request as invalid; the log has its reason."];
}

function codeOf(status: number, category: string, complaints: readonly Complaint[]): string {
  const said = complaints.find(({ code }) => code !== null)?.code ?? category;
  return CODE.test(said) ? said : `HTTP_${status}`;
}

function complaintsOf(fault: Fault): readonly Complaint[] {
  const listed = (fault.errors ?? []).flatMap((detail): Complaint[] => {
    const names = listOf(detail.context ?? {}, "propertyName").filter((name) =>
      PROPERTY_NAME.test(name),
    );
    const code = detail.code ?? null;
    const holderId = holderOf(code, detail.message);
    return names.length === 0
      ? [{ code, property: null, holderId }]
      : names.map((property) => ({ code, property, holderId }));
  });
  // The text embeds a list that is complete where `errors` may be shortened.
  return [...listed, ...embeddedComplaints(fault.message)];
}

function embeddedComplaints(message: string): readonly Complaint[] {
  const start = message.indexOf("[{");
  if (start < 0) return [];
  try {
    const parsed = embeddedSchema.safeParse(JSON.parse(message.slice(start)));
    return (parsed.data ?? [])
      .filter(({ name }) => PROPERTY_NAME.test(name))
      .map((embedded) => ({
        code: embedded.error,
        property: embedded.name,
        holderId: holderOf(embedded.error, embedded.message),
      }));
  } catch {
    // Prose that happens to hold the two characters: nothing embedded, nothing lost.
    return [];
  }
}

/**
 * The record in the way. HubSpot's sentences quote the value that was sent, which may imitate them: only their ends, which follow the
 * value, are believed, and only where the code says what they are about.
 */
function existingIdOf(fault: Fault, complaints: readonly Complaint[]): string | null {
  const named = listOf(fault.context ?? {}, "existingId")[0];
  if (named !== undefined) return named;
  const holder = complaints.find(({ holderId }) => holderId !== null)?.holderId;
  if (holder !== undefined) return holder;
  return /^[\w ]{1,60} already exists\. Existing ID: (\d+)$/.exec(fault.message)?.[1] ?? null;
}

function holderOf(code: string | null, message: string | undefined): string | null {
  if (code !== "CONFLICTING_UNIQUE_VALUE") return null;
  return /(?:^|\D)(\d+) already has that value\.?$/.exec(message ?? "")?.[1] ?? null;
}

function missingScopesOf(fault: Fault): readonly string[] {
  if (fault.category !== "MISSING_SCOPES") return [];
  const contexts = [
    fault.context ?? {},
    ...(fault.errors ?? []).map((detail) => detail.context ?? {}),
  ];
  const scopes = contexts.flatMap((context) => [
    ...listOf(context, "requiredGranularScopes"),
    ...listOf(context, "requiredScopes"),
  ]);
  const named = [...new Set(scopes)].filter((scope) => SCOPE_NAME.test(scope));
  return named.length > 0 ? named : ["(HubSpot does not say which)"];
}

function listOf(context: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = context[name];
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  return texts.parse(value);
}
