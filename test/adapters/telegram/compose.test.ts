import { describe, expect, it } from "vitest";
import { compose, simplify } from "../../../src/adapters/telegram/compose.ts";
import type { Part } from "../../../src/ports.ts";

const only = (markdown: string): Part => {
  const parts = compose(markdown);
  expect(parts).toHaveLength(1);
  return parts[0] ?? { form: "plain", text: "" };
};

/** What each entity of a part covers. */
const covered = (part: Part | undefined): string[] =>
  (part?.entities ?? []).map(
    ({ type, offset, length }) => `${type}: ${part?.text.slice(offset, offset + length)}`,
  );

describe("the form of an answer", () => {
  it.each([
    ["prose", "Just **text** with `code`, [a link](https://a.example) and\n\n> a quote\n\n- a\n- b"],
    ["code", "```ts\nconst a = 1;\n```"],
    ["money", "It costs $5 and $10, or $20-$30, in $HOME/bin and $PATH"],
    ["logic", "a || b || c, and x == y"],
  ])("is an ordinary message for %s", (_, markdown) => {
    expect(only(markdown).form).toBe("entities");
  });

  it.each([
    ["a heading", "# Title\n\ntext"],
    ["a table", "| a | b |\n|---|---|\n| 1 | 2 |"],
    ["a nested list", "- a\n  - b"],
    ["a task list", "- [x] done\n- [ ] open"],
    ["details", "<details><summary>More</summary>\n\ntext\n\n</details>"],
    ["a formula", "It is $x^2 + y^2$"],
    ["a display formula", "So:\n$$\nE = mc^2\n$$"],
    ["a formula as many models write it", "It is \\(a + b\\), and \\[c\\]"],
    ["a footnote", "text[^1]\n\n[^1]: note"],
    ["more than one message", "word ".repeat(900)],
  ])("is a rich message for %s", (_, markdown) => {
    expect(only(markdown).form).toBe("rich");
  });

  it.each(["", "   \n ", "```\n```", "\u200b\u2060"])(
    "is nothing at all for a text of which nothing can be seen: %j",
    (markdown) => {
      expect(compose(markdown)).toEqual([]);
    },
  );

  it("is always the same for the same text", () => {
    const markdown = "# A\n\n- [ ] b\n\n||c|| $x^2$";
    expect(compose(markdown)).toEqual(compose(markdown));
  });

  it("is one that Telegram can read when half an emoji is in it", () => {
    expect(only("half \ud83d and\0 whole 😀").text).toBe("half \ufffd and whole 😀");
  });
});

describe("an ordinary message", () => {
  it("shows each style as its entity", () => {
    const part = only("**b** *i* ~~s~~ ||sp|| <u>u</u> `c` [l](https://l.example)");
    expect(part.text).toBe("b i s sp u c l");
    expect(covered(part)).toEqual([
      "bold: b",
      "italic: i",
      "strikethrough: s",
      "spoiler: sp",
      "underline: u",
      "code: c",
      "text_link: l",
    ]);
  });

  it("keeps code out of other styles, which Telegram does not take", () => {
    expect(covered(only("**use `npm` now**"))).toEqual(["bold: use ", "bold:  now", "code: npm"]);
    expect(covered(only("[see `npm`](https://a.example)"))).toEqual(["text_link: see npm"]);
  });

  it("keeps single newlines and the author's layout", () => {
    expect(only("one\ntwo\n\nthree\n1. a\n2. b").text).toBe("one\ntwo\n\nthree\n1. a\n2. b");
  });

  it("counts in UTF-16 units", () => {
    expect(covered(only("👩‍👩‍👧 **bold** שלום *kursiv*"))).toEqual(["bold: bold", "italic: kursiv"]);
  });

  it("ends a quote with its last sign", () => {
    expect(covered(only("> quoted\nnot quoted"))).toEqual(["blockquote: quoted"]);
  });

  it("quotes over several lines, expandable ones too", () => {
    expect(covered(only("**> one\n> two||"))).toEqual(["expandable_blockquote: one\ntwo"]);
  });

  it("shows an address it does not link to, but nothing of Telegram's own", () => {
    expect(only("[a](/relative) [b](javascript:alert) [c](tg://user?id=1)")).toMatchObject({
      text: "a (/relative) b (javascript:alert) c",
      entities: [],
    });
  });

  it("leaves an address that stands for itself to Telegram", () => {
    expect(only("see https://a.example/x_y and me@a.example").entities).toEqual([]);
  });

  it("shows an image as a link, so that nobody fetches it", () => {
    expect(covered(only("![chart](https://evil.example/?q=secret)"))).toEqual(["text_link: chart"]);
  });
});

describe("the next simpler form", () => {
  it("of a rich message is a message with entities, of that plain text, and of that nothing", () => {
    const rich = only("# Title\n\nSome **bold** text");
    const [entities] = simplify(rich);
    expect(entities).toMatchObject({ form: "entities", text: "Title\n\nSome bold text" });
    expect(covered(entities)).toEqual(["bold: Title", "bold: bold"]);
    const [plain] = entities ? simplify(entities) : [];
    expect(plain).toEqual({ form: "plain", text: "Title\n\nSome bold text" });
    expect(plain && simplify(plain)).toEqual([]);
  });

  it("shows a table as groups, a task list as boxes, details as a title over its content", () => {
    const [part] = simplify(
      only(
        "| a | b |\n|-|-|\n| 1 | **2** |\n\n- [x] x\n- [ ] y\n\n<details><summary>More</summary>\ntext\n</details>",
      ),
    );
    expect(part?.text).toBe("1\n• b: 2\n\n☑ x\n☐ y\n\nMore\ntext");
    expect(covered(part)).toEqual(["bold: 1", "bold: 2", "bold: More"]);
  });

  it("of a long one is numbered messages that keep their styles over the cut", () => {
    const [rich, ...more] = compose(`**${"bold ".repeat(1_500)}bold** end`);
    expect(more).toEqual([]);
    const parts = rich ? simplify(rich) : [];
    expect(parts).toHaveLength(2);
    for (const [index, part] of parts.entries()) {
      expect(part.text.length).toBeLessThanOrEqual(4096);
      expect(part.text.endsWith(` (${index + 1}/2)`)).toBe(true);
      expect(part.entities?.[0]).toMatchObject({ type: "bold", offset: 0 });
    }
  });

  it("does not cut a family in two", () => {
    const [rich] = compose("👨‍👩‍👧‍👦".repeat(800));
    for (const { text } of rich ? simplify(rich) : []) {
      expect(text.replace(/ \(\d\/\d\)$/, "").replaceAll("👨‍👩‍👧‍👦", "")).toBe("");
    }
  });
});
