import { describe, expect, it } from "vitest";
import { withoutQuotes } from "../src/errors.ts";

describe("an error text of a service", () => {
  it.each([
    ['cannot parse "dear diary"', "cannot parse [quoted]"],
    ["'input': 'It's a secret'", "[quoted]: [quoted]"],
    ['said "she said \\"no\\" twice", then left', "said [quoted], then left"],
    ["unsupported tag `b` in “my text”", "unsupported tag [quoted] in [quoted]"],
    ['Input "a text that was cut by the serv', "Input [quoted]"],
  ])("loses what it quotes: %s", (text, kept) => {
    expect(withoutQuotes(text)).toBe(kept);
  });

  it.each([
    "This model's maximum context length is 131072 tokens, your messages' length is 200000.",
    "'tool_calls' must be followed by tool messages",
    "`messages[3].role`: unknown variant",
  ])("keeps its own words and the protocol's names: %s", (text) => {
    expect(withoutQuotes(text)).toBe(text);
  });

  it("is read in time that grows with its length alone", () => {
    const started = performance.now();
    withoutQuotes("'\"`“ ".repeat(20_000));
    withoutQuotes("' ".repeat(50_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
