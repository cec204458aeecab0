import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { describe, expect, it } from "vitest";
import { compose, simplify } from "../../../src/adapters/telegram/compose.ts";
import { renderEntities } from "../../../src/adapters/telegram/entities.ts";
import { parseMarkdown } from "../../../src/adapters/telegram/markdown.ts";
import { richParts } from "../../../src/adapters/telegram/rich-parts.ts";
import type { Part, PartEntity } from "../../../src/ports.ts";
import fc from "../../support/properties.ts";

const rich = (markdown: string): string => richParts(parseMarkdown(markdown)).join("\n\n");

/** Every node of a Markdown text as an independent reader of CommonMark and GFM sees it. */
function nodesOf(markdown: string): Nodes[] {
  const walk = (node: Nodes): Nodes[] => [node, ...("children" in node ? node.children.flatMap(walk) : [])];
  return walk(fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
}

const HARMLESS = /^<\/?(b|i|s|u|mark|sub|sup|tg-spoiler|details|summary)>/;

/** What facts/telegram-rich.md says a model must not be able to do. */
function expectHarmless(markdown: string): void {
  for (const node of nodesOf(markdown)) {
    expect(node.type).not.toMatch(/^(image|imageReference|definition)$/);
    if (node.type === "html") expect(node.value).toMatch(HARMLESS);
    if (node.type === "link") expect(node.url).toMatch(/^(https?|mailto|tel):/);
  }
}

describe("a rich message", () => {
  it.each([
    '<tg-button type="callback_data" data="x">ok</tg-button>',
    '# Hi <tg-button-row>\n<tg-button type="url" url="https://a">a</tg-button>\n</tg-button-row>',
    "![](https://evil.example/leak.png)",
    "![x][y]\n\n[y]: https://evil.example/leak.png",
    '<img src="https://evil.example/leak.png">',
    "<tg-map lat=1 long=1/>",
    "[you](tg://user?id=1)",
    '<a href="tg://user?id=1">you</a>',
    "[b][z]\n\n[z]: tg://user?id=1",
    "$x = <img src='https://evil.example/a.png'/>$",
    "$x=1 ![](https://evil.example/a.png)$",
    "<details><summary><img src=x></summary>\n\n<script>alert()</script>\n\n</details>",
    "| a | b |\n|-|-|\n| <tg-button> | ![](https://evil.example) |",
    "\\<tg-button\\> \\![](https://evil.example)",
    "&lt;tg-button&gt; &#33;[x](https://evil.example)",
    "<<tg-button>>\n<\ntg-button>",
  ])("has no powers beyond its text: %s", (markdown) => {
    const safe = rich(markdown);
    expectHarmless(safe);
    expect(safe).not.toMatch(/<(tg-button|img|a|script|tg-map)|(?<!\\)!\[[^\]]*\][([]|\]\(tg:/);
  });

  it("leaves money alone and keeps formulas", () => {
    expect(rich("$5 and $10, $x^2$ and \\(y_1\\)")).toBe("\\$5 and \\$10, $x^2$ and $y_1$");
    expect(rich("$$\na < b\n$$")).toBe("```math\na \\lt{} b\n```");
  });

  it("shows line breaks as the author had them", () => {
    expect(rich("one\ntwo")).toBe("one  \ntwo");
  });

  it("keeps what makes it rich", () => {
    const markdown =
      "# T\n\n- a\n  1. b\n     - [x] c\n\n| h | i |\n| :- | -: |\n| `x\\|y` | **z** |\n\n> > q\n\n---\n\n```py\nx\n```";
    expect(rich(markdown)).toBe(markdown);
  });

  it("keeps a line that only looks like syntax a line", () => {
    const text = "1\\. no list\n\\# no heading\n\\- no list\n\\> no quote";
    expect(nodesOf(rich(text)).map(({ type }) => type)).not.toContain("list");
    expect(renderEntities(parseMarkdown(rich(text))).text).toBe(
      "1. no list\n# no heading\n- no list\n> no quote",
    );
  });

  // Each found by the properties below.
  it.each([
    ["an address behind a digit", "[5https://a.example/b_c**", "[5https://a.example/b_c**"],
    ["an address before a sign and a link", "[https://a.example\\![a](https://x.y)", "[https://a.example!a"],
    ["a heading that ends with its own sign", "# C \\#", "C #"],
    ["a formula beside a word", "[t](tg://user?id=1)$x^2$[t](tg://user?id=1)", "t x^2 t"],
    ["an empty line in a style", "**a<br><br>b**", "a\nb"],
    ["a colon behind a note", "a\n    [^1]: b\n\n[^1]: c", "a\n[1]: b\n\n[1] c"],
    ["formulas beside each other", "\\(x^2\\)\\(y^2\\)", "x^2 y^2"],
    ["a table of one column", "**\n | - ", "**\n| -"],
    [
      "details below a note that ends with code",
      "[^1]: ```\n    ```\n\n<details>x</details>",
      "[1] \n\n…\nx",
    ],
  ])("is the same when it has to be simplified: %s", (_, markdown, text) => {
    expect(renderEntities(parseMarkdown(rich(markdown))).text).toBe(text);
  });

  it("shows a table of more than 20 columns as groups", () => {
    const row = (cell: string): string => `|${`${cell}|`.repeat(25)}`;
    const types = nodesOf(rich([row("h"), row("-"), row("x")].join("\n"))).map(({ type }) => type);
    expect(types).not.toContain("table");
    expect(types).toContain("list");
  });

  it.each([
    ["quotes", `${">".repeat(200)} deep`],
    ["lists", Array.from({ length: 60 }, (_, level) => `${"  ".repeat(level)}- x`).join("\n")],
    ["styles", `${"*a **b ".repeat(30)}c${"** *".repeat(30)}`],
  ])("nests %s no deeper than Telegram does", (_, markdown) => {
    const depth = (node: Nodes): number =>
      1 + ("children" in node ? Math.max(0, ...node.children.map((child) => depth(child))) : 0);
    const tree = fromMarkdown(rich(markdown), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
    // Without the root and without the leaf, which is text.
    expect(depth(tree) - 2).toBeLessThanOrEqual(16);
  });
});

describe("a text beyond the limits of one rich message", () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");

  it.each([
    ["paragraphs", "some words of a paragraph\n\n".repeat(3_000), 2],
    ["one paragraph", "word ".repeat(20_000), 2],
    ["one styled paragraph", `**${"word ".repeat(20_000)}word**`, 2],
    ["code", `\`\`\`py\n${lines(9_000)}\n\`\`\``, 2],
    ["code of backticks", `~~~\n${"`".repeat(70_000)}\n~~~`, 2],
    ["a table", `| a | b |\n|-|-|\n${"| x | y |\n".repeat(1_200)}`, 2],
    ["a table with one huge cell", `| a | b |\n|-|-|\n| x | ${"y ".repeat(30_000)} |`, 2],
    ["a list", "- item\n".repeat(1_200), 2],
    ["a quote", `> ${"word ".repeat(20_000)}`, 2],
    ["details", `<details><summary>S</summary>\n\n${"text\n\n".repeat(1_200)}\n\n</details>`, 2],
    ["signs that must be escaped", "&<*".repeat(8_000), 2],
  ])("is cut into several: %s", (_, markdown, atLeast) => {
    const parts = compose(markdown);
    expect(parts.length).toBeGreaterThanOrEqual(atLeast);
    for (const part of parts) {
      expect(part.text.length).toBeLessThanOrEqual(32_768);
      const blocks = nodesOf(part.text).filter(({ type }) =>
        /paragraph|listItem|list|tableRow|table$|code$|quote/.test(type),
      );
      expect(blocks.length).toBeLessThanOrEqual(500);
    }
  });

  it("opens code again in each part and loses no line", () => {
    const parts = compose(`\`\`\`py\n${lines(9_000)}\n\`\`\``);
    for (const { text } of parts) expect(text).toMatch(/^```py\n[\s\S]*\n```$/);
    expect(parts.map(({ text }) => text.slice(6, -4)).join("\n")).toBe(lines(9_000));
  });

  it("counts on in an ordered list", () => {
    const parts = compose("1. item\n".repeat(600));
    expect(parts[1]?.text).toMatch(/^\d{3}\. item/);
  });
});

const FRAGMENTS = [
  ...[
    "**",
    "*",
    "_",
    "~~",
    "||",
    "==",
    "`",
    "```\n",
    "$",
    "$$",
    "\n",
    "\n\n",
    "> ",
    "**> ",
    "- ",
    "  - ",
    "1. ",
    "# ",
    "| a | b |\n|-|-|\n| ",
    " | ",
  ],
  ...[
    "<u>",
    "</u>",
    "<details>",
    "</details>",
    "<summary>s</summary>",
    "<tg-button>",
    "![a](https://x.y)",
    "[t](tg://user?id=1)",
    "](",
    "[",
    "\\",
    "&lt;",
    "&",
    "<",
    "[^1]",
    "[^1]: ",
  ],
  ...[
    "word",
    " ",
    "x_y",
    "😀",
    "👨‍👩‍👧",
    "שלום",
    "5",
    "x^2",
    "https://a.example/b_c",
    "---",
    "===",
    "\t",
    "    ",
  ],
];
const markdownish = fc
  .array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 })
  .map((pieces) => pieces.join(""));

describe("whatever a model writes", () => {
  it("is read in bounded time, also from a model in a loop", () => {
    const started = performance.now();
    expect(compose("*a*b ".repeat(20_000)).length).toBeGreaterThan(0);
    expect(compose(`\`\`\`\n${"*a*b ".repeat(4_000)}\n\`\`\``)[0]?.text).not.toContain("\\");
    // Unbounded it takes minutes; the margin is for a busy machine.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("is harmless as a rich message", () => {
    fc.assert(
      fc.property(markdownish, (markdown) => expectHarmless(rich(markdown))),
      { numRuns: 500 },
    );
  });

  it("shows a reader of entities the same words as a reader of the rich form", () => {
    const wordsOf = (text: string): string => text.replace(/[\s>•☑☐*_-]+|\d+\./gu, "");
    fc.assert(
      fc.property(markdownish, (markdown) => {
        const direct = renderEntities(parseMarkdown(markdown)).text;
        const around = renderEntities(parseMarkdown(rich(markdown))).text;
        expect(wordsOf(around)).toBe(wordsOf(direct));
      }),
      { numRuns: 500 },
    );
  });

  it("has entities that lie within the text and never cross each other", () => {
    const asEntities = (markdown: string): readonly Part[] =>
      compose(markdown).flatMap((part) => (part.form === "rich" ? simplify(part) : [part]));
    const ends = ({ offset, length }: PartEntity): number => offset + length;
    const cross = (a: PartEntity, b: PartEntity): boolean =>
      a.offset < b.offset && b.offset < ends(a) && ends(a) < ends(b);
    fc.assert(
      fc.property(markdownish, (markdown) => {
        for (const { text, entities = [] } of asEntities(markdown)) {
          expect(entities.filter((entity) => entity.length < 1 || ends(entity) > text.length)).toEqual([]);
          expect(entities.filter((a) => entities.some((b) => cross(a, b)))).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
