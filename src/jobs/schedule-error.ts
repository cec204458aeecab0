// What is wrong with a schedule, in words that the model can act on. Thrown by src/jobs, caught by the cronjob tool.

import { HermesError } from "../errors.ts";

/** The four forms, as Hermes lists them; here '30m' is called what it is, a one-shot (hermes-behaviour.md 9, 5). */
export const FORMS = `Use one of:
  - Duration: '30m', '2h', '1d' (once, that long from now)
  - Interval: 'every 30m', 'every 2h' (again and again)
  - Cron: '0 9 * * *' (five fields: minute hour day month weekday, in the user's time zone)
  - Timestamp: '2026-02-03T14:00:00' (once, at that time in the user's time zone)`;

export class ScheduleError extends HermesError {
  override name = "ScheduleError";
  constructor(message: string, options?: ErrorOptions) {
    super("malformed", message, options);
  }
}
