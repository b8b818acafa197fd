/** Whether a notification comes from HubSpot: the signatures over its bytes, its address and its time. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type {
  SignatureVerdict,
  SignatureVersion,
  SignedRequest,
} from "../core/webhook-signature.ts";

export interface SignatureRules {
  /** The app's client secret. */
  readonly secret: string;
  readonly versions: ReadonlySet<SignatureVersion>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

// HubSpot docs, validating requests: older ones are to be rejected (read 2026-11). Clocks run ahead as well as behind.
const WINDOW_MS = 5 * 60_000;

const names = {
  v3: "x-hubspot-signature-v3",
  timestamp: "x-hubspot-request-timestamp",
  older: "x-hubspot-signature",
  olderVersion: "x-hubspot-signature-version",
} as const;

/**
 * Checks a request against the versions that are switched on. A v3 signature decides alone where v3 is on: an older one, which no time bounds,
 * does not rescue a request whose v3 is wrong or old. Without a v3 signature the older header is looked at, by the version it claims.
 */
export function verifySignature(request: SignedRequest, rules: SignatureRules): SignatureVerdict {
  const newest = request.header(names.v3);
  if (newest !== null && rules.versions.has("v3")) return verifyNewest(request, newest, rules);
  const older = request.header(names.older);
  if (older === null) return refused("it carries no signature of a version that is switched on");
  const version = (request.header(names.olderVersion) ?? "v1").toLowerCase();
  if (version !== "v1" && version !== "v2") return refused("its signature version is unknown");
  if (!rules.versions.has(version)) return refused(`${version} signatures are not switched on`);
  const expected = version === "v1" ? signV1(request, rules) : signV2(request, rules);
  // Document B of the requirements shows the digest with its algorithm before it.
  const given = older.replace(/^sha256=/i, "").toLowerCase();
  return same(given, expected) ? { kind: "valid", version } : refused("the signature is wrong");
}

function verifyNewest(
  request: SignedRequest,
  given: string,
  rules: SignatureRules,
): SignatureVerdict {
  const timestamp = request.header(names.timestamp) ?? "";
  // Digits only: "NaN", "1e12" and "0x18A" are numbers to a lenient parser, and comparisons with NaN refuse nothing.
  if (!/^\d{1,15}$/.test(timestamp)) return refused("its timestamp cannot be read");
  if (Math.abs(rules.now - Number(timestamp)) > WINDOW_MS) {
    return refused("its timestamp is more than five minutes from now");
  }
  if (!same(given, signV3(request, timestamp, rules))) return refused("the signature is wrong");
  return { kind: "valid", version: "v3" };
}

function refused(reason: string): SignatureVerdict {
  return { kind: "refused", reason };
}

// HubSpot docs, validating requests, v3: these are decoded before signing and no others (read 2026-11).
const decoded: Readonly<Record<string, string>> = {
  "%3A": ":",
  "%2F": "/",
  "%3F": "?",
  "%40": "@",
  "%21": "!",
  "%24": "$",
  "%27": "'",
  "%28": "(",
  "%29": ")",
  "%2A": "*",
  "%2C": ",",
  "%3B": ";",
};
const decodable = new RegExp(Object.keys(decoded).join("|"), "gi");

/** The address as v3 signs it. One pass: what decoding brings forth is not decoded again. */
export function signedUri(uri: string): string {
  if (!uri.includes("%")) return uri;
  return uri.replace(decodable, (escaped) => decoded[escaped.toUpperCase()] ?? escaped);
}

function signV3(
  { method, uri, body }: SignedRequest,
  timestamp: string,
  { secret }: SignatureRules,
): string {
  return createHmac("sha256", secret)
    .update(`${method}${signedUri(uri)}`)
    .update(body)
    .update(timestamp)
    .digest("base64");
}

function signV1({ body }: SignedRequest, { secret }: SignatureRules): string {
  return createHash("sha256").update(secret).update(body).digest("hex");
}

function signV2({ method, uri, body }: SignedRequest, { secret }: SignatureRules): string {
  return createHash("sha256").update(`${secret}${method}${uri}`).update(body).digest("hex");
}

/** Compares hashes of both, which have one length: the time taken tells nothing about the expected text. */
function same(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
