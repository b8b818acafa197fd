/** Host names with letters of any script, as mail and web use them: in ASCII. */

/** A host name in its ASCII form, lower-case; null when it cannot be one. */
export function toAscii(host: string): string | null {
  if (/[/?#@:\\]/.test(host)) return null;
  const url = URL.parse(`http://${host}`);
  return url === null || url.hostname === "" ? null : url.hostname;
}
