/** What the signatures of notifications are about, for those who check them and those who ask for it. */

/** A request as it was received. */
export interface SignedRequest {
  readonly method: string;
  /** The whole address as HubSpot called it, query included; behind a proxy this is not what reached the listener. */
  readonly uri: string;
  /** As received: a text made of it and encoded again may differ. */
  readonly body: Uint8Array;
  /** A header's value by its name in lower case; null when there is none. */
  readonly header: (name: string) => string | null;
}

export type SignatureVersion = "v1" | "v2" | "v3";

/** `valid` names the version that vouched; a refusal's reason is for the log and never for the caller. */
export type SignatureVerdict =
  | { readonly kind: "valid"; readonly version: SignatureVersion }
  | { readonly kind: "refused"; readonly reason: string };

/** The versions of a list such as "v3,v1". */
export function signatureVersions(list: string): ReadonlySet<SignatureVersion> {
  const said = new Set(list.split(","));
  return new Set((["v1", "v2", "v3"] as const).filter((version) => said.has(version)));
}

export interface ReceivedAt {
  /** What reached the listener: `http://`, the Host header, path and query. */
  readonly url: string;
  /** The X-Forwarded-Proto header, which proxies and tunnels set; null when there is none. */
  readonly forwardedProto: string | null;
  /** PUBLIC_URL; null when not set. */
  readonly publicUrl: string | null;
}

/**
 * The address that HubSpot called, which it signs. PUBLIC_URL stands for everything that a proxy takes off: it is used as written, less trailing
 * slashes, query and fragment, and followed by the path and query that reached the listener. So a path in it is one that the proxy removes.
 * Without it the Host header tells the name, and the scheme is https where the proxy says so.
 */
export function calledAddress({ url, forwardedProto, publicUrl }: ReceivedAt): string {
  const [, host = "", pathAndQuery = ""] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (publicUrl !== null) {
    return publicUrl.replace(/[?#].*$/, "").replace(/\/+$/, "") + pathAndQuery;
  }
  const scheme = forwardedProto?.split(",", 1)[0]?.trim().toLowerCase() === "https" ? "s" : "";
  return `http${scheme}://${host}${pathAndQuery}`;
}
