// When the budgets of the day start afresh, as the person's clock shows it. Said by /usage and when one is spent.

import { nextDayMs } from "../usage/money.ts";
import type { TurnContext } from "./turn-context.ts";

/** The next midnight UTC: `01:00 (Europe/Berlin)`. It is never more than a day away, so that the time says it. */
export const freshAt = ({ timezone, ports }: Pick<TurnContext, "timezone" | "ports">): string => {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit" });
  return `${time.format(nextDayMs(ports.clock.now()))} (${timezone})`;
};
