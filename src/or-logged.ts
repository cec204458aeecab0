// For work whose failure the person need not know of: it is logged, and the turn goes on.

import { asError } from "./errors.ts";
import type { Log } from "./log.ts";

/** The result, or undefined when it failed. `what` completes "… failed". */
export const orLogged = async <T>(log: Log, what: string, work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    log.warn(`${what} failed`, { error: asError(error) });
    return undefined;
  }
};
