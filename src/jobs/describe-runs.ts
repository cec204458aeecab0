// The next runs in words, in the local time they happen in. For people and for the model.

import { fires, type NextRun } from "./next-runs.ts";

/** `Tue 24 Nov 2026, 08:30; … (Europe/Berlin)`, and a sentence about each that a change of the clock concerns. */
export const describeRuns = (runs: readonly NextRun[], timezone: string): string => {
  const time = new Intl.DateTimeFormat("en-GB", {
    ...{
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
    },
    timeZone: timezone,
  });
  const said = ({ atMs }: NextRun): string =>
    time.format(atMs).replace(/^(\w+), (.*?),? (?:at )?(\d{2}:\d{2})$/, "$1 $2, $3");
  const times = runs.filter(fires).map(said);
  const notes = runs.flatMap((run, index) => {
    if (run.note === "gap" && runs[index - 1]?.note === "gap") return [];
    if (run.note === "gap")
      return [`The run before ${said(run)} is skipped: the clock is put forward over its time.`];
    return run.note === "overlap"
      ? [`At ${said(run)} the clock is put back: it runs once, the first time.`]
      : [];
  });
  return [`${times.join("; ")} (${timezone})`, ...notes].join(" ");
};
