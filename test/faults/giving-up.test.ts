// A turn that kills its process in every try of Lambda's: the notice of it gives the turn up. That is broken at every call,
// too: the person hears of it once or, if even that fails, not; the operator has one record; and the chat works on.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import { RUNS_ALL } from "./sample.ts";
import { cronTick, plainAnswer } from "./shapes.ts";
import type { Point } from "./strike.ts";

const TIMEOUT_MS = 900_000;

/** Dies whenever it has asked the model. */
const DIES: Point = { fault: "kill-before", name: "model.chat/completions turn", occurrence: 1 };

/**
 * The apology, and what was asked: its row and the question to the model are under way at once, and which of them is
 * first decides whether it stands in the transcript when the process dies.
 */
const MAY_BE_MISSING = /I failed at this several times in a row|^Hello$|^\[This is a scheduled run/;

describe("a turn that cannot be finished", () => {
  it.each(RUNS_ALL ? [plainAnswer, cronTick] : [plainAnswer])(
    "is given up once, whatever breaks on the way: $title",
    (shape) =>
      expectNoDifference(shape, {
        first: [DIES, DIES, DIES],
        isHopeless: true,
        excused: { unsaid: MAY_BE_MISSING },
      }),
    TIMEOUT_MS,
  );
});
