import { describe, expect, it } from "vitest";
import { explore } from "./explore.ts";
import { MUTANTS, skipsOf } from "./mutants.ts";

describe("the search finds", () => {
  it.each(MUTANTS.map((one) => [one.mutant.name, one] as const))("%s", async (name, one) => {
    const { mutant, updates, bound } = one;
    const found = await explore({ name, updates, mutant }, { bound, skips: skipsOf(one) });
    expect(found.failures.flatMap(({ violations }) => violations).join("\n")).toMatch(one.verdict);
  });
});
