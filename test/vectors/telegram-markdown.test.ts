// Hermes' cases for Markdown in Telegram. They were recorded as MarkdownV2; here the same meaning is asserted on our form:
// the text a reader sees, and what of it is bold, code, quote or link. Where a case lists `must_contain`, that is the bar.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compose, simplify } from "../../src/adapters/telegram/compose.ts";
import { escapeMarkdown } from "../../src/adapters/telegram/rich.ts";
import type { Part } from "../../src/ports.ts";
import { type Meaning, readMarkdownV2, type Span } from "./markdown-v2.ts";

interface Case {
  readonly id: string;
  readonly fn: string;
  readonly input: string | null;
  readonly upstream_output: string | null;
  readonly must_contain?: readonly string[];
  readonly must_not_contain?: readonly string[];
}

const folder = process.env["VECTORS"] ?? join(import.meta.dirname);
const { cases } = JSON.parse(readFileSync(join(folder, "telegram_markdown.json"), "utf8")) as {
  cases: readonly Case[];
};

/** Where we differ on purpose, by case id. None of the cases needs it so far. */
const DEVIATIONS: Readonly<Record<string, string>> = {};

/** As a client without rich messages shows it: the form these cases are about. */
const withEntities = (part: Part): readonly Part[] => (part.form === "rich" ? simplify(part) : [part]);

function meaningOf(markdown: string): Meaning {
  const parts = compose(markdown).flatMap(withEntities);
  const spans = parts.flatMap((part) =>
    (part.entities ?? []).map((entity): Span => {
      const extra = entity.url ?? entity.language;
      const text = part.text.slice(entity.offset, entity.offset + entity.length);
      return { type: entity.type, text, ...(extra ? { extra } : {}) };
    }),
  );
  return { text: parts.map(({ text }) => text).join("\n"), spans };
}

/** Blank lines, the shape of a bullet and the spaces at the edges are layout, not meaning. */
const settled = (text: string): string =>
  text
    .replace(/[ \t]*\n+/g, "\n")
    .replace(/^(\s*)[-*+•] /gm, "$1• ")
    .trim();

const normal = ({ text, spans }: Meaning) => ({
  text: settled(text),
  spans: spans
    .map((span) => JSON.stringify([span.type, settled(span.text), span.extra?.replace(/\/$/, "") ?? ""]))
    .sort(),
});

/** Hermes' table groups are Markdown in which only `**` and fences have a meaning. */
const readGroups = (markdown: string): Meaning => ({
  text: markdown.replace(/^```.*\n?/gm, "").replaceAll("**", ""),
  spans: [
    ...[...markdown.matchAll(/\*\*(.+?)\*\*/g)].map(([, text = ""]) => ({ type: "bold", text })),
    ...[...markdown.matchAll(/^```.*\n([\s\S]*?)\n```/gm)].map(([, text = ""]) => ({ type: "pre", text })),
  ],
});

const holds = (ours: Meaning, needle: Meaning): boolean =>
  settled(ours.text).includes(settled(needle.text)) &&
  needle.spans.every((wanted) =>
    ours.spans.some(({ type, text }) => type === wanted.type && settled(text).includes(settled(wanted.text))),
  );

/** The same as recorded, or, where the case has a bar of its own, at least that. */
function expectMeaning(vector: Case, read: (source: string) => Meaning): void {
  const ours = meaningOf(vector.input ?? "");
  const recorded = read(vector.upstream_output ?? "");
  const isSame = JSON.stringify(normal(ours)) === JSON.stringify(normal(recorded));
  if (isSame || !vector.must_contain) {
    expect(normal(ours)).toEqual(normal(recorded));
    return;
  }
  for (const needle of vector.must_contain)
    expect(holds(ours, read(needle)), `${needle} in ${ours.text}`).toBe(true);
  for (const needle of vector.must_not_contain ?? [])
    expect(holds(ours, read(needle)), `no ${needle} in ${ours.text}`).toBe(false);
}

const CHECKS: Readonly<Record<string, (vector: Case) => void>> = {
  format_message: (vector) => expectMeaning(vector, readMarkdownV2),
  tables_to_bullets: (vector) => expectMeaning(vector, readGroups),
  // Their plain-text fallback: the text as a reader sees it, without marks.
  strip_mdv2: ({ input, upstream_output }) =>
    expect(settled(meaningOf(input ?? "").text)).toBe(settled(upstream_output ?? "")),
  // Their escaping: a text that is to be shown as it is. We escape for rich Markdown, so the way back is what counts.
  escape_mdv2: ({ input }) =>
    expect(meaningOf(escapeMarkdown(input ?? ""))).toEqual({ text: input ?? "", spans: [] }),
};

describe("Hermes' Markdown cases", () => {
  it.each(cases.filter(({ id }) => !(id in DEVIATIONS)))("$id $fn means the same", (vector) => {
    const check = CHECKS[vector.fn];
    expect(check, `no check for ${vector.fn}`).toBeDefined();
    check?.(vector);
  });
});
