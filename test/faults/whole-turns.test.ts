// As one-message.test.ts, for turns with more in them: a second message, a job and its chat, a summary, a second invocation.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import * as shapes from "./shapes.ts";

const TIMEOUT_MS = 900_000;

describe("a turn with more in it, whatever breaks on the way", () => {
  it.each([shapes.foldedIn, shapes.cronTick, shapes.compaction, shapes.handOver])(
    "comes to the same as without: $title",
    (shape) => expectNoDifference(shape),
    TIMEOUT_MS,
  );
});
