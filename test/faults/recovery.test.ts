// A fault strikes while another is being recovered from. Nothing may differ that one fault could not change; only a part
// whose send was in doubt twice stays as it is, with a word about it, instead of going out a third time.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import { RUNS_ALL } from "./sample.ts";
import type { Shape } from "./shape.ts";
import { cronTick, foldedIn, handOver, longAnswer, plainAnswer, toolRounds } from "./shapes.ts";
import { learntTurn, newSkill, spentBudget } from "./shapes-kept.ts";
import type { Point } from "./strike.ts";

const TIMEOUT_MS = 900_000;

type First = Point & { readonly shape: Shape };

/** In every run of the suite: a reply in doubt. */
const ALWAYS: readonly First[] = [
  { shape: plainAnswer, fault: "kill-after", name: "telegram.sendMessage", occurrence: 1 },
];

const WHERE_ALL_ARE_RUN: readonly First[] = [
  { shape: plainAnswer, fault: "kill-before", name: "telegram.sendMessage", occurrence: 1 },
  { shape: plainAnswer, fault: "lose-answer", name: "telegram.sendMessage", occurrence: 1 },
  { shape: toolRounds, fault: "kill-after", name: "tool.launch", occurrence: 1 },
  { shape: longAnswer, fault: "kill-after", name: "telegram.sendRichMessage", occurrence: 1 },
  { shape: foldedIn, fault: "kill-before", name: "dynamodb.PutItem MSG", occurrence: 5 },
  { shape: cronTick, fault: "kill-after", name: "dynamodb.PutItem IN", occurrence: 1 },
  { shape: handOver, fault: "kill-before", name: "lambda.Invoke", occurrence: 2 },
  { shape: newSkill, fault: "kill-after", name: "s3.PutObject SKILL.md", occurrence: 1 },
  { shape: learntTurn, fault: "kill-after", name: "agentcore.CreateEvent", occurrence: 1 },
  { shape: spentBudget, fault: "kill-after", name: "dynamodb.PutItem NOTICE", occurrence: 1 },
];

describe("a second fault, in the recovery from the first", () => {
  it.each(
    [...ALWAYS, ...(RUNS_ALL ? WHERE_ALL_ARE_RUN : [])].map((first) => ({
      of: first.shape.title,
      first,
      ...first,
    })),
  )(
    "changes nothing: $of, $fault $name",
    ({ shape, first: { name, occurrence, fault } }) =>
      expectNoDifference(shape, { first: [{ name, occurrence, fault }] }),
    TIMEOUT_MS,
  );
});
