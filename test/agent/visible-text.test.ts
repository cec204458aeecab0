import { describe, expect, it } from "vitest";
import { hidingStream, stripHidden } from "../../src/agent/visible-text.ts";
import fc from "../support/properties.ts";

const streamed = (pieces: readonly string[]): string => {
  let shown = "";
  const show = hidingStream((piece) => {
    shown += piece;
  });
  for (const piece of pieces) show(piece);
  return shown;
};

describe("the visible text", () => {
  it.each([
    ["<think>a</think>\n\nb", "b"],
    ["a\n<thinking>x\ny</thinking>\nb", "a\nb"],
    ["a\n<memory-context>\nsecret\n</memory-context>\n\nb", "a\nb"],
    ["a\n<THINK>never closed", "a\n"],
    ["write `<think>` and </think> as you like", "write `<think>` and </think> as you like"],
    ["2 < 3 and <b>bold</b>", "2 < 3 and <b>bold</b>"],
  ])("of %j is %j", (text, visible) => {
    expect(stripHidden(text)).toBe(visible);
    expect(streamed([text])).toBe(visible);
    expect(streamed([...text])).toBe(visible);
  });

  const piece = fc.constantFrom(
    "<think>",
    "</think>",
    "text",
    "\n",
    " ",
    "<",
    "<thi",
    "nk>",
    "<b>",
    "a\n",
    "THINK>",
  );

  it("is the same however the stream was cut into pieces", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const whole = [...pieces, "."].join("");
        expect(streamed([...pieces, "."])).toBe(stripHidden(whole));
        expect(streamed([...whole])).toBe(stripHidden(whole));
      }),
      { numRuns: 1_000 },
    );
  });

  it("comes at once where nothing can be a tag", () => {
    expect(streamed(["Hello, ", "I think"])).toBe("Hello, I think");
  });

  it("holds back what may begin a tag, and the whole text has it all the same", () => {
    expect(streamed(["a\n<thi"])).toBe("a\n");
    expect(stripHidden("a\n<thi")).toBe("a\n<thi");
  });
});
