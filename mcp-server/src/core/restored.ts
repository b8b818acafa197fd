/** What a database that was restored from a backup knows of it. */

/**
 * The cursor that every backup carries and no other database does: when it was made, ISO-8601 UTC. What was done between then and the restoring, the
 * log does not tell.
 */
export const RESTORED_FROM = "restored-from";
