/** Signatures as HubSpot puts them on webhooks: version 3, and the older version 1. */
import { createHash, createHmac } from "node:crypto";

// HubSpot docs, validating requests, read 2026-10: only these are decoded in the signed URI.
const DECODED: Readonly<Record<string, string>> = {
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

/** What is signed, and with what. `url` is the one that the receiver is known by. */
export type Signed = {
  readonly secret: string;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  /** In ms. */
  readonly timestamp: number;
};

/** The URI as it enters a version 3 signature. */
export function signedUri(url: string): string {
  return url.replaceAll(/%[0-9a-f]{2}/gi, (code) => DECODED[code.toUpperCase()] ?? code);
}

/** Version 3: HMAC-SHA256 over method, URI, body and timestamp, in base64. */
export function signV3({ secret, method, url, body, timestamp }: Signed): string {
  return createHmac("sha256", secret)
    .update(`${method}${signedUri(url)}${body}${timestamp}`)
    .digest("base64");
}

/** Version 1: SHA-256 over secret and body, in hex. */
export function signV1({ secret, body }: Pick<Signed, "secret" | "body">): string {
  return createHash("sha256").update(`${secret}${body}`).digest("hex");
}
