// What a minute is called in a zone, and whether a five-field or a six-field expression means it: the slow way, by Intl and
// one value at a time, so that nothing is shared with what is tested.

export interface LocalMinute {
  readonly key: string;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export const wallClock = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    ...{
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      weekday: "short",
    },
    hourCycle: "h23",
    timeZone,
  });

export const localMinute = (clock: Intl.DateTimeFormat, atMs: number): LocalMinute => {
  const parts = Object.fromEntries(clock.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const number = (name: string) => Number(parts[name]);
  const local = {
    minute: number("minute"),
    hour: number("hour"),
    day: number("day"),
    month: number("month"),
  };
  return {
    ...local,
    key: `${parts["year"]}-${local.month}-${local.day} ${local.hour}:${local.minute}`,
    weekday: WEEKDAYS.indexOf(parts["weekday"] ?? ""),
  };
};

const means = (field: string, value: number, max: number): boolean =>
  field.split(",").some((part) => {
    const [range = "", step = "1"] = part.split("/");
    const [from, to] = range === "*" ? [undefined, undefined] : range.split("-").map(Number);
    const first = from ?? 0;
    const last = to ?? (range === "*" || part.includes("/") ? max : first);
    const offset = range === "*" ? value - (max === 31 || max === 12 ? 1 : 0) : value - first;
    return value >= first && value <= last && offset % Number(step) === 0;
  });

/** Vixie's five fields; of the two for days one says nothing. */
export const cronMatches = (expr: string, local: LocalMinute): boolean => {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expr.split(" ");
  return (
    means(minute, local.minute, 59) &&
    means(hour, local.hour, 23) &&
    means(day, local.day, 31) &&
    means(month, local.month, 12) &&
    (means(weekday, local.weekday, 7) || (local.weekday === 0 && means(weekday, 7, 7)))
  );
};

/** The service's six fields: `?` says nothing, days of the week count from Sunday = 1. */
export const awsMatches = (expression: string, local: LocalMinute): boolean => {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.split(" ") ?? [];
  const [minute = "", hour = "", day = "", month = "", weekday = "", year] = fields;
  if (fields.length !== 6 || year !== "*" || (day === "?") === (weekday === "?")) return false;
  return (
    means(minute, local.minute, 59) &&
    means(hour, local.hour, 23) &&
    (day === "?" || means(day, local.day, 31)) &&
    means(month, local.month, 12) &&
    (weekday === "?" || means(weekday, local.weekday + 1, 8))
  );
};
