// What was taken back, as META keeps it.

import { describe, expect, it } from "vitest";
import { cutsIn, joinedCuts } from "../src/cut-rows.ts";

describe("what was taken back", () => {
  it("is one place where one was taken back after the other: the mark of the first is all that lies between", () => {
    expect(joinedCuts([{ from: 5, to: 9 }])).toEqual([{ from: 5, to: 9 }]);
    // A second /undo goes back behind the first, a /retry begins after its own mark.
    expect(
      joinedCuts([
        { from: 5, to: 9 },
        { from: 1, to: 10 },
      ]),
    ).toEqual([{ from: 1, to: 10 }]);
    expect(
      joinedCuts([
        { from: 5, to: 9 },
        { from: 10, to: 14 },
      ]),
    ).toEqual([{ from: 5, to: 14 }]);
    expect(
      joinedCuts([
        { from: 11, to: 14 },
        { from: 5, to: 9 },
      ]),
    ).toEqual([
      { from: 5, to: 9 },
      { from: 11, to: 14 },
    ]);
  });

  it("is kept in a bounded number of places, and all of it stays hidden", () => {
    const cuts = Array.from({ length: 120 }, (_, index) => ({ from: index * 10 + 1, to: index * 10 + 5 }));
    const kept = joinedCuts(cuts);
    expect(kept).toHaveLength(50);
    expect(kept.slice(1)).toEqual(cuts.slice(-49));
    const isCut = cutsIn([], kept);
    expect(cuts.every(({ from }) => isCut({ seq: from }))).toBe(true);
    expect([isCut({ seq: 1_195 }), isCut({ seq: 1_196 })]).toEqual([false, false]);
  });
});
