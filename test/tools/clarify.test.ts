import { describe, expect, it } from "vitest";
import { createClarify } from "../../src/tools/clarify.ts";
import { contextOf } from "./context.ts";

const ask = (args: Record<string, unknown>) => createClarify().run(args, contextOf());

describe("clarify", () => {
  it("puts the question with its choices to the person and says so", async () => {
    const outcome = await ask({ question: " Tea or coffee? ", choices: ["Tea", " Coffee", "Tea"] });
    expect(outcome.ask).toEqual({ question: "Tea or coffee?", choices: ["Tea", "Coffee"] });
    expect(outcome.text).toMatch(/has been put to the person.*next message is the answer/);
  });

  it("asks openly without choices", async () => {
    expect((await ask({ question: "Why?" })).ask).toEqual({ question: "Why?", choices: [] });
    expect((await ask({ question: "Why?", choices: null })).ask?.choices).toEqual([]);
  });

  it.each([
    ["no question", {}, /question: must be of type string/],
    ["an empty one", { question: "  " }, /question: must be at least 1 characters long/],
    [
      "five choices",
      { question: "?", choices: ["a", "b", "c", "d", "e"] },
      /choices: must be at most 4 items long/,
    ],
    ["choices that are no texts", { question: "?", choices: [1] }, /choices\.0: must be of type string/],
  ])("asks nothing when given %s", async (_what, args, problem) => {
    const outcome = await ask(args);
    expect(outcome.text).toMatch(problem);
    expect(outcome).not.toHaveProperty("ask");
  });
});
