// Whether a name is a time zone this runtime knows. Asked by variables.ts, home/config.ts and agent/prompt.ts.

export const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // a RangeError is how Intl says that there is no such zone
  }
};
