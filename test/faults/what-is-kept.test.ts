// As one-message.test.ts, for turns that leave something beside their conversation: a skill is wholly there or not, and the
// Knowledge Base and the menu have what the bucket has; what was said is learnt once, noted once and charged once.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import * as shapes from "./shapes-kept.ts";

const TIMEOUT_MS = 900_000;

describe("what a turn leaves beside its conversation, whatever breaks on the way", () => {
  it.each([
    shapes.firstMessage,
    shapes.newSkill,
    shapes.learntTurn,
    shapes.paidTurn,
    shapes.forgetting,
    shapes.spentBudget,
  ])("is the same as without: $title", (shape) => expectNoDifference(shape), TIMEOUT_MS);
});
