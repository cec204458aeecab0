// When a five-field expression comes round on a clock that never jumps (src/jobs/wall-time.ts brings in the zone).
// The only importer of croner (33 KB in the bundle). Called by next-runs.ts and schedule.ts.

import { Cron } from "croner";
import { type CronField, type CronFields, parseCronFields } from "./cron-fields.ts";

/** Ascending moments after the given one, on the line of `onLine`; ends where there is no further one. */
export function* momentsAfter(expr: string, lineMs: number): Generator<number> {
  const cron = new Cron(canonical(parseCronFields(expr)), { timezone: "UTC", mode: "5-part", paused: true });
  let next = cron.nextRun(new Date(lineMs));
  while (next !== null) {
    yield next.getTime();
    next = cron.nextRun(next);
  }
}

/** croner's own reading of steps and names is not needed: it gets the numbers. */
const canonical = ({ minute, hour, day, month, weekday }: CronFields): string =>
  [minute, hour, day, month, weekday].map(fieldText).join(" ");

const fieldText = ({ isStar, values }: CronField): string => (isStar ? "*" : values.join(","));
