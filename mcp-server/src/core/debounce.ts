/** How long a change waits for others of the same record before it is sent. */

/**
 * Milliseconds from a change to when its record comes due. A form that is saved field by field then costs one write instead of
 * several; a real-time field does not wait.
 */
export const DEBOUNCE_MS = 2_000;
