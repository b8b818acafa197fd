/** Reads schedules in cron's notation, in the machine's time zone. */
import { Cron } from "croner";
import { AppError } from "./core/errors.ts";
import { never, type Schedule } from "./core/schedule-due.ts";

/**
 * The schedule of five fields of cron; "off" = never. Where clocks are set forward a time that is left out counts when the gap is over; where they
 * are set back, a time that comes twice counts once.
 *
 * @param name the setting, as messages call it
 * @param timeZone e.g. "Europe/Berlin"; the machine's own by default
 * @throws AppError `input` that names the setting
 */
export function createSchedule(
  { name, pattern }: { readonly name: string; readonly pattern: string },
  timeZone?: string,
): Schedule {
  if (pattern === "off") return never;
  const cron = parsed(name, pattern, timeZone);
  return (after) => cron.nextRun(new Date(after))?.getTime() ?? null;
}

function parsed(name: string, pattern: string, timeZone: string | undefined): Cron {
  try {
    return new Cron(pattern, {
      mode: "5-part",
      ...(timeZone === undefined ? {} : { timezone: timeZone }),
    });
  } catch (cause) {
    throw new AppError(
      "input",
      `${name} is no schedule: five fields of cron, e.g. */15 * * * * for every quarter of an hour, or off.`,
      { cause, code: "INVALID_SCHEDULE" },
    );
  }
}
