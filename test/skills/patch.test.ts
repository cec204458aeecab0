import { describe, expect, it } from "vitest";
import { patchText } from "../../src/skills/patch.ts";

const TEXT = "# Steps\n\n1. Boil  the water.\n    - not too hot\n2. Pour.\n\n2. Pour.\n";
const patch = (oldText: string, newText: string, replaceAll = false) =>
  patchText(TEXT, oldText, newText, replaceAll);

describe("a patch", () => {
  it("replaces exactly what was quoted, also within a line", () => {
    expect(patch("Boil", "Heat")).toEqual({ text: TEXT.replace("Boil", "Heat"), count: 1 });
    expect(patch("1. Boil  the water.\n", "")).toMatchObject({ count: 1 });
  });

  it("finds what differs in its spaces", () => {
    expect(patch("1. Boil the water.  \n", "1. Boil it.\n")).toEqual({
      text: TEXT.replace("1. Boil  the water.", "1. Boil it."),
      count: 1,
    });
    expect(patchText("a  b\r\nc\r\n", "a b\nc", "x", false)).toEqual({ text: "x\r\n", count: 1 });
  });

  it("finds what differs in its indentation, and keeps the text's own", () => {
    expect(patch("- not too hot", "- 80 degrees\n- or less")).toMatchObject({
      text: TEXT.replace("- not too hot", "- 80 degrees\n- or less"),
    });
    expect(patch("  - not  too hot\n", "  - 80 degrees\n  - or less\n")).toEqual({
      text: TEXT.replace("    - not too hot", "    - 80 degrees\n    - or less"),
      count: 1,
    });
  });

  it("must be unique, unless all are meant", () => {
    expect(patch("2. Pour.", "2. Serve.")).toMatchObject({ problem: expect.stringMatching(/2 places/) });
    expect(patch("2. Pour.", "2. Serve.", true)).toEqual({
      text: TEXT.replaceAll("2. Pour.", "2. Serve."),
      count: 2,
    });
    expect(patch("2.  Pour.", "2. Serve.")).toMatchObject({ problem: expect.stringMatching(/2 places/) });
  });

  it("that finds nothing shows how the text begins", () => {
    const long = "line\n".repeat(1_000);
    expect(patchText(long, "nowhere", "x", false)).toMatchObject({
      problem: expect.stringMatching(/not found/),
      preview: long.slice(0, 500),
    });
    expect(patch("   \n  ", "x")).toHaveProperty("preview");
  });

  it("says when there is nothing to do", () => {
    expect(patch("", "x")).toMatchObject({ problem: expect.stringMatching(/required/) });
    expect(patch("Pour", "Pour")).toMatchObject({ problem: expect.stringMatching(/the same/) });
  });

  it("takes $ in the new text for what it is", () => {
    expect(patch("Boil", "$& $1")).toMatchObject({ text: TEXT.replace("Boil", () => "$& $1") });
  });

  it("of fifty thousand places is made in one pass, and one that would make millions of characters is refused before it is made", () => {
    const words = "a b ".repeat(24_750);
    expect(patchText(words, " ", "  ", true)).toEqual({
      text: words.replaceAll(" ", "  "),
      count: 49_500,
    });
    expect(patchText(words, " ", "x".repeat(500), true)).toEqual({
      problem: "With new_string in 49,500 places the file would be far too large.",
    });
    // Each line of the new text gets the old one's indentation.
    const deep = `${" ".repeat(50_000)}one  two\n`;
    expect(patchText(deep, "one two", "x\n".repeat(10_000), false)).toEqual({
      problem: "With new_string in 1 place the file would be far too large.",
    });
    expect(patchText(deep, "one two", "x\n".repeat(10), false)).toMatchObject({ count: 1 });
  });

  it("takes lines that are all the same one after the other, each once, and is through half a million of them at once", () => {
    expect(patchText("x  y\n".repeat(5), "x y\nx y", "z", true)).toEqual({
      text: "z\nz\nx  y\n",
      count: 2,
    });
    const same = "a\n".repeat(500_000);
    expect(patchText(same, `${"a\n".repeat(8_000)}b`, "x", true)).toHaveProperty("preview");
  });
});
