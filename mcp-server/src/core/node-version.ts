/** Whether a Node version can run this program. */

// better-sqlite3 needs the N-API of Node 22, and 22.18 is the first that runs TypeScript without a flag.
const OLDEST = [22, 18] as const;

/** null when the version will do; otherwise one sentence with the mend. */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `hubspot-sync needs Node ${OLDEST.join(".")} or newer and was started with ${version}: install a newer Node, or run it through npm (npm start), which brings its own.`;
}
