// Every outside call of a turn is a place to die at: killed before it, killed after it, or its answer lost. Then Lambda
// tries again, and nothing is different from a run that nobody disturbed.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import * as shapes from "./shapes.ts";

/** All points of a shape take minutes; `npm test` takes a sample (sample.ts). */
const TIMEOUT_MS = 900_000;

describe("one message, whatever breaks on the way", () => {
  it.each([shapes.plainAnswer, shapes.toolRounds, shapes.longAnswer, shapes.shownDraft])(
    "comes to $title, once",
    (shape) => expectNoDifference(shape),
    TIMEOUT_MS,
  );
});
