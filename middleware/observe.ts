// Steps: what every log line of an invocation says of it. Text people write is never part of that.

import type { Context } from "aws-lambda";
import type { LogFields } from "../src/log.ts";
import type { Turn } from "../src/turn.ts";
import { correlationOf } from "../src/turn-correlation.ts";
import type { Step } from "./step.ts";

export interface Telemetry {
  /** Forgets the last invocation; request id and the cold-start flag of this one are on every line from here. */
  begin(context: Context): void;
  /** Adds to every line from here. */
  correlate(fields: LogFields): void;
}

export const observe = (telemetry: Telemetry): Step => ({
  before: function observeBefore({ context }) {
    telemetry.begin(context);
  },
});

export const correlate = (telemetry: Telemetry): Step<{ turn: Turn }> => ({
  before: function correlateBefore({ context }) {
    telemetry.correlate(correlationOf(context.turn));
  },
});
