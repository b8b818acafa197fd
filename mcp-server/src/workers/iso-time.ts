/** Times as records keep them. */

/** Milliseconds since the epoch as ISO-8601 UTC. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
