// A fault strikes while another is being recovered from. Nothing may differ that one fault could not change; only a part
// whose send was in doubt twice stays as it is, with a word about it, instead of going out a third time.

import { describe, it } from "vitest";
import { expectNoDifference } from "./report.ts";
import type { Shape } from "./shape.ts";
import { longAnswer, plainAnswer, toolRounds } from "./shapes.ts";
import type { Point } from "./strike.ts";

const TIMEOUT_MS = 900_000;

const FIRST: readonly (readonly [Shape, Point])[] = [
  [plainAnswer, { fault: "kill-after", name: "telegram.sendMessage", occurrence: 1 }],
  [plainAnswer, { fault: "kill-before", name: "telegram.sendMessage", occurrence: 1 }],
  [plainAnswer, { fault: "lose-answer", name: "telegram.sendMessage", occurrence: 1 }],
  [toolRounds, { fault: "kill-after", name: "tool.launch", occurrence: 1 }],
  [longAnswer, { fault: "kill-after", name: "telegram.sendRichMessage", occurrence: 1 }],
];

describe("a second fault, in the recovery from the first", () => {
  it.each(FIRST.map(([shape, point]) => ({ shape, point, title: shape.title, ...point })))(
    "changes nothing: $title, $fault $name",
    ({ shape, point }) => expectNoDifference(shape, point),
    TIMEOUT_MS,
  );
});
