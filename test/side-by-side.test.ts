import { describe, expect, it } from "vitest";
import { sideBySide } from "../src/side-by-side.ts";

describe("work side by side", () => {
  it("keeps the order of the items, and no more of it under way than allowed", async () => {
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    let [running, most] = [0, 0];
    const done = sideBySide(2, [0, 1, 2, 3], async (item) => {
      running += 1;
      most = Math.max(most, running);
      await gates[item]?.promise;
      running -= 1;
      return `done ${item}`;
    });
    for (const gate of gates.toReversed()) gate.resolve();
    expect(await done).toEqual(["done 0", "done 1", "done 2", "done 3"]);
    expect(most).toBe(2);
  });

  it("begins nothing more after a failure, and fails when what was under way has ended", async () => {
    const begun: number[] = [];
    const slow = Promise.withResolvers<void>();
    let hasEnded = false;
    const done = sideBySide(2, [0, 1, 2, 3], async (item) => {
      begun.push(item);
      if (item === 0) throw new Error("no");
      await slow.promise;
      hasEnded = true;
    });
    slow.resolve();
    await expect(done).rejects.toThrow("no");
    expect([begun, hasEnded]).toEqual([[0, 1], true]);
  });
});
