// As one-message.test.ts, for jobs: what makes and changes them, and their ticks, with record and timer at the two ends.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import * as shapes from "./shapes.ts";

const TIMEOUT_MS = 900_000;

describe("a job, whatever breaks on the way", () => {
  it.each([shapes.reminders, shapes.keptTick])(
    "comes to the same as without: $title",
    (shape) => expectNoDifference(shape),
    TIMEOUT_MS,
  );
});
