// Hermes' cases for long messages. It carries code over a cut by closing and opening fences; on our form that is a `pre`
// entity in each part. The cut points may differ, the properties are the bar.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compose } from "../../src/adapters/telegram/compose.ts";
import { type Rendered, renderEntities } from "../../src/adapters/telegram/entities.ts";
import { parseMarkdown } from "../../src/adapters/telegram/markdown.ts";
import { splitRendered } from "../../src/adapters/telegram/split.ts";

interface Build {
  readonly prefix?: string;
  readonly repeat?: string;
  readonly count?: number;
  readonly suffix?: string;
  readonly join?: string;
  readonly cycle?: readonly string[];
}

interface Case {
  readonly id: string;
  readonly fn?: string;
  readonly input?: string;
  readonly expected?: number;
  readonly build?: Build;
  readonly max_length?: number;
  readonly properties?: readonly string[];
}

const folder = process.env["VECTORS"] ?? join(import.meta.dirname);
const { cases } = JSON.parse(readFileSync(join(folder, "message_splitting.json"), "utf8")) as {
  cases: readonly Case[];
};

function built({ prefix = "", repeat = "", count = 1, suffix = "", join: glue = "", cycle }: Build): string {
  const middle = cycle
    ? Array.from({ length: count }, (_, index) => cycle[index % cycle.length]).join(glue)
    : repeat.repeat(count);
  return prefix + middle + suffix;
}

const MARKER = / \((\d+)\/(\d+)\)$/;
const withoutMarker = (text: string): string => text.replace(MARKER, "");
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word && !word.startsWith("```"));

/** Whether each line of the case's code, recognised by its text, lies in a `pre`. */
const codeIsMarked = (part: Rendered): boolean =>
  [...withoutMarker(part.text).matchAll(/^x = .*$/gm)].every((line) =>
    part.entities.some(
      ({ type, offset, length }) =>
        type === "pre" && offset <= line.index && line.index + line[0].length <= offset + length,
    ),
  );

const hasLoneSurrogate = (text: string): boolean => !text.isWellFormed();

interface Split {
  readonly source: string;
  readonly parts: readonly Rendered[];
  readonly max: number;
}

const PROPERTIES: readonly (readonly [RegExp, (split: Split) => void])[] = [
  [/single.chunk/, ({ parts }) => expect(parts).toHaveLength(1)],
  [/multiple.chunks/, ({ parts }) => expect(parts.length).toBeGreaterThan(1)],
  [/identical|unchanged/, ({ parts, source }) => expect(parts[0]?.text).toBe(source)],
  [/no.marker/, ({ parts }) => expect(parts.some(({ text }) => MARKER.test(text))).toBe(false)],
  [
    /^(?!no).*(marker|\(i\/n\)|numbered|indicator)/,
    ({ parts }) =>
      expect(parts.map(({ text }) => MARKER.exec(text)?.slice(1).join("/"))).toEqual(
        parts.map((_, index) => `${index + 1}/${parts.length}`),
      ),
  ],
  [/balanced/, ({ parts }) => expect(parts.filter((part) => !codeIsMarked(part))).toEqual([])],
  [
    /reopen|language/,
    ({ parts }) => {
      const continued = parts.slice(1).filter(({ text }) => text.startsWith("x"));
      expect(continued.length).toBeGreaterThan(0);
      for (const { entities } of continued)
        expect(entities).toContainEqual(
          expect.objectContaining({ type: "pre", language: "python", offset: 0 }),
        );
    },
  ],
  [
    /<= ?(max|\d)|within|under/,
    ({ parts, max }) => expect(Math.max(...parts.map(({ text }) => text.length))).toBeLessThanOrEqual(max),
  ],
  [/surrogate/, ({ parts }) => expect(parts.filter(({ text }) => hasLoneSurrogate(text))).toEqual([])],
  [
    /kept in order|preserved|all content/,
    ({ parts, source }) =>
      expect(parts.flatMap(({ text }) => words(withoutMarker(text)))).toEqual(words(source)),
  ],
];

/** Where we differ on purpose, by case id. None of the cases needs it so far. */
const DEVIATIONS: Readonly<Record<string, string>> = {};

const run = cases.filter(({ id }) => !(id in DEVIATIONS));

describe("Hermes' splitting cases", () => {
  it.each(run.filter(({ build }) => build))(
    "$id keeps $properties",
    ({ build = {}, max_length: max = 4096, properties = [] }) => {
      const source = built(build);
      const parts = splitRendered(renderEntities(parseMarkdown(source)), max);
      for (const property of properties) {
        const checks = PROPERTIES.filter(([pattern]) => pattern.test(property));
        expect(checks, `no check for "${property}"`).not.toHaveLength(0);
        for (const [, check] of checks) check({ source, parts, max });
      }
    },
  );

  it.each(run.filter(({ fn }) => fn === "utf16_len"))(
    "$id $input counts as $expected UTF-16 units",
    (vector) => {
      expect(compose(vector.input ?? "").reduce((sum, { text }) => sum + text.length, 0)).toBe(
        vector.expected,
      );
    },
  );

  it("knows every kind of case", () => {
    expect(cases.filter(({ build, fn }) => !build && fn !== "utf16_len")).toEqual([]);
  });
});
